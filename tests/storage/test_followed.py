from __future__ import annotations

import datetime as dt
from dataclasses import replace

from storage import followed
from storage.database import Database
from storage.followed import Known, Source
from storage.schedule import Schedule
from tests.storage.conftest import NOW, Desk

HOUR = dt.timedelta(hours=1)


async def addresses(database: Database, *configured: str) -> list[str]:
    async with database.reading() as session:
        return [source.address for source in await followed.followed(session, configured)]


async def test_configured_and_added_sources_are_followed_less_those_removed(database: Database) -> None:
    async with database.writing() as session:
        await followed.add_source(session, "b", NOW)
        await followed.save_source(session, Source("loaded once"), now=NOW)
    assert await addresses(database, "a", "b") == ["a", "b"]
    async with database.writing() as session:
        assert await followed.remove_source(session, "a", ["a"], NOW)
        assert not await followed.remove_source(session, "loaded once", ["a"], NOW)
    assert await addresses(database, "a") == ["b"]
    async with database.writing() as session:
        await followed.add_source(session, "a", NOW)
    assert sorted(await addresses(database, "a")) == ["a", "b"]


async def test_the_state_of_a_source_is_stored_and_an_error_leaves_the_last_success(database: Database) -> None:
    source = Source("a", 0, "feed", Schedule(0, None, NOW + HOUR, None), '"1"', "Mon, 06 May 2024 00:00:00 GMT", 7, 600)
    async with database.writing() as session:
        await followed.save_source(session, source, now=NOW)
    async with database.reading() as session:
        stored = (await followed.find_sources(session, ["a"]))["a"]
    assert replace(stored, id=0, known=False) == source
    failed = replace(stored, schedule=Schedule(1, NOW + HOUR, NOW + 2 * HOUR, None))
    async with database.writing() as session:
        await followed.save_source(session, failed, error="not found (404)")
    async with database.reading() as session:
        (health,) = await followed.list_sources(session, ["a"], NOW + HOUR)
    assert (health.last_success, health.error, health.failures) == (NOW, "not found (404)", 1)
    assert health.kind == "feed"


async def test_health_counts_the_articles_that_can_be_found_and_the_weeks_new_ones(desk: Desk) -> None:
    desk.write("old", "The ferry to Lindholm is late.")
    await desk.load(now=NOW - 30 * 24 * HOUR)
    desk.write("new", "The port of Osthavn opened on Monday.")
    desk.write("gone", "Herring is cheap this spring.")
    await desk.load()
    del desk.sources["desk"]["gone"]
    await desk.load()
    async with desk.database.reading() as session:
        never, health = await followed.list_sources(session, ["never looked at", "desk"], NOW)
    assert (health.articles, health.per_day) == (2, 0.1)
    assert (never.articles, never.last_success, never.kind) == (0, None, None)


async def test_what_was_said_of_articles_is_stored_by_source_and_key(database: Database) -> None:
    async with database.writing() as session:
        for address in ("a", "b"):
            await followed.save_source(session, Source(address), now=NOW)
    async with database.reading() as session:
        ids = {address: source.id for address, source in (await followed.find_sources(session, ["a", "b"])).items()}
    entries = {str(n): Known(f"m{n}", n % 2 == 0, n % 3, NOW + n * HOUR if n % 3 else None) for n in range(1200)}
    async with database.writing() as session:
        await followed.save_entries(session, ids["a"], entries)
        await followed.save_entries(session, ids["a"], {"5": Known("other", True, 0, None)})
        await followed.save_entries(session, ids["b"], {"5": Known("b's", True, 0, None)})
    async with database.reading() as session:
        found = await followed.find_entries(session, ids["a"], [*entries, "unknown"])
        assert found == entries | {"5": Known("other", True, 0, None)}
        assert not await followed.any_retry_due(session, ids["a"], NOW)
        assert await followed.any_retry_due(session, ids["a"], NOW + HOUR)
        assert not await followed.any_retry_due(session, ids["b"], NOW + HOUR)
