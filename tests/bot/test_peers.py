"""Several processes, one bot: three answer behind one webhook, one leads, and another takes over when it is killed."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from bot.settings import Secret
from bot.web import SECRET_HEADER
from storage import chatstates, lock
from storage.database import Database
from tests.bot.conftest import running
from tests.bot.newsroom import LAKE, RIVER, SAID, Newsroom, audit
from tests.bot.processes import process
from tests.bot.test_web import SECRET, free_port
from tests.botapi import BotApi, BotMessage, Fault, User
from tests.conftest import new_postgresql
from tests.fakes import FakeServices

ADDRESS = "https://bot.example.org/hook"
RATE_S = 40
END_THE_LEADERS_CONNECTION = text(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"  # noqa: S608
    f" AND CAST(classid AS bigint) << 32 | CAST(objid AS bigint) = {lock._KEY}"
)
IN_FLIGHT = 24  # messages at that rate: Courier.in_flight
ADMIN_ID = 77
QUESTION = "Who will take every barrel out of the river?"


class Crew:
    """The processes, and before them a proxy that brings each update to the next one that takes it."""

    def __init__(self, api: BotApi, http: aiohttp.ClientSession) -> None:
        self._api, self._http = api, http
        self.processes: dict[int, asyncio.subprocess.Process] = {}  # by the port of its webhook
        self._health: dict[int, int] = {}
        self.only: int | None = None  # the port that gets everything
        self.taken: Counter[int] = Counter()
        self._turn = 0

    def add(self, port: int, health: int, started: asyncio.subprocess.Process) -> None:
        self.processes[port], self._health[port] = started, health

    async def bring_updates(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                await self._api.until(lambda: self._api.updates, timeout_s=600)
                group.create_task(self._bring(self._api.updates.pop(0)))

    async def _bring(self, update: dict[str, object]) -> None:
        while True:
            ports = [self.only] if self.only else list(self.processes)
            self._turn += 1
            port = ports[self._turn % len(ports)]
            try:
                url, headers = f"http://127.0.0.1:{port}/hook", {SECRET_HEADER: SECRET}
                async with self._http.post(url, headers=headers, json=update) as response:
                    assert response.status == 200
                self.taken[port] += 1
                return
            except aiohttp.ClientError:  # it was killed
                await asyncio.sleep(0.05)

    async def metrics(self, port: int) -> str:
        try:
            async with self._http.get(f"http://127.0.0.1:{self._health[port]}/metrics") as response:
                return await response.text()
        except aiohttp.ClientError:
            return ""

    async def leaders(self) -> list[int]:
        return [port for port in self.processes if "quotewire_leader 1.0" in await self.metrics(port)]

    async def leader(self, timeout_s: float = 10) -> int:
        """Waits until one leads."""
        async with asyncio.timeout(timeout_s):
            while not (found := await self.leaders()):  # noqa: ASYNC110 - it tells when it is asked
                await asyncio.sleep(0.1)
        (one,) = found
        return one

    async def find(self, paragraphs: int) -> None:
        """Waits until each finds so many paragraphs."""
        async with asyncio.timeout(20):
            for port in self.processes:
                found = f"quotewire_index_passages {paragraphs}.0"
                while found not in await self.metrics(port):  # noqa: ASYNC110 - it tells when it is asked
                    await asyncio.sleep(0.1)


@pytest.fixture
async def newsroom(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Newsroom]:
    """A source with an article, on PostgreSQL."""
    async with Database(await new_postgresql(request)) as database:
        await database.upgrade()
        room = Newsroom(database, tmp_path)
        await room.takes_in()
        yield room


@pytest.fixture
async def crew(api: BotApi, newsroom: Newsroom, tmp_path: Path) -> AsyncIterator[Crew]:
    """Three processes that answer."""
    url = newsroom.database._url.render_as_string(hide_password=False)
    async with AsyncExitStack() as stack:
        crew = Crew(api, await stack.enter_async_context(aiohttp.ClientSession()))
        for number in range(3):
            port, health = free_port(), free_port()
            settings = {
                "DATABASE_URL": url, "SOURCES": str(newsroom.file), "INDEX_DIR": f"index{number}",
                "SEND_RATE_S": str(RATE_S), "SEND_RATE_CHAT_S": "20", "ASK_RATE_USER_MIN": "9999",
                "ADMIN_IDS": str(ADMIN_ID),
                "WEBHOOK_URL": ADDRESS, "WEBHOOK_SECRET": SECRET, "WEBHOOK_PORT": str(port), "HEALTH_PORT": str(health),
            }  # fmt: skip
            crew.add(port, health, await stack.enter_async_context(process(tmp_path, api, **settings)))
        await api.until(lambda: len(api.calls("setWebhook")) == 3, what="three webhooks", timeout_s=60)
        await crew.leader()
        bringing = asyncio.create_task(crew.bring_updates())
        yield crew
        bringing.cancel()


async def test_when_the_leader_is_killed_another_takes_over_and_all_hold_the_pace_together(
    api: BotApi, newsroom: Newsroom, crew: Crew
) -> None:
    people = await newsroom.followers(api, 240)
    await newsroom.publishes(RIVER, alert=False)
    await crew.find(2)
    askers = [api.user(f"Asker {n}") for n in range(8)]
    asked = 0

    async def ask(asker: User) -> None:
        nonlocal asked
        while True:
            reply = await asker.asks(QUESTION)
            assert SAID in reply.quotes[0]
            asked += 1
            await asyncio.sleep(0.25)

    asking = [asyncio.create_task(ask(asker)) for asker in askers]
    await newsroom.publishes(LAKE)
    await api.until(lambda: len(api.copies("Because")) >= 80, timeout_s=60)
    killed = await crew.leader()
    crew.processes.pop(killed).kill()
    told = len(api.copies("Because"))
    successor = await crew.leader(timeout_s=10)
    await api.until(lambda: len(api.copies("Because")) > told, what="alerts of the successor", timeout_s=10)
    await newsroom.delivered(120)
    done = [task for task in asking if task.done()]
    for task in asking:
        task.cancel()

    missing, twice = audit(api, people)
    assert (missing, successor != killed) == (0, True)
    assert twice <= 2 * IN_FLIGHT
    assert max(api.copies("Because").values()) <= 2
    assert not done  # each was answered, whoever was asked
    assert asked >= 3 * len(askers)
    assert min(crew.taken[port] for port in (killed, *crew.processes)) >= 10
    times = [call.at for call in api.calls("sendMessage")]
    assert max(sum(start <= at < start + 5 for at in times) for start in times) <= 1.25 * 5 * RATE_S

    for one in crew.processes.values():
        one.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        for one in crew.processes.values():
            _, log = await one.communicate()
            assert one.returncode == 0, log.decode()
            assert "Traceback" not in log.decode()
    assert api.webhook == ADDRESS
    assert not api.calls("deleteWebhook")


async def test_who_only_loses_the_lock_ends_what_is_in_flight_and_nothing_comes_twice(
    api: BotApi, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    people = await newsroom.followers(api, 40)
    api.polls = 1  # nothing polls in this mode
    api.faults.append(Fault("sendMessage", delay_s=6.0, carried_out=True, times=9999))
    webhook: dict[str, Any] = {"webhook_url": ADDRESS, "webhook_secret": Secret(SECRET), "send_rate_s": RATE_S}
    async with AsyncExitStack() as stack:
        for _ in range(2):
            services = FakeServices(newsroom.database)
            await stack.enter_async_context(running(api, services, webhook_port=free_port(), **webhook))
        await newsroom.publishes(RIVER)
        await api.until(lambda: len(api.copies("Because")) == IN_FLIGHT, timeout_s=60)
        async with newsroom.database.autocommit() as connection:
            await connection.execute(END_THE_LEADERS_CONNECTION)
        await newsroom.delivered(60)

    assert sum("this process leads" in record.getMessage() for record in caplog.records) == 2
    assert audit(api, people) == (0, 0)


async def unreachable(database: Database) -> set[int]:
    async with database.reading() as session:
        return await chatstates.unreachable(session)


async def test_what_one_does_the_others_know(api: BotApi, newsroom: Newsroom, crew: Crew) -> None:
    leader = await crew.leader()
    one, other = (port for port in crew.processes if port != leader)
    (ann,) = await newsroom.followers(api, 1)
    admin = api.user("Admin", id=ADMIN_ID)

    async def asks(port: int, user: User, text: str, **more: Any) -> BotMessage:
        crew.only = port
        user.says(text, **more)
        return await user.reply()

    # What one loads, the leader tells, and each finds.
    async def reload() -> str:
        report = await asks(one, admin, "/reload")
        while "already" in report.text:  # the leader looks for the first time, which tells nobody
            report = await asks(one, admin, "/reload")
        await api.until(lambda: "Rejected" in report.text, what="the end of the reload")
        return report.text

    assert "Unchanged: 1" in await reload()
    newsroom.writes(RIVER)
    assert "Added: 1" in await reload()
    assert "barrel" in (await ann.reply()).text
    await crew.find(2)

    # Buttons and replies go on from what another answered.
    answer = await asks(one, ann, QUESTION)
    crew.only = other
    assert "Thank you" in (await ann.presses(answer, "👍"))["text"]
    assert SAID in (await asks(leader, ann, "and in Veldhaven?", reply_to=answer)).text

    # Whom the leader cannot reach is reached again after a word to another.
    ann.blocked = True
    await newsroom.publishes(LAKE)
    await newsroom.delivered()
    async with asyncio.timeout(5):
        while await unreachable(newsroom.database):
            await asks(one, ann, "/start")
    await newsroom.publishes("The third of the day.")
    assert "third" in (await ann.reply()).text

    # What an operator begins with one and ends with another.
    await asks(one, admin, "/broadcast We move tomorrow")
    question = await admin.reply()
    crew.only = other
    await admin.presses(question, "Send")
    await api.until(lambda: any(m.text == "We move tomorrow" for m in ann.unread()), timeout_s=20)
    ann.read = ann.unread()[-1].id

    # A language, and a ban, hold everywhere a moment later.
    async def gets_help(port: int, words: str) -> None:
        async with asyncio.timeout(10):
            while words not in (await asks(port, ann, "/help")).text:
                pass

    await asks(one, ann, "/language ru")
    await gets_help(other, "напишите")
    await asks(one, admin, f"/ban {ann.id}")
    await gets_help(leader, "закрыли")
    ann.says("/help")  # to the same one: another would give its own notice
    assert "Banned: 5" in (await asks(leader, admin, "/ban 5")).text
    assert not ann.unread()
