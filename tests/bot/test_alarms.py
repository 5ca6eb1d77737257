"""Errors reach the operators: a message for each kind, not for each error, without what readers wrote."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot import alarms
from bot.alarms import Alarms
from storage.exceptions import DatabaseError
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.fakes import FakeServices

OPERATED: dict[str, Any] = {"admin_ids": frozenset({77})}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def record(message: str, *args: object, name: str = "bot.errors", error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)


def raised(text: str) -> Exception:
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_one_kind_is_told_once_an_hour_with_a_count() -> None:
    clock = Clock()
    counted = Alarms(clock)
    for number in range(500):
        counted.handle(record("error %s", f"id{number}", error=raised(f"question {number}")))
    counted.handle(record("storage: %s", DatabaseError("the database q failed: database or disk is full")))
    defect, full = counted.due()
    assert defect[1] == 500
    assert full == ("storage: … (DatabaseError: disk is full)", 1)

    counted.handle(record("error %s", "id", error=raised("question")))
    assert counted.due() == []
    clock.now = 3601
    assert [count for _, count in counted.due()] == [1]
    clock.now = 9999
    assert counted.due() == []


def test_what_readers_wrote_is_not_told_but_where_it_broke_is() -> None:
    counted = Alarms(Clock())
    counted.handle(record("error %s of %d", "abc", 5, error=raised("my secret question")))
    counted.handle(record("Task failed: my secret question", name="asyncio", error=raised("my secret question")))
    counted.handle(record("source %s: %s", "off", "https://example.org", name="bot.jobs"))

    told = [words for words, _ in counted.due()]
    assert not any("secret" in words for words in told)
    assert told[0].startswith("error … of … (ValueError at tests/bot/test_alarms.py:")
    assert told[1].startswith("asyncio (ValueError at tests/bot/test_alarms.py:")
    assert told[2] == "source off: https://example.org"


def test_a_flood_of_kinds_does_not_fill_the_memory() -> None:
    counted = Alarms(Clock())
    for number in range(10_000):
        counted.handle(record(f"number {number}"))

    assert len(counted.due()) < 1000


async def test_the_operators_are_told_in_their_chat(
    api: BotApi, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "_LOOK_S", 0.02)
    admin, ann = api.user("Admin", id=77), api.user("Ann")
    async with running(api, services, **OPERATED):
        await admin.asks("/start")
        services.failure = RuntimeError(f"a bug with my private question and {api.token}")
        for _ in range(3):
            await ann.asks("my private question")
        told = await admin.reply()
        services.failure = None
        await ann.asks("river")

    assert "RuntimeError at tests/fakes.py" in told.text
    assert "private" not in told.text
    assert api.token not in told.text
    assert len(admin.unread()) == 0
