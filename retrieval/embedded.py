"""The search engine inside the process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from itertools import count
from pathlib import Path

from retrieval.analysis import Analyzer
from retrieval.parameters import DEFAULTS, Parameters
from retrieval.ranker import NewsBM25
from retrieval.types import DateRange, Hit, IndexStats, Limits, PartialDate, Passage, Query, SearchResult


class EmbeddedEngine:
    """A `SearchEngine` in memory. Made by `open`."""

    def __init__(self, parameters: Parameters = DEFAULTS) -> None:
        self._analyzer = Analyzer()
        self._parameters = parameters
        self._versions = count(1)
        self._articles: dict[int, tuple[Passage, ...]] = {}
        self._lock = asyncio.Lock()
        self._snapshot = _Snapshot([], self._analyzer, parameters, "0")

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
        changed: dict[int, list[Passage]] = defaultdict(list)
        for passage in passages:
            changed[passage.article_id].append(passage)
        async with self._lock:
            self._articles |= {article: tuple(group) for article, group in changed.items()}
            await self._refresh()

    async def remove(self, article_ids: Iterable[int], fingerprint: str = "") -> None:
        """Makes the articles' passages unfindable; ids that are not there are ignored."""
        async with self._lock:
            for article in article_ids:
                self._articles.pop(article, None)
            await self._refresh()

    async def rebuild(
        self,
        passages: Iterable[Passage] | AsyncIterable[Passage],
        fingerprint: str = "",
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Replaces everything by the passages (those of one article stand together). `progress(passages so far)`.

        The old index answers until the new one is ready.
        """
        articles: dict[int, list[Passage]] = defaultdict(list)
        if isinstance(passages, AsyncIterable):
            async for passage in passages:
                articles[passage.article_id].append(passage)
        else:
            for passage in passages:
                articles[passage.article_id].append(passage)
        async with self._lock:
            self._articles = {article: tuple(group) for article, group in articles.items()}
            await self._refresh()
        if progress:
            progress(sum(map(len, articles.values())))

    async def search(self, query: Query, limit: int = 10) -> SearchResult:
        """The best passages, ties by newer article, then id. Answers wholly from one snapshot of the index."""
        return await asyncio.to_thread(self._snapshot.search, query, limit)

    async def stats(self) -> IndexStats:
        """What is findable now."""
        snapshot = self._snapshot
        return IndexStats(
            len({p.article_id for p in snapshot.passages}),
            len(snapshot.passages),
            len(snapshot.postings),
            snapshot.version,
        )

    async def close(self) -> None:
        """Lets go of files and threads."""

    async def _refresh(self) -> None:
        passages = [passage for group in self._articles.values() for passage in group]
        version = str(next(self._versions))
        self._snapshot = await asyncio.to_thread(_Snapshot, passages, self._analyzer, self._parameters, version)


class _Snapshot:
    def __init__(self, passages: list[Passage], analyzer: Analyzer, parameters: Parameters, version: str) -> None:
        self.passages = passages
        self.version = version
        self._analyzer = analyzer
        self._sequences = [analyzer.sequence(passage.text, passage.language) for passage in passages]
        corpus = [[term for term in sequence if term] for sequence in self._sequences]
        self.postings: dict[str, list[int]] = defaultdict(list)
        for number, terms in enumerate(corpus):
            for term in set(terms):
                self.postings[term].append(number)
        self._model = NewsBM25(corpus, k1=parameters.k1, b=parameters.b) if any(corpus) else None

    def search(self, query: Query, limit: int) -> SearchResult:
        analyse = self._analyzer.terms
        words = " ".join((query.words, *query.phrases, *(word for group in query.any_of for word in group)))
        terms = list(dict.fromkeys(analyse(words, query.language)))
        if self._model is None or not terms:
            return SearchResult((), idf=dict.fromkeys(terms, 0.0), version=self.version)
        found = sorted({number for term in terms for number in self.postings.get(term, ())})
        found = [number for number in found if self._fits(number, query)]
        scores = dict(zip(found, self._model.get_batch_scores(terms, found), strict=True))
        idf = {term: float(self._model.idf.get(term, 0.0)) for term in terms}
        best = sorted(found, key=lambda n: (-scores[n], *self._tie(n)))[:limit]
        hits = tuple(self._hit(number, scores[number], terms) for number in best)
        return SearchResult(hits, len(found), idf, self.version)

    def _hit(self, number: int, score: float, terms: list[str]) -> Hit:
        passage = self.passages[number]
        matched = tuple(term for term in terms if term in self._sequences[number])
        parts = {term: float(self._model.get_batch_scores([term], [number])[0]) for term in matched if self._model}
        return Hit(passage.article_id, passage.index, float(score), matched, parts)

    def _tie(self, number: int) -> tuple[int, int, int]:
        passage = self.passages[number]
        day = passage.date.full if passage.date else None
        return -(day.toordinal() if day else 0), passage.article_id, passage.index

    def _fits(self, number: int, query: Query) -> bool:
        sequence = self._sequences[number]

        def holds(phrase: str) -> bool:
            wanted = self._analyzer.sequence(phrase, query.language)
            return any(sequence[i : i + len(wanted)] == wanted for i in range(len(sequence) - len(wanted) + 1))

        return (
            all(holds(phrase) for phrase in query.phrases)
            and not any(holds(phrase) for phrase in query.excluded)
            and all(any(holds(phrase) for phrase in group) for group in query.any_of)
            and self._allowed(self.passages[number], query.filters)
        )

    @staticmethod
    def _allowed(passage: Passage, limits: Limits) -> bool:
        if limits.source and (passage.source or "").casefold() != limits.source.casefold():
            return False
        if limits.section and (passage.section or "").casefold() != limits.section.casefold():
            return False
        if limits.dates and not _within(passage.date, limits.dates):
            return False
        surname = (limits.speaker or "").casefold().split()[-1:]
        return not surname or any(surname[0] in name.casefold().split() for name in passage.speakers)


def _within(date: PartialDate | None, dates: DateRange) -> bool:
    if date is None:
        return False
    for bound, sign in ((dates.since, 1), (dates.until, -1)):
        if bound is None:
            continue
        if bound.year is not None and date.year is None:
            return False
        years = bound.year is not None
        end = 0 if sign == 1 else 99
        left = (date.year if years else 0, date.month or end, date.day or end)
        right = (bound.year if years else 0, bound.month or end, bound.day or end)
        if sign * ((left > right) - (left < right)) < 0:
            return False
    return True
