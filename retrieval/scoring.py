"""What every signal adds to the scores of one part's passages.

score = (words + article + title + source + pairs + near + speaker) x date x place
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from retrieval.analysis import Analyzer
from retrieval.index import Index
from retrieval.limits import articles_off, days_off, fitting, named_in, spoken_by
from retrieval.parameters import Parameters
from retrieval.phrases import densest, holding, pair_counts
from retrieval.ranker import Scores
from retrieval.segment import Array
from retrieval.topk import Limits, all_scores, best_by_words, word_scores
from retrieval.types import DateRange, Hit, PartialDate, Query

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as the index reads it."""

    query: Query
    terms: tuple[str, ...]  # each once, in the order asked
    names: frozenset[str]  # those of the speaker whom the question seems to name; they need not stand near the others
    pairs: tuple[tuple[str, str], ...]  # neighbours in the question
    phrases: tuple[tuple[str, ...], ...]  # "" for a stop word
    excluded: tuple[tuple[str, ...], ...]
    any_of: tuple[tuple[tuple[str, ...], ...], ...]

    @classmethod
    def of(cls, query: Query, analyzer: Analyzer) -> Wanted:
        """The query, analysed as passages are."""

        def phrases(texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
            return tuple(tuple(analyzer.sequence(text, query.language)) for text in texts)

        def says_something(phrase: Sequence[str]) -> bool:
            return any(phrase)  # stop words alone are in no posting list: they limit nothing

        texts = (query.words, *query.phrases, *(text for group in query.any_of for text in group))
        terms = [analyzer.terms(text, query.language) for text in texts]
        names = frozenset(analyzer.terms(query.hints.speaker or "", query.language))
        return cls(
            query,
            tuple(dict.fromkeys(term for group in terms for term in group)),
            names,
            tuple(dict.fromkeys(pair for group in terms for pair in pairwise(group) if names.isdisjoint(pair))),
            tuple(filter(says_something, phrases(query.phrases))),
            tuple(filter(says_something, phrases(query.excluded))),
            tuple(group for group in map(phrases, query.any_of) if all(map(says_something, group))),
        )


def raised(query: Query, parameters: Parameters) -> list[tuple[DateRange, float]]:
    """The days whose passages a question raises, and by what share.

    The day of asking counts where the question says no time, or one that reaches to that day ("this week").
    """
    dates = query.hints.dates
    found = [(dates, parameters.date)] if dates and parameters.date else []
    if query.asked and parameters.recency:
        today = PartialDate(query.asked.year, query.asked.month, query.asked.day)
        said = query.filters.dates or dates
        if not said or days_off(np.array([[today.year, today.month, today.day]]), said)[0] == 0:
            found.append((DateRange(today, today), parameters.recency))
    return found


class PartScores:
    """One query on one part of an index. Passages are numbers in the part's segment."""

    def __init__(self, index: Index, number: int, wanted: Wanted, idf: Mapping[str, float]) -> None:
        """`idf`: of the terms to score by, in the order asked."""
        self.segment = index.parts[number].segment
        self.matching = 0  # passages that share a term, known after `first`
        self.speaker_idf = 0.0
        self._candidates: Array = _NONE
        self._signals: dict[str, Array] = {}
        self._part = index.parts[number]
        self._models = {field: models[number] for field, models in index.models.items()}
        self._parameters = index.parameters
        self._wanted = wanted
        self._idf = idf
        self._terms = tuple(term for term in idf if idf[term] and self._part.find(term) is not None)

    def first(self, count: int) -> tuple[Array, Scores]:
        """The best passages by words, article and date, with these scores; more when the last are equal."""
        limits = Limits(self._fits, self._context, self._factor)
        passages, scores, self.matching = best_by_words(
            self._part, self._models["passages"], self._terms, count, limits
        )
        return passages, scores

    def base(self, passages: Array) -> Scores:
        """The same score of any passages."""
        scores = self._models["passages"].get_batch_scores(self._terms, passages)
        article = self.segment.passage_article[passages]
        if self._context is not None:
            scores = scores + self._context[article]
        return scores if self._factor is None else scores * self._factor[article]

    def final(self, passages: Array, base: Scores) -> Scores:
        """The whole score, from that by words, article and date."""
        self._candidates, self._signals = passages, self._signals_of(passages)
        more = sum(self._signals.values(), np.zeros(len(passages)))
        if self._factor is not None:
            more = more * self._factor[self.segment.passage_article[passages]]
        return (base + more) * self._place(passages)

    def hits(self, passages: Array, scores: Scores) -> list[Hit]:
        """Passages that were given to `final` as hits, every number in their scores named."""
        articles = self.segment.passage_article[passages]
        words = word_scores(self._part, "passages", self._models["passages"], self._terms, passages)
        parts = {f"word {term}": values for term, values in zip(self._terms, words, strict=True)}
        parts |= {name: added[articles] for name, added in self._context_parts.items()}
        order = np.argsort(self._candidates)
        at = order[np.searchsorted(self._candidates, passages, sorter=order)]
        parts |= {name: values[at] for name, values in self._signals.items()}
        undated = scores / self._place(passages)
        parts["place"] = scores - undated
        if self._factor is not None:
            parts["date"] = undated - undated / self._factor[articles]
        numbers = np.stack(list(parts.values()), axis=1).tolist() if len(passages) else []
        ids, indexes = self.segment["article_ids"][articles].tolist(), self.segment["passage_index"][passages].tolist()
        return [
            Hit(
                ids[i],
                indexes[i],
                float(scores[i]),
                tuple(term for term, value in zip(self._terms, row, strict=False) if value),
                {name: value for name, value in zip(parts, row, strict=True) if value},
            )
            for i, row in enumerate(numbers)
        ]

    def held(self, passages: Array) -> dict[int, frozenset[str]]:
        """By id, for the articles of these passages: which of the terms to score by stand anywhere in them."""
        articles = np.unique(self.segment.passage_article[passages])
        has = word_scores(self._part, "articles", self._models["articles"], self._terms, articles) > 0
        terms = np.array(self._terms, object)
        ids = self.segment["article_ids"][articles].tolist()
        return {article_id: frozenset(terms[has[:, n]]) for n, article_id in enumerate(ids)}

    @cached_property
    def spoken(self) -> Array:
        """Passages with words of the speaker whom the question seems to name, or asks for alone, ascending."""
        query = self._wanted.query
        speaker = query.hints.speaker or (query.filters.speaker if not self._wanted.terms else None)
        if not speaker or not self._parameters.speaker:
            return _NONE
        found = spoken_by(self.segment, speaker)
        return found if self._fits is None else found[self._fits[found]]

    @cached_property
    def opening(self) -> Array:
        """Where limits are all that is asked: of each article within them the first passage, or the first with words of
        somebody named, where speech is asked for.
        """
        filters, segment = self._wanted.query.filters, self.segment
        if self._wanted.terms or not (filters.dates or filters.source or filters.section) or self._fits is None:
            return _NONE
        passages = np.flatnonzero(self._fits)
        if self._wanted.query.asks_speech:
            passages = passages[np.diff(segment["speaker_starts"])[passages] > 0]
        _, first = np.unique(segment.passage_article[passages], return_index=True)
        found: Array = passages[first]
        return found

    @cached_property
    def _fits(self) -> Array | None:
        """Whether each passage may be found at all; None: all may."""
        wanted, part = self._wanted, self._part
        masks = [fitting(part, wanted.query.filters), part.removed.alive if part.removed else None]
        masks += [holding(part, [phrase]) for phrase in wanted.phrases]
        masks += [holding(part, group) for group in wanted.any_of]
        if wanted.excluded:
            masks.append(~holding(part, wanted.excluded))
        given = [mask for mask in masks if mask is not None]
        return np.logical_and.reduce(given) if given else None

    @cached_property
    def _context(self) -> Array | None:
        """What each article adds to its passages."""
        parts = list(self._context_parts.values())
        return sum(parts[1:], parts[0]) if parts else None

    @cached_property
    def _context_parts(self) -> dict[str, Array]:
        """The same by name: its own BM25, that of its title, being of a source that the question names."""
        parts: dict[str, Array] = {}
        parameters, models = self._parameters, self._models
        if parameters.article:
            parts["article"] = parameters.article * all_scores(self._part, "articles", models["articles"], self._terms)
        if parameters.title:
            parts["title"] = parameters.title * all_scores(self._part, "titles", models["titles"], self._terms)
        if parameters.source and (named := named_in(self.segment, "sources", self._wanted.query.text)):
            weight = parameters.source * sum(self._idf.values())
            parts["source"] = weight * np.isin(self.segment["sources"], named)
        return parts

    @cached_property
    def _factor(self) -> Array | None:
        """By what each article's date multiplies the scores of its passages."""
        factors = [1 + weight * self._nearness(dates) for dates, weight in raised(self._wanted.query, self._parameters)]
        return np.asarray(math.prod(factors)) if factors else None

    def _nearness(self, dates: DateRange) -> Array:
        """1 for each article dated within, less with every day that it lies outside."""
        nearness: Array = np.exp(-articles_off(self.segment, dates) / self._parameters.date_days)
        return nearness

    def _place(self, passages: Array) -> Array:
        """By what a passage's length and its place in a dated article (news tells the main thing first) multiply.

        Not where speech is asked for: what someone said may be brief and stands anywhere.
        """
        if self._wanted.query.asks_speech:
            return np.ones(len(passages))
        segment, parameters = self.segment, self._parameters
        dated = segment["dates"][segment.passage_article[passages]].any(axis=1)
        lead = parameters.lead * dated * np.exp(-segment["passage_index"][passages] / 3)
        length = segment.fields["passages"].lengths[passages]
        place: Array = (1 + lead) * (1 - parameters.brief * np.exp(-length / 8))
        return place

    def _signals_of(self, passages: Array) -> dict[str, Array]:
        """What else raises these passages, by name."""
        signals: dict[str, Array] = {}
        parameters = self._parameters
        if parameters.pair:
            terms = set(self._terms)
            pairs = [pair for pair in self._wanted.pairs if terms.issuperset(pair)]
            idf = np.array([self._idf[one] + self._idf[other] for one, other in pairs])  # as if words met by chance
            counts = pair_counts(self._part, passages, pairs)
            saturated = counts * (parameters.k1 + 1) / (counts + parameters.k1)
            titles = self.segment.passages + self.segment.passage_article[passages]
            in_titles = pair_counts(self._part, titles, pairs) > 0
            for name, weight, held in (
                ("pair", parameters.pair, saturated),
                ("title pair", parameters.title_pair, in_titles),
            ):
                for place in np.flatnonzero(held.any(axis=1)).tolist():
                    signals[f"{name} {' '.join(pairs[place])}"] = weight * idf[place] * held[place]
        if parameters.near:
            weights = {term: self._idf[term] for term in self._terms if term not in self._wanted.names}
            signals["near"] = parameters.near * densest(self._part, passages, weights, parameters.near_words)
        if len(self.spoken):
            spoken = np.isin(passages, self.spoken)
            signals["speaker"] = parameters.speaker * self.speaker_idf * spoken
            if names := [term for term in self._terms if term in self._wanted.names]:
                held = word_scores(self._part, "passages", self._models["passages"], names, passages)
                whole = parameters.name * np.array([[self._idf[name]] for name in names])
                signals["name"] = spoken * np.maximum(whole - held, 0).sum(axis=0)
        return signals
