"""Delivery when the machine goes wrong: killed, stopped, locked out, with a full disk; and other processes beside."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import database as database_module
from storage.database import Database
from tests.bot.conftest import running
from tests.bot.newsroom import FAST, LAKE, RIVER, Newsroom, audit
from tests.bot.processes import ROOT, process
from tests.botapi import BotApi, Fault
from tests.fakes import FakeServices, quote

# Makes the deliveries of an alert in pages of ten, and is killed when it is to store the page of this number.
KILLED = """
import asyncio, datetime as dt, os, signal, sys
from bot import fanout
from retrieval.analysis import Analyzer
from storage import outbox
from storage.database import Database
store, left = outbox.fan_out, int(sys.argv[2])
async def store_or_die(*args, **more):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    await store(*args, **more)
outbox.fan_out, fanout._PAGE = store_or_die, 10
async def main():
    async with Database(sys.argv[1]) as database:
        await fanout.FanOut(database, Analyzer()).next(dt.datetime.now(dt.UTC))
asyncio.run(main())
"""
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
connection.execute("BEGIN IMMEDIATE")
time.sleep(float(sys.argv[2]))
"""


async def python(code: str, *arguments: str) -> int:
    """Runs it as a process of its own, and gives how that ended."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *arguments, env=environment)
    return await started.wait()


def settings(folder: Path, rate_s: int) -> dict[str, str]:
    """Of a process on the database in the folder, sending at this rate."""
    return {
        "DATABASE_URL": f"sqlite:///{folder}/quotewire.db", "SOURCES": "", "SEND_RATE_S": str(rate_s),
        "SEND_RATE_CHAT_S": "100",
    }  # fmt: skip


async def test_a_second_bot_on_the_database_waits_says_so_and_takes_over(
    api: BotApi, services: FakeServices, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    people = await newsroom.followers(api, 30)
    other = FakeServices(services.database)
    second = running(api, other, **FAST)
    starting: asyncio.Task[Any] | None = None
    async with running(api, services, **FAST):
        starting = asyncio.create_task(second.__aenter__())
        await newsroom.publishes(RIVER)
        await newsroom.delivered()
        assert sum("waiting until it ends" in record.getMessage() for record in caplog.records) == 1
    polls = api.polls
    await starting
    await api.until(lambda: api.polls > polls)
    await newsroom.publishes(LAKE)
    await newsroom.delivered()
    await second.__aexit__(None, None, None)

    assert audit(api, people, "barrel") == audit(api, people, "lake") == (0, 0)


@pytest.mark.parametrize("pages", [0, 1, 2])
async def test_killed_before_or_between_the_pages_of_a_fan_out_it_goes_on_after_the_last_that_was_stored(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path, pages: int
) -> None:
    people = await newsroom.followers(api, 25)
    await newsroom.publishes(RIVER)
    assert await python(KILLED, f"sqlite:///{tmp_path}/quotewire.db", str(pages)) == -signal.SIGKILL
    assert (await newsroom.waiting()).due == 10 * pages
    async with running(api, services, **FAST):
        await newsroom.delivered()

    assert audit(api, people) == (0, 0)


async def test_an_order_to_stop_lets_what_is_in_flight_arrive_and_leaves_the_rest_for_the_next_start(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path
) -> None:
    people = await newsroom.followers(api, 150)
    await newsroom.publishes(RIVER)
    api.faults.append(Fault("sendMessage", delay_s=0.2, carried_out=True, times=100_000))
    async with process(tmp_path, api, **settings(tmp_path, 150)) as bot:
        await api.until(lambda: len(api.calls("sendMessage")) >= 40, timeout_s=60)
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await bot.wait() == 0
    stopped_at = len(api.calls("sendMessage"))
    assert (await newsroom.waiting()).states.get("sending", 0) == 0
    api.faults.clear()
    async with running(api, services, **FAST):
        await newsroom.delivered()

    assert stopped_at < 150
    assert audit(api, people) == (0, 0)


@pytest.fixture
def briefly_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "LOCK_WAIT_S", 1)


async def test_a_database_held_by_another_process_makes_alerts_wait_not_get_lost(
    api: BotApi, services: FakeServices, newsroom: Newsroom, briefly_locked: None, caplog: pytest.LogCaptureFixture
) -> None:
    people = await newsroom.followers(api, 100)
    async with Database(str(services.database._url)) as patient:
        services.database = patient  # opened with the short wait
        async with running(api, services, **FAST):
            await newsroom.publishes(RIVER)
            await api.until(lambda: len(api.copies("Because")) >= 20)
            assert await python(HOLDER, str(patient.file), "2.5") == 0  # longer than we wait for it
            await newsroom.delivered()

    assert any("held by another process" in record.getMessage() for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
    assert audit(api, people) == (0, 0)


@pytest.fixture
def disk() -> Iterator[Any]:
    """Files may grow no further than `full(size)` says."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def full(size: int | None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size is None else size, before[1]))

    yield full
    full(None)


