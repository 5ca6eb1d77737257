"""Query -> SearchResult, on one Index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from retrieval.analysis import Analyzer
from retrieval.index import Index
from retrieval.limits import days_off, fitting, spoken_by
from retrieval.phrases import holding, pair_counts
from retrieval.ranker import Scores
from retrieval.segment import Array
from retrieval.topk import best_by_words
from retrieval.types import Hit, Query, SearchResult


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as the index reads it."""

    query: Query
    terms: tuple[str, ...]  # each once, in the order asked
    pairs: tuple[tuple[str, str], ...]  # neighbours in the question
    phrases: tuple[tuple[str, ...], ...]  # "" for a stop word
    excluded: tuple[tuple[str, ...], ...]
    any_of: tuple[tuple[tuple[str, ...], ...], ...]

    @classmethod
    def of(cls, query: Query, analyzer: Analyzer) -> Wanted:
        """The query, analysed as passages are."""

        def phrase(text: str) -> tuple[str, ...]:
            return tuple(analyzer.sequence(text, query.language))

        texts = (query.words, *query.phrases, *(text for group in query.any_of for text in group))
        terms = [analyzer.terms(text, query.language) for text in texts]
        return cls(
            query,
            tuple(dict.fromkeys(term for group in terms for term in group)),
            tuple(dict.fromkeys(pair for group in terms for pair in pairwise(group))),
            tuple(map(phrase, query.phrases)),
            tuple(map(phrase, query.excluded)),
            tuple(tuple(map(phrase, group)) for group in query.any_of),
        )


def search(index: Index, analyzer: Analyzer, query: Query, limit: int) -> SearchResult:
    """The best passages for the query; see `SearchEngine.search`."""
    wanted = Wanted.of(query, analyzer)
    idf = {term: index.idf("passages", term) for term in wanted.terms}
    searches = [_PartSearch(index, number, wanted, idf) for number in range(len(index.parts))]
    kept = max(limit, index.parameters.reranked)
    found, total = [], 0
    for number, one in enumerate(searches):
        passages, scores, matching = one.first(kept)
        total += matching
        found.append(_Found.of(number, one, passages, scores))
    candidates = _Found.joined(found).best(kept)
    spoken = _Found.joined([_Found.of(n, one, one.spoken, one.base(one.spoken)) for n, one in enumerate(searches)])
    candidates = _Found.joined([candidates, spoken]).once()
    for number, one in enumerate(searches):
        mine = candidates.part == number
        candidates.score[mine] = one.final(candidates.passage[mine], candidates.score[mine])
    best = candidates.best(limit)
    hits = [
        searches[part].hit(passage, score)
        for part, passage, score in zip(best.part.tolist(), best.passage.tolist(), best.score.tolist(), strict=True)
    ]
    return SearchResult(tuple(hits), total, idf, index.version, index.passages)


@dataclass(frozen=True, slots=True)
class _Found:
    """Passages of all parts with their scores and what decides ties. All arrays: C."""

    part: Array
    passage: Array
    score: Scores
    newness: Array
    article_id: Array
    index: Array

    @classmethod
    def of(cls, number: int, search: _PartSearch, passages: Array, scores: Scores) -> _Found:
        segment = search.part.segment
        articles = segment.passage_article[passages]
        return cls(
            np.full(len(passages), number),
            passages,
            scores,
            segment.newness[articles],
            segment["article_ids"][articles],
            segment["passage_index"][passages],
        )

    @classmethod
    def joined(cls, parts: Sequence[_Found]) -> _Found:
        columns = zip(*((f.part, f.passage, f.score, f.newness, f.article_id, f.index) for f in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns)) if parts else cls(*[np.zeros(0)] * 6)

    def best(self, count: int) -> _Found:
        """The best, best first; ties by newer article, then id, then place in the article."""
        return self.only(np.lexsort((self.index, self.article_id, -self.newness, -self.score))[:count])

    def once(self) -> _Found:
        """Each passage once."""
        _, firsts = np.unique(np.stack([self.part, self.passage]), axis=1, return_index=True)
        return self.only(firsts)

    def only(self, places: Array) -> _Found:
        fields = (self.part, self.passage, self.score, self.newness, self.article_id, self.index)
        return _Found(*(field[places] for field in fields))


