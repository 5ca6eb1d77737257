"""Bringing the search indexes to the database's state, whoever changed it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from bot.exceptions import UserError
from bot.settings import Settings, search_place
from retrieval.embedded import EmbeddedEngine
from retrieval.engine import KeptIndex, SearchEngine
from retrieval.exceptions import RetrievalError
from retrieval.passages import passages_of
from retrieval.types import Passage
from storage import articles as stored
from storage.database import Database
from storage.exceptions import StorageError

NEWEST = 20_000  # articles that are kept here beside another engine: some 300 MB of index, a month or two of an agency
_A_MOMENT_S = 3.0  # enough for some changes; all articles anew take minutes to hours

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[SearchEngine]:
    """The search engine that the settings name. Raises: EngineMissing when it needs what is not installed."""
    engine: SearchEngine
    if settings.search_url:
        from retrieval.milvus import MilvusIndex
        from retrieval.remote import RemoteEngine

        local = await EmbeddedEngine.open(settings.index_dir / "newest", newest=NEWEST)
        address, token, database = search_place(settings.search_url.reveal())
        remote = partial(MilvusIndex, address, local, token=token, database=database)
        engine = RemoteEngine(local, await asyncio.to_thread(remote))  # pymilvus takes a second to load
    else:
        engine = await EmbeddedEngine.open(settings.index_dir)
    try:
        yield engine
    finally:
        await engine.close()


class Indexing:
    """Keeps an engine's indexes in line with the database: the first at once, the others behind its back."""

    def __init__(self, engine: SearchEngine, database: Database, index_dir: Path) -> None:
        self._first, *self._others = engine.indexes
        self._database = database
        self._index_dir = index_dir
        self._changing = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None
        self._asked = self._fill = False

    async def catch_up(self, *, whole: bool = False, others: bool = True) -> None:
        """Brings the first index to the database's state, and begins with the others; `whole`: waits for them, too.

        At once when all are there already. `others` False: another program fills those, they are only looked at.
        Raises: UserError when the index has no room.
        """
        async with self._changing:
            with _told(self._index_dir):
                await bring_in_line(self._first, self._database)
        if not self._others:
            return
        self._fill, self._asked = others, True
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow())
        await asyncio.wait([self._following], timeout=None if whole else _A_MOMENT_S)

    async def close(self) -> None:
        """Leaves off; what is not in line then will be the next time."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following

    async def _follow(self) -> None:
        while self._asked:  # again, if there was a change meanwhile
            self._asked = False
            for index in self._others:
                try:
                    await (bring_in_line(index, self._database) if self._fill else index.holds())
                except (RetrievalError, StorageError) as error:
                    log.warning("%s; tried again at the next look for articles", error)


async def bring_in_line(index: KeptIndex, database: Database) -> None:
    """Takes into the index what changed since the state of the articles that it holds, or all."""
    async with database.reading() as session:
        changes = await stored.changes_since(session, await index.holds())
        if changes is None:
            await rebuild(index, database)
            return
        async for part in changes:
            passages = [passage for article in part.articles for passage in passages_of(article)]
            bare = {article.id for article in part.articles} - {passage.article_id for passage in passages}
            # Those that changed stay findable as they were until they are replaced.
            await index.remove([*part.removed, *bare])
            await index.add(passages, part.fingerprint)
            if index.newest and (await index.stats()).articles > 2 * index.newest:
                await rebuild(index, database)
                return


async def rebuild(index: KeptIndex, database: Database) -> None:
    """Builds the index from the database."""

    async def passages() -> AsyncIterator[Passage]:
        async for part in stored.stream_articles(session, index.newest):
            for article in part:
                for passage in passages_of(article):
                    yield passage

    async with database.reading() as session:
        await index.rebuild(passages(), await stored.fingerprint(session))


@contextmanager
def _told(index_dir: Path) -> Iterator[None]:
    """What the disk says to the index, as an error that names it."""
    try:
        yield
    except OSError as error:
        reason = f"cannot keep the search index in {index_dir}: {error.strerror or error}"
        raise UserError(f"{reason}; make room, or set INDEX_DIR") from error
