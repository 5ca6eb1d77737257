"""Query -> SearchResult, on one Index."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.analysis import Analyzer
from retrieval.index import Index
from retrieval.scoring import PartScores, Wanted
from retrieval.segment import Array
from retrieval.types import Hit, Query, SearchResult

_TERMS = 64  # a question has some ten; of a long text the rarest count


def search(index: Index, analyzer: Analyzer, query: Query, limit: int) -> SearchResult:
    """The best passages for the query; see `SearchEngine.search`.

    The score by words, article and date chooses candidates; neighbouring words and the speaker are looked at in those
    alone, and in what the speaker is quoted in. Where nothing but limits is asked, the newest articles within come.
    """
    wanted = Wanted.of(query, analyzer)
    idf = {term: index.idf("passages", term) for term in wanted.terms}
    scored = rarest(idf)
    parts = [PartScores(index, number, wanted, scored) for number in range(len(index.parts))]
    kept = max(limit, index.parameters.reranked, 1)
    found = [_Found.of(number, part, *part.first(kept)) for number, part in enumerate(parts)]
    candidates = _Found.joined(found).best(kept)
    if speeches := sum(len(part.spoken) for part in parts):
        spoken = [_Found.of(n, part, part.spoken, part.base(part.spoken)) for n, part in enumerate(parts)]
        candidates = _Found.joined([candidates, *spoken]).once()
        for part in parts:
            part.speaker_idf = _speaker_idf(index, wanted, speeches)
    elif any(len(part.opening) for part in parts):
        opening = [_Found.of(n, part, part.opening, np.zeros(len(part.opening))) for n, part in enumerate(parts)]
        candidates = _Found.joined(opening).best(kept)
    for number, part in enumerate(parts):
        mine = candidates.part == number
        candidates.score[mine] = part.final(candidates.passage[mine], candidates.score[mine])
    best = candidates.best(limit)
    hits: list[Hit | None] = [None] * len(best.part)
    articles: dict[int, frozenset[str]] = {}
    for number, part in enumerate(parts):
        mine = np.flatnonzero(best.part == number)
        for place, hit in zip(mine.tolist(), part.hits(best.passage[mine], best.score[mine]), strict=True):
            hits[place] = hit
        if index.statistics is index:  # otherwise of each article only some passages are here
            articles |= part.held(best.passage[mine])
        part.segment.answered()
    total = sum(part.matching for part in parts)
    return SearchResult(tuple(filter(None, hits)), total, idf, index.version, index.passages, articles)


def rarest(idf: Mapping[str, float]) -> dict[str, float]:
    """The terms that a passage is scored by, in the order given."""
    best = sorted(idf, key=lambda term: -idf[term])[:_TERMS]
    return {term: value for term, value in idf.items() if term in best}


def _speaker_idf(index: Index, wanted: Wanted, found: int) -> float:
    """As if the speaker's name were a term of each of their passages; `found`: of those, how many the index has."""
    known = index.statistics
    if known is not index:
        found = sum(len(PartScores(known, n, wanted, {}).spoken) for n in range(len(known.parts))) or found
    return math.log(1 + (max(index.passages, found) - found + 0.5) / (found + 0.5))


@dataclass(frozen=True, slots=True)
class _Found:
    """Passages of all parts, by part and number in it, their scores, and what decides ties. All arrays: C."""

    part: Array
    passage: Array
    score: Array
    newness: Array
    article_id: Array
    index: Array

    @classmethod
    def of(cls, number: int, part: PartScores, passages: Array, scores: Array) -> _Found:
        segment = part.segment
        articles = segment.passage_article[passages]
        newness, ids, index = segment.newness[articles], segment["article_ids"][articles], segment["passage_index"]
        return cls(np.full(len(passages), number), passages, scores, newness, ids, index[passages])

    @classmethod
    def joined(cls, parts: Sequence[_Found]) -> _Found:
        columns = [[getattr(part, name) for part in parts] for name in cls.__slots__]
        return cls(*(np.concatenate(column) if column else np.zeros(0, np.int64) for column in columns))

    def best(self, count: int) -> _Found:
        """The best, best first; ties by newer article, then id, then place in the article."""
        return self._only(np.lexsort((self.index, self.article_id, -self.newness, -self.score))[: max(count, 0)])

    def once(self) -> _Found:
        """Each passage once."""
        return self._only(np.unique(np.stack([self.part, self.passage]), axis=1, return_index=True)[1])

    def _only(self, places: Array) -> _Found:
        return _Found(*(getattr(self, name)[places] for name in self.__slots__))
