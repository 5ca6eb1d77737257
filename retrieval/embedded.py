"""The search engine inside the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from itertools import count
from operator import attrgetter
from pathlib import Path

from retrieval.analysis import Analyzer
from retrieval.building import build
from retrieval.index import Index, Part
from retrieval.merging import merge
from retrieval.parameters import DEFAULTS, Parameters
from retrieval.search import search
from retrieval.types import IndexStats, Passage, Query, SearchResult


class EmbeddedEngine:
    """A `SearchEngine` in memory. Made by `open`."""

    def __init__(self, parameters: Parameters = DEFAULTS) -> None:
        self._analyzer = Analyzer()
        self._versions = count(1)
        self._index = Index(parameters=parameters)
        self._lock = asyncio.Lock()

    @classmethod
    async def open(
        cls, directory: Path | None = None, fingerprint: str = "", parameters: Parameters = DEFAULTS
    ) -> EmbeddedEngine:
        """The index kept in the directory (None: in memory only), for the state of the articles named by `fingerprint`.

        Raises: IndexUnusable when there is none for that state; then `rebuild`.
        """
        return cls(parameters)

    async def add(self, passages: Sequence[Passage], fingerprint: str = "") -> None:
        """Makes the passages findable; those of an article that is already there replace its old ones."""
        async with self._lock:
            self._index = await asyncio.to_thread(self._added, passages)

    async def remove(self, article_ids: Iterable[int], fingerprint: str = "") -> None:
        """Makes the articles' passages unfindable; ids that are not there are ignored."""
        async with self._lock:
            parts = await asyncio.to_thread(self._index.without, article_ids)
            self._index = self._index.with_parts(parts, str(next(self._versions)))

    async def rebuild(
        self,
        passages: Iterable[Passage] | AsyncIterable[Passage],
        fingerprint: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Replaces everything by the passages (those of one article stand together). `progress(passages so far)`.

        The old index answers until the new one is ready.
        """
        gathered = [p async for p in passages] if isinstance(passages, AsyncIterable) else list(passages)
        async with self._lock:
            self._index = self._index.with_parts((), "")
            self._index = await asyncio.to_thread(self._added, gathered)
        if progress:
            progress(len(gathered))

    async def search(self, query: Query, limit: int = 10) -> SearchResult:
        """The best passages, ties by newer article, then id. Answers wholly from one snapshot of the index."""
        return await asyncio.to_thread(search, self._index, self._analyzer, query, limit)

    async def stats(self) -> IndexStats:
        """What is findable now."""
        index = self._index
        return IndexStats(index.articles, index.passages, len(index.frequencies("articles")), index.version)

    async def close(self) -> None:
        """Lets go of files and threads."""

    def _added(self, passages: Sequence[Passage]) -> Index:
        grouped = sorted(passages, key=attrgetter("article_id"))
        parts = self._index.without({passage.article_id for passage in passages})
        if grouped:
            parts = (*parts, Part(build(grouped, self._analyzer)))
        while (tail := _worth_merging([part.passages for part in parts])) > 1:
            parts = (*parts[:-tail], Part(merge(parts[-tail:])))
        return self._index.with_parts(parts, str(next(self._versions)))


def _worth_merging(sizes: Sequence[int]) -> int:
    """How many of the last parts to merge: each whose size is no more than 4 times that of those behind it together.

    So there are never more than a few parts, and a passage is copied a few times, not at each addition.
    """
    tail = together = 0
    for size in reversed(sizes):
        if tail and size > 4 * together:
            break
        tail, together = tail + 1, together + size
    return tail
