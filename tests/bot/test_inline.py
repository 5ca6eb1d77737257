"""Inline mode: quotes to send in any chat."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.handlers import inline
from bot.links import read_question
from retrieval.types import Article
from tests.bot.archive import fill, quoted
from tests.botapi import BotApi
from tests.fakes import FakeServices


@pytest.fixture
async def articles(services: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Article]:
    monkeypatch.setattr(inline, "_TYPING_S", 0.05)
    return await fill(services, tmp_path)


async def test_each_result_is_a_ready_card(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.answers("river", *(quoted(article) for article in articles))
    ann = api.user("Ann")
    answer = await ann.asks_inline("what about the river?")
    first = answer.results[0]
    ((button,),) = first["reply_markup"]["inline_keyboard"]
    assert button["url"].startswith("https://t.me/quotewire_bot?start=")
    around = await ann.asks(f"/start {button['url'].partition('=')[2]}")

    assert len(answer.results) == 8
    assert around.marked("bold")[0] == first["title"]
    assert first["title"] == "We took 1 hundred barrels out of the river,"
    assert first["description"] == "Dana Orlik · 10 January 2024"
    assert "“We took 1 hundred barrels out of the river,”" in first["_text"]
    assert "River report 1" in first["_text"]
    assert answer.button
    assert read_question(answer.button["start_parameter"]) == "what about the river?"


async def test_an_empty_query_pages_through_the_latest_quotes(
    api: BotApi, articles: list[Article], monkeypatch: pytest.MonkeyPatch, bot: asyncio.Event
) -> None:
    monkeypatch.setattr(inline, "_LATEST_PAGE", 5)
    ann = api.user("Ann")
    first = await ann.asks_inline("")
    second = await ann.asks_inline("", first.next_offset)
    for odd in ("x", "-1", "9" * 64):
        await ann.asks_inline("", odd)

    assert len(first.results) == 5
    assert len(second.results) == 3
    assert second.next_offset == ""


@pytest.mark.parametrize("query", ["x" * 256, "😀", "<b>&", "\u202e\x00", "ю" * 256])
async def test_odd_queries_get_valid_results(
    api: BotApi, articles: list[Article], query: str, bot: asyncio.Event
) -> None:
    answer = await api.user("Ann").asks_inline(query)

    assert len(answer.results) <= 50


async def test_of_quick_typing_only_the_last_is_searched_for(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    for length in range(1, 20):
        ann.types_inline("what about the river"[:length])
    await ann.asks_inline("what about the river")

    assert services.questions == ["what about the river"]


async def test_what_was_asked_before_is_searched_for_again_only_when_the_articles_changed(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.answers("river", quoted(articles[0]))
    first = await api.user("Ann").asks_inline("river")
    again = await api.user("Bob").asks_inline("river")
    assert services.questions == ["river"]
    await services.load()
    await api.user("Cy").asks_inline("river")
    await api.user("Dora", language="ru").asks_inline("river")

    assert again.results == first.results
    assert services.questions == ["river"] * 3
