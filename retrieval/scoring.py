"""What every signal adds to the scores of one part's passages.

score = (words + article + title + source + pairs + speaker) x date x place
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from retrieval.analysis import Analyzer
from retrieval.index import Index
from retrieval.limits import days_off, fitting, named_in, spoken_by
from retrieval.phrases import holding, pair_counts
from retrieval.ranker import Scores
from retrieval.segment import Array
from retrieval.topk import Limits, best_by_words
from retrieval.types import DateRange, Hit, PartialDate, Query

_NONE = np.zeros(0, np.int64)


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


class PartScores:
    """One query on one part of an index. Passages are numbers in the part's segment."""

    def __init__(self, index: Index, number: int, wanted: Wanted, idf: Mapping[str, float]) -> None:
        self.segment = index.parts[number].segment
        self.matching = 0  # passages that share a term, known after `first`
        self.speaker_idf = 0.0
        self._part = index.parts[number]
        self._models = {field: models[number] for field, models in index.models.items()}
        self._parameters = index.parameters
        self._wanted = wanted
        self._idf = idf
        self._terms = tuple(term for term in wanted.terms if idf[term] and self._part.find(term) is not None)

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
        more = sum(self._signals(passages).values(), np.zeros(len(passages)))
        if self._factor is not None:
            more = more * self._factor[self.segment.passage_article[passages]]
        return (base + more) * self._place(passages)

    def hits(self, passages: Array, scores: Scores) -> list[Hit]:
        """The passages as hits, every number in their scores named."""
        articles = self.segment.passage_article[passages]
        words = {term: self._models["passages"].get_batch_scores([term], passages) for term in self._terms}
        parts = {f"word {term}": values for term, values in words.items()}
        for field, weight in self._context_weights.items():
            parts[field.removesuffix("s")] = weight * self._models[field].get_batch_scores(self._terms, articles)
        if self._named_source is not None:
            parts["source"] = self._named_source[articles]
        parts |= self._signals(passages)
        undated = scores / self._place(passages)
        parts["place"] = scores - undated
        if self._factor is not None:
            parts["date"] = undated - undated / self._factor[articles]
        return [
            Hit(
                int(self.segment["article_ids"][articles[i]]),
                int(self.segment["passage_index"][passages[i]]),
                float(scores[i]),
                tuple(term for term, values in words.items() if values[i]),
                {name: float(values[i]) for name, values in parts.items() if values[i]},
            )
            for i in range(len(passages))
        ]

    @cached_property
    def spoken(self) -> Array:
        """Passages with words of the speaker whom the question seems to name, ascending."""
        speaker = self._wanted.query.hints.speaker
        if not speaker or not self._parameters.speaker:
            return _NONE
        found = spoken_by(self.segment, speaker)
        return found if self._fits is None else found[self._fits[found]]

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

    @property
    def _context_weights(self) -> dict[str, float]:
        weights = {"articles": self._parameters.article, "titles": self._parameters.title}
        return {field: weight for field, weight in weights.items() if weight}

    @cached_property
    def _context(self) -> Array | None:
        """What each article adds to its passages."""
        scores = [
            weight * self._models[field].get_scores(self._terms) for field, weight in self._context_weights.items()
        ]
        if self._named_source is not None:
            scores.append(self._named_source)
        return sum(scores[1:], scores[0]) if scores else None

    @cached_property
    def _named_source(self) -> Scores | None:
        """What being of a source that the question names adds to each article's passages."""
        if not self._parameters.source:
            return None
        named = named_in(self.segment, "sources", self._wanted.query.text)
        if not named:
            return None
        weight = self._parameters.source * sum(self._idf.values())
        return weight * np.isin(self.segment["sources"], named)

    @cached_property
    def _factor(self) -> Array | None:
        """By what each article's date multiplies the scores of its passages."""
        query, parameters = self._wanted.query, self._parameters
        dates, weight = query.hints.dates, parameters.date
        if not dates and not query.filters.dates and query.asked:
            day = PartialDate(query.asked.year, query.asked.month, query.asked.day)
            dates, weight = DateRange(day, day), parameters.recency
        if not dates or not weight:
            return None
        return 1 + weight * np.exp(-days_off(self.segment["dates"], dates) / parameters.date_days)

    def _place(self, passages: Array) -> Array:
        """By what a passage's length and its place in a dated article (news tells the main thing first) multiply."""
        segment, parameters = self.segment, self._parameters
        dated = (segment["dates"] > 0).max(axis=1)[segment.passage_article[passages]]
        lead = parameters.lead * dated * np.exp(-segment["passage_index"][passages] / 3)
        length = segment.fields["passages"].lengths[passages]
        return (1 + lead) * (1 - parameters.brief * np.exp(-length / 8))

    def _signals(self, passages: Array) -> dict[str, Array]:
        """What else raises these passages, by name."""
        signals: dict[str, Array] = {}
        parameters = self._parameters
        if parameters.pair:
            pairs = [pair for pair in self._wanted.pairs if all(term in self._terms for term in pair)]
            for pair, counts in zip(pairs, pair_counts(self._part, passages, pairs), strict=True):
                idf = self._idf[pair[0]] + self._idf[pair[1]]  # as if words met by chance
                saturated = counts * (parameters.k1 + 1) / (counts + parameters.k1)
                signals[f"pair {' '.join(pair)}"] = parameters.pair * idf * saturated
        if len(self.spoken):
            signals["speaker"] = parameters.speaker * self.speaker_idf * np.isin(passages, self.spoken)
        return signals
