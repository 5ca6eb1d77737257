"""Following something, and being told of it: commands, buttons, and the alerts themselves."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage.ingest import load
from storage.outbox import AlertRule
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.fakes import FakeServices

RIVER = "“We will take every barrel out of the river,” Water Minister Dana Orlik said in Veldhaven."
LAKE = "“The lake comes next,” said Mayor Jonas Brandt."


class Newsroom:
    """A source whose articles alert those who follow them."""

    def __init__(self, services: FakeServices, folder: Path) -> None:
        self.services, self.file = services, folder / "newsroom.jsonl"
        self.articles: list[dict[str, Any]] = [{"id": "first", "title": "Older", "paragraphs": ["Nothing of note."]}]

    async def publishes(self, *paragraphs: str, **more: Any) -> None:
        """Puts an article out."""
        number = len(self.articles)
        given = {"id": f"a{number}", "title": f"Report {number}", "source": "Northern Post"}
        self.articles.append(given | {"paragraphs": paragraphs} | more)
        await self.takes_in()

    async def corrects(self, *paragraphs: str) -> None:
        """Changes what the newest article says."""
        self.articles[-1]["paragraphs"] = paragraphs
        await self.takes_in()

    async def takes_in(self, *, alert: bool = True) -> None:
        self.file.write_text("\n".join(map(json.dumps, self.articles)), encoding="utf-8")
        rule = AlertRule(7) if alert else None
        await load(self.services.database, [str(self.file)], now=dt.datetime.now(dt.UTC), alert=rule)


@pytest.fixture
async def newsroom(services: FakeServices, tmp_path: Path) -> Newsroom:
    room = Newsroom(services, tmp_path)
    await room.takes_in()
    return room


@pytest.fixture
async def bot(api: BotApi, services: FakeServices) -> AsyncIterator[asyncio.Event]:
    async with running(api, services, send_rate_chat_s=100.0, send_rate_s=1000.0) as stop:
        yield stop
    assert not api.refused, f"Telegram refused {[(r.method, r.params, str(r.error)) for r in api.refused]}"


async def test_who_follows_everything_gets_a_new_article_with_its_quote(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    ann = api.user("Ann")
    confirmation = await ann.asks("/subscribe all")
    assert "all new articles" in confirmation.text

    await newsroom.publishes("VELDHAVEN. A report.", RIVER, title="River to be cleaned")
    alert = await ann.reply()

    assert alert.quotes == ["“We will take every barrel out of the river,”"]
    assert "River to be cleaned" in alert.text
