"""One program at a time on a database."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from storage import lock
from storage.database import Database
from storage.exceptions import DatabaseError
from storage.lock import InstanceLock, Loading, living

HOLDER = """
import asyncio, sys
from storage.database import Database
from storage.lock import InstanceLock
async def main():
    async with Database(sys.argv[1]) as database:
        one = InstanceLock(database)
        keeping = await one.take(lambda: None)
        print("held", flush=True)
        await keeping
asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_RETRY_S", 0.05)


async def test_the_second_waits_says_so_once_and_gets_it_when_the_first_ends(database: Database) -> None:
    first, second = InstanceLock(database), InstanceLock(database)
    waited: list[str] = []
    holding = await first.take(lambda: waited.append("first"))
    waiting = asyncio.create_task(second.take(lambda: waited.append("second")))
    while not waited:  # noqa: ASYNC110 - it tells by a call
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert (first.held, second.held, waited) == (True, False, ["second"])

    holding.cancel()
    async with asyncio.timeout(10):
        keeping = await waiting
    assert (first.held, second.held) == (False, True)
    keeping.cancel()


async def test_it_dies_with_its_process_however_that_ends(database: Database) -> None:
    url = database._url.render_as_string(hide_password=False)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout
    assert (await process.stdout.readline()).strip() == b"held"
    ours = InstanceLock(database)
    taking = asyncio.create_task(ours.take(lambda: None))
    await asyncio.sleep(0.2)
    assert not ours.held

    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(10):
        keeping = await taking
    keeping.cancel()


async def test_one_that_stands_by_does_not_wait_and_takes_over(database: Database) -> None:
    first, second = InstanceLock(database), InstanceLock(database)
    waited: list[str] = []
    async with asyncio.timeout(20):
        holding = await first.take(lambda: waited.append("first"), standby=True)
        await first.until_held()
        standing_by = await second.take(lambda: waited.append("second"), standby=True)
        assert (first.held, second.held, waited) == (True, False, ["second"])
        holding.cancel()
        await asyncio.gather(first.until_lost(), second.until_held())
    assert (first.held, second.held) == (False, True)
    standing_by.cancel()


async def test_who_lives_is_known_whether_it_leads_or_not(server_database: Database) -> None:
    locks = [InstanceLock(server_database) for _ in range(3)]

    async def alive() -> set[int]:
        async with server_database.reading() as session:
            return await living(session)

    async with asyncio.timeout(20):
        tasks = [await each.take(lambda: None, standby=True) for each in locks]
        assert await alive() == {each.number for each in locks}
        tasks[0].cancel()
        while await alive() != {locks[1].number, locks[2].number}:  # noqa: ASYNC110 - the server signals nothing
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()


async def test_articles_are_loaded_by_one_at_a_time(database: Database) -> None:
    async with Database(database._url.render_as_string(hide_password=False)) as another:
        ours, theirs = Loading(database), Loading(another)
        if database.file:  # there it is the tasks of one program
            theirs = ours
        order = []

        async def load() -> None:
            async with theirs.turn():
                order.append("second")

        async with asyncio.timeout(20):
            async with ours.turn():
                waiting = asyncio.create_task(load())
                async with theirs.turn_now() as allowed:
                    assert not allowed
                await asyncio.sleep(0.1)
                order.append("first")
            await waiting
            async with theirs.turn_now() as allowed:
                assert allowed
    assert order == ["first", "second"]


async def test_where_it_cannot_be_made_that_is_told(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path}/quotewire.db") as database:
        (tmp_path / "quotewire.db.lock").mkdir()
        with pytest.raises(DatabaseError, match=r"quotewire\.db\.lock"):
            await InstanceLock(database).take(lambda: None)
