"""A source whose new articles alert those who follow them, and many who do."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from storage import subscriptions
from storage.database import Database
from storage.ingest import load
from storage.outbox import AlertRule, Queue, queue
from tests.botapi import BotApi, User

SAID = "We will take every barrel out of the river,"
RIVER = f"“{SAID}” Water Minister Dana Orlik said in Veldhaven."
LAKE = "“The lake comes next,” said Mayor Jonas Brandt."


class Newsroom:
    """Publishes; and counts what waits."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.file = database, folder / "newsroom.jsonl"
        self.articles: list[dict[str, Any]] = [{"id": "first", "title": "Older", "paragraphs": ["Nothing of note."]}]

    async def publishes(self, *paragraphs: str, alert: bool = True, **more: Any) -> None:
        """Puts an article out."""
        number = len(self.articles)
        given = {"id": f"a{number}", "title": f"Report {number}", "source": "Northern Post"}
        self.articles.append(given | {"paragraphs": paragraphs} | more)
        await self.takes_in(alert=alert)

    async def corrects(self, *paragraphs: str) -> None:
        """Changes what the newest article says."""
        self.articles[-1]["paragraphs"] = paragraphs
        await self.takes_in()

    async def takes_in(self, *, alert: bool = True) -> None:
        self.file.write_text("\n".join(map(json.dumps, self.articles)), encoding="utf-8")
        rule = AlertRule(7) if alert else None
        await load(self.database, [str(self.file)], now=dt.datetime.now(dt.UTC), alert=rule)

    async def followers(self, api: BotApi, count: int) -> list[User]:
        """So many people who follow everything."""
        people = [api.user(f"Reader {n}") for n in range(count)]
        async with self.database.writing() as session:
            for one in people:
                one.started = True
                now = dt.datetime.now(dt.UTC)
                await subscriptions.add(session, one.id, 0, one.id, "all", "", language="en", limit=9, now=now)
        return people

    async def waiting(self) -> Queue:
        """What is not delivered yet."""
        async with self.database.reading() as session:
            return await queue(session, dt.datetime.now(dt.UTC))
