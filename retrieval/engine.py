"""The small interface by which the rest of the program knows retrieval, so that another engine can stand behind it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from typing import Protocol

from retrieval.analysis import Analyzer
from retrieval.types import IndexStats, Passage, Query, SearchResult
from retrieval.vocabulary import Near


class KeptIndex(Protocol):
    """An index that is brought in line with the articles, whose state a fingerprint names.

    A change without a fingerprint makes the passages findable, and says nothing about the articles' state.
    """

    @property
    def newest(self) -> int | None:
        """Of about how many of the newest articles it is; None: of all."""

    async def holds(self) -> str:
        """The fingerprint of what is in it; "": begin with `rebuild`."""

    async def add(self, passages: Sequence[Passage], fingerprint: str | None = None) -> None:
        """Makes the passages findable; those of an article that is already there replace its old ones."""

    async def remove(self, article_ids: Iterable[int], fingerprint: str | None = None) -> None:
        """Makes the articles' passages unfindable; ids that are not there are ignored."""

    async def rebuild(
        self,
        passages: Iterable[Passage] | AsyncIterable[Passage],
        fingerprint: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Replaces everything by the passages (those of one article stand together). `progress(passages so far)`."""

    async def stats(self) -> IndexStats:
        """What is findable now."""


class SearchEngine(Protocol):
    """Ranked search over passages. Nothing here blocks the event loop, and nothing fails for want of a network."""

    analyzer: Analyzer

    @property
    def indexes(self) -> Sequence[KeptIndex]:
        """What is to be brought in line with the articles, in this order; the first is quick, and here."""

    @property
    def fingerprint(self) -> str:
        """Of the state of the articles that the first of them holds."""

    @property
    def version(self) -> str:
        """Another one after every change of what can be found."""

    async def search(self, query: Query, limit: int = 10) -> SearchResult:
        """The best passages, ties by newer article, then id. Answers wholly from one snapshot of the index."""

    async def respelled(self, query: Query, unknown: Sequence[str]) -> Query:
        """The question with each of its unknown terms as the articles spell it, if they do."""

    async def near(self, unknown: Sequence[str]) -> list[Near]:
        """Terms of the articles like those that they do not have, each with a passage."""

    async def stats(self) -> IndexStats:
        """What is findable now."""

    async def warm_up(self) -> None:
        """Makes ready for many questions."""

    async def close(self) -> None:
        """Ends what is under way in the background."""
