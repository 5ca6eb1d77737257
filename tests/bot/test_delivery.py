"""Delivery when things go wrong: what a failure matrix would ask of a bot that loses nothing and repeats nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import resource
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot import delivery, fanout, verdicts
from bot.fanout import FanOut
from retrieval.analysis import Analyzer
from storage import chatstates, outbox, subscriptions
from storage import database as database_module
from storage import lock as lock_module
from storage.database import Database
from tests.bot.conftest import running
from tests.bot.newsroom import LAKE, RIVER, Newsroom
from tests.botapi import BotApi, Fault, User
from tests.botapi.errors import bad_gateway, too_many
from tests.fakes import FakeServices

ROOT = Path(__file__).parents[2]
FAST: dict[str, Any] = {"send_rate_s": 1000.0, "send_rate_chat_s": 100.0, "send_rate_group_min": 999.0}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_IDLE_S", 0.05)
    monkeypatch.setattr(delivery, "_GATHER_S", 0.005)
    monkeypatch.setattr(verdicts, "_FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(lock_module, "_RETRY_S", 0.05)


@pytest.fixture
async def newsroom(services: FakeServices, tmp_path: Path) -> Newsroom:
    room = Newsroom(services.database, tmp_path)
    await room.takes_in()
    return room


async def delivered(newsroom: Newsroom, timeout_s: float = 20) -> None:
    """Waits until nothing waits any more."""
    async with asyncio.timeout(timeout_s):
        while (await newsroom.waiting()).pending:  # noqa: ASYNC110 - the database signals nothing
            await asyncio.sleep(0.05)


async def unreachable(services: FakeServices, *chats: int) -> None:
    """Waits until these, and no others, are the chats that cannot be reached."""
    async with asyncio.timeout(5):
        while True:
            async with services.database.reading() as session:
                if await chatstates.unreachable(session) == set(chats):
                    return
            await asyncio.sleep(0.02)


def audit(api: BotApi, people: list[User], text: str = "Because you follow") -> tuple[int, int]:
    """(how many got nothing, how many copies there are too many)."""
    copies = {person.id: 0 for person in people}
    for (chat_id, _), times in api.copies(text).items():
        copies[chat_id] += times
    return sum(not times for times in copies.values()), sum(max(0, times - 1) for times in copies.values())


def sends(api: BotApi, chat_id: int) -> int:
    """Calls that would have sent the chat an alert."""
    return sum(
        r.params.get("chat_id") == str(chat_id) and "Because" in r.params["text"] for r in api.calls("sendMessage")
    )


async def test_everybody_gets_it_once(api: BotApi, services: FakeServices, newsroom: Newsroom) -> None:
    people = await newsroom.followers(api, 120)
    await newsroom.publishes(RIVER)
    async with running(api, services, **FAST):
        await delivered(newsroom)

    assert audit(api, people) == (0, 0)
    assert not api.refused


@pytest.mark.parametrize(
    ("fault", "copies"),
    [
        (Fault(status=500, description="Internal Server Error"), 0),
        (Fault(status=502, description="Bad Gateway"), 0),
        (bad_gateway(), 0),
        (Fault(body='{"ok": tru'), 0),
        (Fault(reset=True), 0),
        (Fault(delay_s=0.4), 20),  # carried out later than we wait
        (Fault(reset=True, carried_out=True), 20),
        (Fault(delay_s=0.4, carried_out=True), 20),
        (too_many(1), 0),
    ],
    ids=["500", "502", "html", "json", "reset", "timeout", "reset after", "timeout after", "429"],
)
async def test_twenty_bad_answers_lose_nothing_and_only_those_carried_out_may_come_twice(
    api: BotApi, services: FakeServices, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, fault: Fault, copies: int
) -> None:
    monkeypatch.setattr(delivery, "_READ_S", 0.2)
    people = await newsroom.followers(api, 60)
    await newsroom.publishes(RIVER)
    fault.method, fault.times = "sendMessage", 20
    api.faults.append(fault)
    async with running(api, services, **FAST):
        await delivered(newsroom)
        dead = (await newsroom.waiting()).dead

    missing, twice = audit(api, people)
    assert (missing, dead) == (0, 0)
    assert twice <= copies
    assert max(api.copies("Because").values()) <= 2


async def test_tries_are_further_and_further_apart(api: BotApi, services: FakeServices, newsroom: Newsroom) -> None:
    (ann,) = await newsroom.followers(api, 1)
    await newsroom.publishes(RIVER)
    api.faults.append(bad_gateway(method="sendMessage", times=5))
    async with running(api, services, **FAST):
        await delivered(newsroom)

    times = [request.at for request in api.calls("sendMessage")]
    gaps = [after - before for before, after in pairwise(times)]
    assert len(gaps) == 5
    assert all(gap >= 0.05 * 2**n for n, gap in enumerate(gaps))
    assert audit(api, [ann]) == (0, 0)


async def test_what_twice_got_no_answer_is_set_aside_and_told_to_the_operators(
    api: BotApi, services: FakeServices, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    (ann,) = await newsroom.followers(api, 1)
    await newsroom.publishes(RIVER)
    api.faults.append(Fault("sendMessage", reset=True, carried_out=True, times=9))
    async with running(api, services, **FAST):
        await delivered(newsroom)

    assert audit(api, [ann]) == (0, 1)
    assert (await newsroom.waiting()).dead == 1
    assert any("set aside" in r.getMessage() and r.levelname == "ERROR" for r in caplog.records)


async def test_a_message_that_telegram_cannot_read_goes_plain_then_aside(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    ann, bob = await newsroom.followers(api, 2)
    await newsroom.publishes(RIVER)
    broken = {"status": 400, "description": "Bad Request: can't parse entities: unsupported start tag"}
    api.faults += [Fault("sendMessage", ann.id, 1, **broken), Fault("sendMessage", bob.id, 2, **broken)]
    async with running(api, services, **FAST):
        await delivered(newsroom)

    plain = await ann.reply()
    assert "barrel out of the river" in plain.text
    assert not plain.quotes
    assert not bob.unread()
    assert (await newsroom.waiting()).dead == 1


async def test_nothing_is_sent_while_telegram_bans_the_bot_and_buttons_still_work(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    people = await newsroom.followers(api, 80)
    loop = asyncio.get_running_loop()
    async with running(api, services, **FAST):
        listed = await people[0].asks("/subscriptions")
        api.banned_until = loop.time() + 2.5
        await newsroom.publishes(RIVER)
        await api.until(lambda: len([r for r in api.calls("sendMessage") if r.fault]) >= 2)
        await people[0].presses(listed, "1")  # answers that are no messages go on
        within = [r for r in api.calls("sendMessage") if r.fault]
        await delivered(newsroom)

    assert len(within) <= 33  # what was in flight, and one that tried
    refused = [r for r in api.calls("sendMessage") if r.fault]
    assert len(refused) <= 34
    assert audit(api, people) == (0, 0)


async def test_a_chat_banned_for_an_hour_holds_up_nobody_and_survives_a_restart(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    people = await newsroom.followers(api, 20)
    api.faults.append(too_many(3600, method="sendMessage", chat_id=people[3].id, times=99))
    await newsroom.publishes(RIVER)
    for _ in range(2):
        async with running(api, services, **FAST):
            await api.until(lambda: len(api.copies("Because")) == 19 and sends(api, people[3].id))
            await asyncio.sleep(0.3)
            assert "follow" in (await people[5].asks("/subscriptions")).text

    assert sends(api, people[3].id) == 1
    assert audit(api, people) == (1, 0)


async def test_who_blocks_the_bot_is_left_alone_until_a_sign_of_life(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    ann, bob, carl, dora = people = await newsroom.followers(api, 4)
    ann.blocked = bob.blocked = True  # unknown to the bot
    carl.started = False
    async with running(api, services, **FAST):
        await newsroom.publishes(RIVER)
        await newsroom.publishes(LAKE)
        await delivered(newsroom)
        assert [sends(api, person.id) <= 2 for person in people] == [True] * 4  # one more may be on its way

        ann.returns()
        bob.says("/start")
        await bob.reply()
        dora.blocks()
        await unreachable(services, carl.id, dora.id)
        await newsroom.publishes("The third of the day.")
        await delivered(newsroom)

    assert "third" in (await ann.reply()).text
    assert "third" in (await bob.reply()).text
    assert not ann.unread() + bob.unread()
    assert sends(api, dora.id) == 2


@pytest.mark.parametrize("told", [True, False], ids=["by message", "by error"])
async def test_a_group_that_becomes_a_supergroup_gets_one_copy_there(
    api: BotApi, services: FakeServices, newsroom: Newsroom, told: bool
) -> None:
    ann, group = api.user("Ann"), api.group("Anglers")
    async with running(api, services, **FAST):
        ann.says("/subscribe all", to=group)
        await group.reply()
        new = group.becomes_supergroup(tell=told)
        await newsroom.publishes(RIVER)
        assert "barrel" in (await new.reply()).text
        await newsroom.publishes(LAKE)
        assert "lake" in (await new.reply()).text
        await delivered(newsroom)

    assert not new.unread()
    async with services.database.reading() as session:
        assert len(await subscriptions.of_chat(session, new.id)) == 1
        assert not await subscriptions.of_chat(session, group.id)


@pytest.mark.parametrize("trouble", ["kicked", "kicked unsaid", "muted", "topic closed", "unknown chat"])
async def test_where_it_may_not_write_it_does_not_try_again_and_again(
    api: BotApi, services: FakeServices, newsroom: Newsroom, trouble: str
) -> None:
    ann, forum = api.user("Ann"), api.group("Anglers", forum=True)
    forum.administrators.add(ann.id)
    async with running(api, services, **FAST):
        await ann.asks("/start")
        ann.says("/subscribe all", to=forum, topic=7)
        await forum.reply()
        match trouble:
            case "kicked" | "kicked unsaid":
                forum.removes_bot(tell=trouble == "kicked")
            case "muted":
                forum.muted = True
            case "topic closed":
                forum.closed_topics.add(7)
            case _:
                del api.groups[forum.id]
        for text in (RIVER, LAKE, "The third of the day."):
            await newsroom.publishes(text)
        await asyncio.sleep(0.5)

        assert sends(api, forum.id) <= 3
        if trouble == "topic closed":
            assert "closed topic of “Anglers”" in (await ann.reply()).text
            await asyncio.sleep(0.2)
            assert not ann.unread()  # once
        if trouble.startswith("kicked"):
            forum.takes_bot_back()
            await unreachable(services)
            await newsroom.publishes("The fourth of the day.")
            assert "fourth" in (await forum.reply()).text


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
        await delivered(newsroom)
        assert sum("waiting until it ends" in record.getMessage() for record in caplog.records) == 1
    polls = api.polls
    await starting
    await api.until(lambda: api.polls > polls)
    await newsroom.publishes(LAKE)
    await delivered(newsroom)
    await second.__aexit__(None, None, None)

    assert audit(api, people, "barrel") == audit(api, people, "lake") == (0, 0)


async def test_fan_out_goes_on_after_the_last_page_that_was_made(
    api: BotApi, services: FakeServices, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await newsroom.followers(api, 25)
    await newsroom.publishes(RIVER)
    monkeypatch.setattr(fanout, "_PAGE", 10)
    real, pages = outbox.fan_out, []

    async def dies_after_a_page(*args: Any, **more: Any) -> None:
        if len(pages) == 1:
            raise KeyboardInterrupt
        pages.append(args[2])
        await real(*args, **more)

    monkeypatch.setattr(outbox, "fan_out", dies_after_a_page)
    with pytest.raises(KeyboardInterrupt):
        await FanOut(services.database, Analyzer()).next(dt.datetime.now(dt.UTC))
    monkeypatch.setattr(outbox, "fan_out", real)
    assert (await newsroom.waiting()).due == 10
    async with running(api, services, **FAST):
        await delivered(newsroom)

    assert audit(api, people) == (0, 0)


async def test_an_order_to_stop_lets_what_is_in_flight_arrive_and_leaves_the_rest_for_the_next_start(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    people = await newsroom.followers(api, 150)
    await newsroom.publishes(RIVER)
    api.faults.append(Fault("sendMessage", delay_s=0.2, carried_out=True, times=100_000))
    async with running(api, services, **FAST) as stop:
        await api.until(lambda: len(api.copies("Because")) >= 40)
        stop.set()
    stopped_at = len(api.copies("Because"))
    assert (await newsroom.waiting()).states.get("sending", 0) == 0
    api.faults.clear()
    async with running(api, services, **FAST):
        await delivered(newsroom)

    assert stopped_at < 150
    assert audit(api, people) == (0, 0)


@pytest.mark.parametrize("hours", [-1, 24])
async def test_a_clock_that_is_set_loses_nothing_and_repeats_nothing(
    api: BotApi, services: FakeServices, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    shift = dt.timedelta()
    monkeypatch.setattr(delivery, "_now", lambda: dt.datetime.now(dt.UTC) + shift)
    people = await newsroom.followers(api, 60)
    async with running(api, services, **FAST):
        await newsroom.publishes(RIVER)
        await api.until(lambda: len(api.copies("Because")) >= 10)
        shift = dt.timedelta(hours=hours)  # what waits was due by the old clock
        await delivered(newsroom)

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
            holder = await asyncio.to_thread(_hold, Path(str(patient.file)))
            await asyncio.sleep(2.5)
            holder.close()
            await delivered(newsroom)

    assert any("held by another process" in record.getMessage() for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
    assert audit(api, people) == (0, 0)


def _hold(file: Path) -> sqlite3.Connection:
    """Begins a transaction that lasts until it is closed."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=20)
    connection.execute("BEGIN IMMEDIATE")
    return connection


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
    people = await newsroom.followers(api, 100)
    async with running(api, services, **FAST):
        await newsroom.publishes(RIVER)
        await api.until(lambda: len(api.copies("Because")) >= 20)
        disk(4096)
        await asyncio.sleep(1.0)
        assert "barrel" not in (await people[1].asks("/help")).text
        disk(None)
        await delivered(newsroom, 40)

    assert any("alerts wait" in record.getMessage() for record in caplog.records)
    assert audit(api, people) == (0, 0)


