"""A source whose new articles alert those who follow them, many who do, and what came to them."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from storage.database import Database
from storage.ingest import load
from storage.models import SubscriptionRow
from storage.outbox import AlertRule, Queue, queue
from tests.botapi import BotApi, User

SAID = "We will take every barrel out of the river,"
RIVER = f"“{SAID}” Water Minister Dana Orlik said in Veldhaven."
LAKE = "“The lake comes next,” said Mayor Jonas Brandt."
FAST: dict[str, Any] = {"send_rate_s": 1000.0, "send_rate_chat_s": 100.0, "send_rate_group_min": 999.0}


class Newsroom:
    """Publishes; and counts what waits."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.file = database, folder / "newsroom.jsonl"
        self.articles: list[dict[str, Any]] = [{"id": "first", "title": "Older", "paragraphs": ["Nothing of note."]}]

    async def publishes(self, *paragraphs: str, alert: bool = True, **more: Any) -> None:
        """Puts an article out."""
        self.writes(*paragraphs, **more)
        await self.takes_in(alert=alert)

    def writes(self, *paragraphs: str, **more: Any) -> None:
        """Has an article ready for who looks at the source."""
        number = len(self.articles)
        given = {"id": f"a{number}", "title": f"Report {number}", "source": "Northern Post"}
        self.articles.append(given | {"paragraphs": paragraphs} | more)
        self._write()

    async def corrects(self, *paragraphs: str) -> None:
        """Changes what the newest article says."""
        self.articles[-1]["paragraphs"] = paragraphs
        await self.takes_in()

    def _write(self) -> None:
        self.file.write_text("\n".join(map(json.dumps, self.articles)), encoding="utf-8")

    async def takes_in(self, *, alert: bool = True) -> None:
        self._write()
        rule = AlertRule(7) if alert else None
        await load(self.database, [str(self.file)], now=dt.datetime.now(dt.UTC), alert=rule)

    async def followers(self, api: BotApi, count: int) -> list[User]:
        """So many people who follow everything."""
        people = [api.user(f"Reader {n}") for n in range(count)]
        same: dict[str, Any] = {"topic": 0, "follows": "all", "text": "", "language": "en", "daily": False}
        same |= {"after_article": len(self.articles), "created_at": dt.datetime.now(dt.UTC)}
        for one in people:
            one.started = True
        async with self.database.writing() as session:
            rows = [same | {"chat_id": one.id, "user_id": one.id} for one in people]
            await session.execute(insert(SubscriptionRow), rows)
        return people

    async def waiting(self) -> Queue:
        """What is not delivered yet."""
        async with self.database.reading() as session:
            return await queue(session, dt.datetime.now(dt.UTC))

    async def delivered(self, timeout_s: float = 20) -> None:
        """Waits until nothing waits any more."""
        async with asyncio.timeout(timeout_s):
            while (await self.waiting()).pending:  # noqa: ASYNC110 - the database signals nothing
                await asyncio.sleep(0.05)


def audit(api: BotApi, people: list[User], text: str = "Because you follow") -> tuple[int, int]:
    """(how many got nothing, how many copies there are too many)."""
    copies = {person.id: 0 for person in people}
    for (chat_id, _), times in api.copies(text).items():
        copies[chat_id] += times
    return sum(not times for times in copies.values()), sum(max(0, times - 1) for times in copies.values())