async def test_a_full_disk_makes_alerts_wait_and_the_bot_goes_on_answering(
    api: BotApi, services: FakeServices, newsroom: Newsroom, disk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    services.answers("harbour", quote("The harbour is open"))
    people, guest = await newsroom.followers(api, 100), api.user("Guest")
    async with running(api, services, **FAST):
        await newsroom.publishes(RIVER)
        await api.until(lambda: len(api.copies("Because")) >= 20)
        disk(4096)
        await asyncio.sleep(1.0)
        assert "The harbour is open" in (await guest.asks("What of the harbour?")).text
        disk(None)
        await newsroom.delivered(40)

    assert any("alerts wait" in record.getMessage() for record in caplog.records)
    assert audit(api, people) == (0, 0)


async def test_killed_ten_times_in_the_middle_it_loses_nothing(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path
) -> None:
    kills, moments = 10, random.Random(1)  # noqa: S311
    people = await newsroom.followers(api, 1000)
    await newsroom.publishes(RIVER)
    for _ in range(kills):
        api.requests.clear()
        async with process(tmp_path, api, **settings(tmp_path, 150)) as bot:
            await api.until(lambda: api.calls("sendMessage"), timeout_s=60)
            await asyncio.sleep(moments.random() / 5)
            bot.kill()
            await bot.wait()
    async with process(tmp_path, api, **settings(tmp_path, 150)) as bot:
        await newsroom.delivered(60)
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await bot.wait() == 0

    missing, twice = audit(api, people)
    assert missing == 0
    assert twice <= kills * 2 * 32  # in flight, and not settled yet
    assert max(api.copies("Because").values()) <= 2


async def test_thousands_of_followers_cost_no_memory_each(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path
) -> None:
    def memory_mb(name: str) -> float:
        status = Path(f"/proc/{bot.pid}/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) / 1024

    people = await newsroom.followers(api, 2000)
    await newsroom.publishes(RIVER)
    async with process(tmp_path, api, **settings(tmp_path, 2500)) as bot:
        await api.until(lambda: len(api.requests) >= 300, timeout_s=60)
        early_mb = memory_mb("VmRSS")
        await newsroom.delivered(120)
        grown_mb, most_mb = memory_mb("VmRSS") - early_mb, memory_mb("VmHWM")

    assert audit(api, people) == (0, 0)
    assert grown_mb < 10
    assert most_mb < 300


async def test_what_another_process_loads_is_told_by_the_bot_when_it_is_asked_to(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path
) -> None:
    (ann,) = await newsroom.followers(api, 1)
    for name, text in (("quiet", LAKE), ("loud", RIVER)):
        (tmp_path / f"{name}.txt").write_text(f"VELDHAVEN. A report of the day.\n\n{text}\n", encoding="utf-8")
    async with process(tmp_path, api, **settings(tmp_path, 150)):
        await api.until(lambda: api.polls, timeout_s=60)
        for command in (("load", "quiet.txt"), ("load", "loud.txt", "--alert")):
            async with process(tmp_path, api, *command, **settings(tmp_path, 150)) as load:
                assert await load.wait() == 0
        assert "barrel" in (await ann.reply()).text

    assert not ann.unread()