@asynccontextmanager
async def process(folder: Path, api: BotApi, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as an operator runs it, or another command, on the database in the folder."""
    environment = {
        "TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "PYTHONPATH": str(ROOT), "SOURCES": "",
        "DATABASE_URL": f"sqlite:///{folder}/quotewire.db", "SEND_RATE_S": "150", "INDEX_DIR": f"{folder}/index",
    }  # fmt: skip
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *(command or ["run"]),
        cwd=folder,
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_killed_in_the_middle_again_and_again_it_loses_nothing(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path
) -> None:
    people = await newsroom.followers(api, 360)
    await newsroom.publishes(RIVER)
    for kills in (1, 2):
        async with process(tmp_path, api) as bot:
            await api.until(lambda k=kills: len(api.copies("Because")) >= 80 * k, timeout_s=60)  # type: ignore[misc]
            bot.kill()
            await bot.wait()
    async with process(tmp_path, api) as bot:
        await delivered(newsroom, 60)
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await bot.wait() == 0

    missing, twice = audit(api, people)
    assert missing == 0
    assert twice <= 2 * 2 * 32
    assert max(api.copies("Because").values()) <= 2


async def test_what_another_process_loads_is_told_by_the_bot_when_it_is_asked_to(
    api: BotApi, services: FakeServices, newsroom: Newsroom, tmp_path: Path
) -> None:
    (ann,) = await newsroom.followers(api, 1)
    for name, text in (("quiet", LAKE), ("loud", RIVER)):
        (tmp_path / f"{name}.txt").write_text(f"VELDHAVEN. A report of the day.\n\n{text}\n", encoding="utf-8")
    async with process(tmp_path, api):
        await api.until(lambda: api.polls, timeout_s=60)
        for command in (("load", "quiet.txt"), ("load", "loud.txt", "--alert")):
            async with process(tmp_path, api, *command) as load:
                assert await load.wait() == 0
        assert "barrel" in (await ann.reply()).text

    assert not ann.unread()
