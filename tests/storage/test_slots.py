"""The pace that several programs keep together: nobody waits here, slots are only taken."""

from __future__ import annotations

import asyncio
from itertools import chain, pairwise

from sqlalchemy import text

from storage.database import Database
from storage.slots import ALL, Slots


async def test_the_slots_of_several_programs_are_apart(server_database: Database) -> None:
    url = server_database._url.render_as_string(hide_password=False)
    clock = asyncio.get_running_loop().time

    async def take(slots: Slots, number: int) -> list[float]:
        wait = {"apart_s": 10, "burst_s": 0, "longest_s": 10_000}
        return [clock() + await slots.take(ALL, **wait) for _ in range(number)]

    async with Database(url) as second, Database(url) as third:
        programs = map(Slots, (server_database, second, third))
        taken = sorted(chain(*await asyncio.gather(*(take(slots, 15) for slots in programs))))

    assert all(5 < after - before < 15 for before, after in pairwise(taken))
    assert len(taken) == 45


async def test_some_may_be_used_at_once_when_none_was_lately(server_database: Database) -> None:
    slots = Slots(server_database)
    waits = [await slots.take(7, apart_s=10, burst_s=20, longest_s=100) for _ in range(5)]

    assert [round(wait_s, -1) for wait_s in waits] == [0, 0, 0, 10, 20]
    assert await slots.take(8, apart_s=10, burst_s=20, longest_s=100) == 0  # another chat


async def test_who_would_wait_too_long_takes_none(server_database: Database) -> None:
    slots = Slots(server_database)
    waits = [await slots.take(7, apart_s=100, burst_s=0, longest_s=5) for _ in range(3)]

    assert [round(wait_s, -1) for wait_s in waits] == [0, 100, 100]


async def test_a_chat_that_is_shut_has_no_slot_until_then(server_database: Database) -> None:
    slots = Slots(server_database)
    await slots.take(7, apart_s=1, burst_s=0, longest_s=5)
    for wait_s in (1000, 10):
        await slots.shut(7, wait_s)

    assert await slots.take(7, apart_s=1, burst_s=5, longest_s=5) > 900
    assert await slots.take(8, apart_s=1, burst_s=5, longest_s=5) == 0


async def test_what_matters_no_longer_is_forgotten(server_database: Database) -> None:
    slots = Slots(server_database)
    for place in (7, 8):
        await slots.take(place, apart_s=1, burst_s=0, longest_s=5)
    async with server_database.writing() as session:
        await session.execute(text("UPDATE pace SET next_at = now() - interval '1 hour' WHERE chat_id = 7"))
    await slots.purge()

    async with server_database.reading() as session:
        assert list(await session.scalars(text("SELECT chat_id FROM pace"))) == [8]