class _PartSearch:
    """One query on one part."""

    def __init__(self, index: Index, number: int, wanted: Wanted, idf: Mapping[str, float]) -> None:
        self.part = index.parts[number]
        self._segment = self.part.segment
        self._models = {name: models[number] for name, models in index.models.items()}
        self._parameters = index.parameters
        self._wanted = wanted
        self._idf = idf
        self._terms = tuple(term for term in wanted.terms if idf[term] and self.part.find(term) is not None)
        self._speaker_weight = index.parameters.speaker

    @cached_property
    def _fits(self) -> Array | None:
        """Whether each passage may be found at all; None: all may."""
        wanted, part = self._wanted, self.part
        masks = [fitting(part, wanted.query.filters)]
        masks += [holding(part, [phrase]) for phrase in wanted.phrases]
        masks += [holding(part, group) for group in wanted.any_of]
        if wanted.excluded:
            masks.append(~holding(part, wanted.excluded))
        if part.removed:
            masks.append(part.removed.alive)
        given = [mask for mask in masks if mask is not None]
        return np.logical_and.reduce(given) if given else None

    @cached_property
    def _context(self) -> Scores | None:
        """What each article adds to its passages."""
        weights = {"articles": self._parameters.article, "titles": self._parameters.title}
        scores = [weight * self._models[name].get_scores(self._terms) for name, weight in weights.items() if weight]
        return np.sum(scores, axis=0) if scores else None

    @cached_property
    def _factor(self) -> Scores | None:
        """By what each article's date multiplies the scores of its passages."""
        dates, parameters = self._wanted.query.hints.dates, self._parameters
        if not dates or not parameters.date:
            return None
        return 1 + parameters.date * np.exp(-days_off(self._segment["dates"], dates) / parameters.date_days)

    @cached_property
    def spoken(self) -> Array:
        """Passages with words of the speaker whom the question seems to name."""
        speaker = self._wanted.query.hints.speaker
        if not speaker or not self._parameters.speaker:
            return np.zeros(0, np.int64)
        found = spoken_by(self._segment, speaker)
        return found if self._fits is None else found[self._fits[found]]

    def first(self, count: int) -> tuple[Array, Scores, int]:
        """(passages, scores, how many match): the best by words and context."""
        model = self._models["passages"]
        return best_by_words(self.part, model, self._terms, count, self._fits, self._context, self._factor)

    def base(self, passages: Array) -> Scores:
        """The score by words and context of any passages."""
        article = self._segment.passage_article[passages]
        scores = self._models["passages"].get_batch_scores(self._terms, passages)
        if self._context is not None:
            scores = scores + self._context[article]
        return scores if self._factor is None else scores * self._factor[article]

    def final(self, passages: Array, base: Scores) -> Scores:
        """The whole score, from that by words and context."""
        more = sum(self._signals(passages).values(), np.zeros(len(passages)))
        return base + (more if self._factor is None else more * self._factor[self._segment.passage_article[passages]])

    def _signals(self, passages: Array) -> dict[str, Scores]:
        """What else raises passages, by name."""
        signals: dict[str, Scores] = {}
        parameters = self._parameters
        if parameters.pair and self._wanted.pairs:
            pairs = [pair for pair in self._wanted.pairs if all(term in self._terms for term in pair)]
            for pair, counts in zip(pairs, pair_counts(self.part, passages, pairs), strict=True):
                idf = self._idf[pair[0]] + self._idf[pair[1]]  # as if words met by chance
                saturated = counts * (parameters.k1 + 1) / (counts + parameters.k1)
                signals[f"pair {pair[0]} {pair[1]}"] = parameters.pair * idf * saturated
        if len(self.spoken):
            signals["speaker"] = self._speaker_weight * np.isin(passages, self.spoken)
        return signals

    def hit(self, passage: int, score: float) -> Hit:
        """The passage as a hit, its score explained."""
        here, article = np.array([passage]), int(self._segment.passage_article[passage])
        models = self._models
        words = {term: float(models["passages"].get_batch_scores([term], here)[0]) for term in self._terms}
        parts = {f"word {term}": value for term, value in words.items() if value}
        weights = {"articles": self._parameters.article, "titles": self._parameters.title}
        for name, weight in weights.items():
            if weight:
                parts[name[:-1]] = weight * float(models[name].get_batch_scores(self._terms, [article])[0])
        parts |= {name: float(values[0]) for name, values in self._signals(here).items() if values[0]}
        if self._factor is not None:
            parts["date"] = score - score / float(self._factor[article])
        terms = tuple(term for term, value in words.items() if value)
        return Hit(
            int(self._segment["article_ids"][article]),
            int(self._segment["passage_index"][passage]),
            score,
            terms,
            parts,
        )
