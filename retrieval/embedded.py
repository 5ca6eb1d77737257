"""The search engine inside the process."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from contextlib import aclosing
from itertools import count
from operator import attrgetter
from pathlib import Path

from retrieval.analysis import Analyzer
from retrieval.building import Vocabulary, build
from retrieval.exceptions import IndexMissing, IndexUnusable
from retrieval.index import Index, Part
from retrieval.merging import merge
from retrieval.parameters import DEFAULTS, Parameters
from retrieval.rebuilding import built
from retrieval.search import search
from retrieval.store import Store
from retrieval.threads import in_answering_thread
from retrieval.topk import warm_up
from retrieval.types import IndexStats, Passage, Query, SearchResult
from retrieval.vocabulary import Near, near, prepare, respelled

_MANY = 20  # searches after which the compiled search is loaded for more
_AT_ONCE = 5_000  # passages that are merged while an addition waits, some 50 ms; more are merged behind its back
_WHOLE = 250_000  # passages, up to which all parts are merged, in 1 or 2 s: then a search takes half of the time

log = logging.getLogger(__name__)


class EmbeddedEngine:
    """A `SearchEngine` over segments in memory, or mapped from a directory. Made by `open`.

    Every change names the state of the articles that it leads to, as a fingerprint. What is kept on disk carries the
    last one given, so that the caller can tell what to add after a restart, or that all must be built again.
    """

    def __init__(
        self, parameters: Parameters = DEFAULTS, store: Store | None = None, newest: int | None = None
    ) -> None:
        self.newest = newest  # of about how many of the newest articles it is to be; None: of all
        self.fingerprint = ""  # of the articles' state that the index holds; "": begin with `rebuild`
        self._store = store
        self.analyzer = Analyzer()
        self._vocabulary = Vocabulary(self.analyzer)
        self._versions = count(1)
        self.index = Index(parameters=parameters)  # what is findable now; never changed, only replaced
        self._changing = asyncio.Lock()
        self._merging: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._closing = threading.Event()
        self._searches = 0
        self._in_step = True  # whether the index is what the fingerprint says

    @classmethod
    async def open(
        cls, directory: Path | None = None, parameters: Parameters = DEFAULTS, newest: int | None = None
    ) -> EmbeddedEngine:
        """The index kept in the directory; None: in memory only.

        When there is none, or it is damaged or another version's, the engine is empty, and says so in the log.
        """
        if directory is None:
            return cls(parameters, newest=newest)
        engine = cls(parameters, await asyncio.to_thread(Store, directory), newest)
        await asyncio.to_thread(engine._read)
        return engine

    @property
    def indexes(self) -> tuple[EmbeddedEngine]:
        """What is to be brought in line with the articles."""
        return (self,)

    @property
    def version(self) -> str:
        """Another one after every change of what can be found."""
        return self.index.version

    async def holds(self) -> str:
        """The fingerprint of what is in it; "": begin with `rebuild`."""
        return self.fingerprint

    async def add(self, passages: Sequence[Passage], fingerprint: str | None = None) -> None:
        """Makes the passages findable; those of an article that is already there replace its old ones."""
        await self._change((), passages, fingerprint)

    async def remove(self, article_ids: Iterable[int], fingerprint: str | None = None) -> None:
        """Makes the articles' passages unfindable; ids that are not there are ignored."""
        await self._change(article_ids, (), fingerprint)

    async def rebuild(
        self,
        passages: Iterable[Passage] | AsyncIterable[Passage],
        fingerprint: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Replaces everything by the passages (those of one article stand together). `progress(passages so far)`.

        The old index answers until the new one is ready.
        """
        async with self._changing:
            async with aclosing(built(passages, self._store.new_path if self._store else None, progress)) as blocks:
                parts = [part async for part in blocks]
            whole = [await asyncio.to_thread(self._merged, parts)] if len(parts) > 1 else parts
            await asyncio.to_thread(self._publish, whole, fingerprint)
            if self._store:
                self._store.discard(part.segment.path for part in parts)

    async def search(self, query: Query, limit: int = 10) -> SearchResult:
        """The best passages, ties by newer article, then id. Answers wholly from one snapshot of the index."""
        self._searches += 1
        if self._searches == _MANY:
            self._warming = asyncio.create_task(asyncio.to_thread(warm_up, self.index))
        return await in_answering_thread(search, self.index, self.analyzer, query, limit)

    async def respelled(self, query: Query, unknown: Sequence[str]) -> Query:
        """The question with each of its unknown terms as the index spells it in the other script, if it does."""
        return await in_answering_thread(respelled, query, self.index, self.analyzer, unknown)

    async def near(self, unknown: Sequence[str]) -> list[Near]:
        """Terms of the index like those that it does not have, each with a passage."""
        return await in_answering_thread(near, self.index, unknown)

    async def stats(self) -> IndexStats:
        """What is findable now."""
        index = self.index
        terms = await asyncio.to_thread(lambda: index.terms)
        return IndexStats(index.articles, index.passages, terms, index.version)

    async def warm_up(self) -> None:
        """Makes ready for many questions: merges the parts, loads the compiled search, works out spellings."""
        if len(self.index.parts) > 1 and self.index.passages <= _WHOLE and not self._is_merging:
            self._merging = asyncio.create_task(self._merge(self.index.parts))
            await asyncio.wait([self._merging])
        await asyncio.to_thread(warm_up, self.index)
        await asyncio.to_thread(prepare, self.index)

    async def close(self) -> None:
        """Ends what is under way in the background."""
        self._closing.set()
        if under_way := [task for task in (self._merging, self._warming) if task and not task.done()]:
            await asyncio.wait(under_way)

    async def _change(self, article_ids: Iterable[int], passages: Sequence[Passage], fingerprint: str | None) -> None:
        async with self._changing:
            await asyncio.to_thread(self._apply, frozenset(article_ids), passages, fingerprint)
        if self._to_merge() and not self._is_merging:
            self._merging = asyncio.create_task(self._merge())

    def _read(self) -> None:
        if self._store is None:
            return
        try:
            parts, self.fingerprint = self._store.read()
            self._show(parts)
        except IndexMissing:
            pass  # the first start
        except IndexUnusable as error:
            log.warning("The search index has to be built: %s.", error.reason)
        self._store.clear()

    def _apply(self, article_ids: frozenset[int], passages: Sequence[Passage], fingerprint: str | None) -> None:
        parts = self.index.without(article_ids | {passage.article_id for passage in passages})
        if passages:
            parts = (*parts, Part(build(sorted(passages, key=attrgetter("article_id")), self._vocabulary)))
        tail = parts[len(parts) - _worth_merging(parts) :]
        if len(tail) > 1 and sum(part.passages for part in tail) <= _AT_ONCE:
            parts = (*parts[: -len(tail)], Part(merge(tail)))
        self._publish(parts, fingerprint)

    def _publish(self, parts: Sequence[Part], fingerprint: str | None) -> None:
        """Shows the parts; keeps them on disk once it is known which state of the articles they are."""
        if self._store and fingerprint is not None:
            parts = self._store.keep(parts, fingerprint)
        self.fingerprint = fingerprint or self.fingerprint
        self._in_step = fingerprint is not None
        self._show(parts)

    def _show(self, parts: Sequence[Part]) -> None:
        index = self.index.with_parts(tuple(parts), str(next(self._versions)))
        index.prepare()
        self.index = index

    def _to_merge(self) -> Sequence[Part]:
        parts = self.index.parts
        tail = parts[len(parts) - _worth_merging(parts) :]
        return tail if len(tail) > 1 else [part for part in parts if part.passages < part.segment.passages / 2][:1]

    @property
    def _is_merging(self) -> bool:
        return self._merging is not None and not self._merging.done()

    def _merged(self, parts: Sequence[Part]) -> Part:
        def pause() -> None:
            if self._closing.is_set():
                raise _Closing

        return Part(merge(parts, self._store.new_path() if self._store else None, pause))

    async def _merge(self, old: Sequence[Part] = ()) -> None:
        """Merges in the background, these or what is worth it; what changes meanwhile stays changed."""
        while old := old or self._to_merge():
            try:
                merged = await asyncio.to_thread(self._merged, old)
            except _Closing:
                return
            async with self._changing:
                parts = self.index.replacing(old, merged)
                if parts:
                    await asyncio.to_thread(self._publish, parts, self.fingerprint if self._in_step else None)
                elif self._store:
                    self._store.discard([merged.segment.path])
            old = ()


class _Closing(Exception):
    """The engine closes while it merges; the parts stay as they are."""


def _worth_merging(parts: Sequence[Part]) -> int:
    """How many of the last parts to merge: each that is no more than 4 times as large as those behind it together.

    So there are never more than a few parts, and a passage is copied a few times, not at each addition.
    """
    tail = together = 0
    for part in reversed(parts):
        if tail and part.passages > 4 * together:
            break
        tail, together = tail + 1, together + part.passages
    return tail
