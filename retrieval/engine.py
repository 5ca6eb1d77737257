"""The small interface by which the rest of the program knows retrieval, so that another engine can stand behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from retrieval.types import IndexStats, Passage, Query, SearchResult


class SearchEngine(Protocol):
    """Ranked search over passages. Nothing here blocks the event loop."""

    async def add(self, passages: Sequence[Passage]) -> None:
        """Makes the passages findable; those of an article that is already there replace its old ones."""

    async def remove(self, article_ids: Iterable[int]) -> None:
        """Makes the articles' passages unfindable; ids that are not there are ignored."""

    async def search(self, query: Query, limit: int = 10) -> SearchResult:
        """The best passages, ties by newer article, then id. Answers wholly from one snapshot of the index."""

    async def stats(self) -> IndexStats:
        """What is findable now."""
