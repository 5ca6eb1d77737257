"""A few passages of a large collection, scored by its statistics: as an index of all of it would score them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from retrieval.index import Index
from retrieval.ranker import Collection, Ranker, Scores
from retrieval.segment import Array


@dataclass(frozen=True)
class Excerpt(Index):
    """Passages that another engine found, with the statistics of an index in place of their own.

    Their words, titles and neighbours are here; the rest of their articles is not, so what it adds is given.
    """

    known: Index = field(default_factory=Index)  # whose statistics count
    rare: Mapping[str, int] = field(default_factory=dict)  # passages with each term that `known` lacks
    contexts: Mapping[int, float] = field(default_factory=dict)  # BM25 of the whole article, by its id

    @property
    def statistics(self) -> Index:
        return self.known

    @property
    def passages(self) -> int:
        return self.known.passages

    def collection(self, name: str) -> Collection:
        """The statistics of a field over the whole collection."""
        known = self.known.collection(name)
        frequencies = cast(MutableMapping[str, int], known.frequencies)
        return Collection(known.size, known.length, ChainMap(dict(self.rare), frequencies))

    def model(self, name: str, number: int, collection: Collection) -> Ranker:
        """The model of a field of one part, by the statistics of the collection."""
        model = super().model(name, number, collection)
        if name != "articles":
            return model
        ids = self.parts[number].segment["article_ids"].tolist()
        return _Given(model, np.array([self.contexts.get(article, 0.0) for article in ids]))


class _Given:
    """A model whose scores are known."""

    def __init__(self, model: Ranker, scores: Scores) -> None:
        self.idf, self.table, self._scores = model.idf, model.table, scores

    def get_scores(self, query: Sequence[str]) -> Scores:
        return self._scores

    def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int] | Array) -> Scores:
        return self._scores[doc_ids]
