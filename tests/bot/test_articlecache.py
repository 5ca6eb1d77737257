"""Articles at hand are those of the index's state, and not too many."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.articlecache import ArticleCache
from retrieval.types import Article
from storage.articles import find_articles
from tests.bot.archive import DISPATCHES, fill
from tests.fakes import FakeServices


class Reads:
    """How often articles were read from any database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.count += "FROM article" in statement.replace("\n", " ")


@pytest.fixture
def reads(services: FakeServices) -> Reads:
    counted = Reads()
    engine: AsyncEngine = services.database._engine
    event.listen(engine.sync_engine, "before_cursor_execute", counted)
    return counted


async def test_what_was_read_is_read_again_only_in_another_state_of_the_index(
    services: FakeServices, reads: Reads, tmp_path: Path
) -> None:
    ids = [article.id for article in await fill(services, tmp_path)]
    cache, before = ArticleCache(services.database), reads.count

    first = await cache.find(ids, "1")
    again = await cache.find([*ids, 999], "1")

    assert list(first) == ids
    assert again == first
    assert reads.count == before + 2  # the second time for what there is not
    assert (await cache.find(ids, "2")).keys() == first.keys()
    assert reads.count == before + 3


async def test_what_is_asked_for_during_a_reading_is_read_together(
    services: FakeServices, reads: Reads, tmp_path: Path
) -> None:
    ids = [article.id for article in await fill(services, tmp_path)]
    cache, before = ArticleCache(services.database), reads.count

    first, *others = [asyncio.create_task(cache.find([number], "1")) for number in ids]
    while reads.count == before:  # noqa: ASYNC110 - what is read is only counted
        await asyncio.sleep(0)
    more = [asyncio.create_task(cache.find([number, ids[0]], "1")) for number in ids]
    others[-1].cancel()
    await asyncio.wait([first, *others, *more])

    assert [(await task).keys() for task in more] == [{number, ids[0]} for number in ids]
    assert others[-1].cancelled()
    assert reads.count == before + 2


async def test_a_reading_that_hangs_or_fails_is_nobody_elses(
    services: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [article.id for article in await fill(services, tmp_path)][:4]
    hangs = asyncio.Event()

    async def find(session: AsyncSession, wanted: Sequence[int]) -> list[Article]:
        if ids[0] in wanted:
            await hangs.wait()
            raise ValueError("cannot be read")
        return await find_articles(session, wanted)

    monkeypatch.setattr("bot.articlecache.find_articles", find)
    cache = ArticleCache(services.database)
    first = asyncio.create_task(cache.find(ids[:1], "1"))
    await asyncio.sleep(0.02)
    async with asyncio.timeout(5):
        assert (await cache.find(ids[1:2], "1")).keys() == {ids[1]}
    hangs.set()
    crowd = [asyncio.create_task(cache.find([number], "1")) for number in (ids[0], *ids[2:])]
    gone = asyncio.create_task(ArticleCache(services.database).find(ids[:1], "1"))
    await asyncio.sleep(0)
    gone.cancel()
    done = await asyncio.gather(first, *crowd, gone, return_exceptions=True)

    assert [type(one) for one in done] == [ValueError, ValueError, dict, dict, asyncio.CancelledError]
    gc.collect()
    assert "never retrieved" not in caplog.text


async def test_what_was_asked_for_longest_ago_is_forgotten(
    services: FakeServices, reads: Reads, tmp_path: Path
) -> None:
    assert all(len(dispatch["paragraphs"]) <= 3 for dispatch in DISPATCHES)
    ids = [article.id for article in await fill(services, tmp_path)][:3]
    cache, before = ArticleCache(services.database, paragraphs=6), reads.count

    for number in (ids[0], ids[1], ids[0], ids[2]):
        await cache.find([number], "1")
    assert reads.count == before + 3
    await cache.find([ids[0]], "1")
    assert reads.count == before + 3
    await cache.find([ids[1]], "1")
    assert reads.count == before + 4
