"""BM25 as `rank_bm25` defines it, fed from posting lists. The one home of that library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25, BM25Okapi

from retrieval.segment import Array

Scores = NDArray[np.float64]
_ANY = "term"  # the one word of the library's little documents


@dataclass(frozen=True, slots=True)
class Collection:
    """What a BM25 model must know of all documents of a kind, over all segments."""

    size: int
    length: int  # of all together, in terms
    frequencies: Mapping[str, int]  # in how many documents a term stands; 0 for any other

    @property
    def average_length(self) -> float:
        return self.length / self.size if self.length else 1.0


class Postings(Protocol):
    """One field of one segment, as a model reads it."""

    code_frequency: Array
    code_length: Array
    documents: int

    def postings(self, term: str) -> tuple[Array, Array]:
        """Documents that hold the term, ascending, and their codes."""


class Ranker(Protocol):
    """Scores the documents of one field of one segment."""

    idf: Mapping[str, float]
    table: Scores  # weight of a posting by its code, before idf

    def get_scores(self, query: Sequence[str]) -> Scores:
        """The score of every document."""

    def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int] | Array) -> Scores:
        """The score of each of the documents, in the order given."""


class NewsBM25(BM25Okapi):  # type: ignore[misc]  # the library ships no types
    """Okapi BM25 whose idf stays positive, so that a word of half the passages still counts in a small corpus.

    Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", with Lucene's 1 + in the logarithm.
    """

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        self.idf = Idf(self.corpus_size, nd)


class Idf(dict[str, float]):
    """idf by term, worked out when first asked for: a question needs ten of a million."""

    def __init__(self, size: int, frequencies: Mapping[str, int]) -> None:
        super().__init__()
        self._size = size
        self._frequencies = frequencies

    def get(self, term: str, default: float | None = None) -> float | None:  # type: ignore[override]
        return self[term] or default

    def __missing__(self, term: str) -> float:
        n = self._frequencies.get(term, 0)
        if not n:
            return 0.0
        idf = self[term] = math.log(1 + (self._size - n + 0.5) / (n + 0.5))
        return idf


def fed_by_postings(variant: type[BM25], postings: Postings, collection: Collection, **parameters: float) -> Ranker:
    """A model of the library that reads posting lists instead of a dictionary for each document.

    The formula stays the library's own: it is asked once for the weight of each distinct (term frequency, document
    length), as if these were its documents; scores are then sums over postings of weight x idf. With the library's own
    variants this goes through the whole vocabulary for their idf; `NewsBM25` looks at the words asked for.
    """

    class Fed(variant):  # type: ignore[misc]
        def _initialize(self, corpus: Collection) -> Mapping[str, int]:
            self.corpus_size = corpus.size
            self.avgdl = corpus.average_length
            self.doc_freqs = [{_ANY: frequency} for frequency in postings.code_frequency.tolist()] + [{}]
            self.doc_len = [*postings.code_length.tolist(), 1]
            return corpus.frequencies

        def _calc_idf(self, nd: Mapping[str, int]) -> None:
            self.idf = {_ANY: 1.0}
            weights = np.array(super().get_batch_scores([_ANY], range(len(self.doc_len))))
            # What a document without the term gets: nothing, except from BM25Plus.
            self._absent = float(weights[-1])
            self.table = weights[:-1] - self._absent
            self.idf = {}
            super()._calc_idf(nd)

        def get_scores(self, query: Sequence[str]) -> Scores:
            absent = self._absent * sum(map(self._idf, query))
            lists = [postings.postings(term) for term in query]
            if not lists:
                return np.zeros(postings.documents)
            documents = np.concatenate([documents for documents, _ in lists])
            weights = [self._idf(term) * self.table[codes] for term, (_, codes) in zip(query, lists, strict=True)]
            # Adds up in the order of the query, as the library does.
            scores = np.bincount(documents, np.concatenate(weights), postings.documents)
            return scores.astype(np.float64, copy=False) + absent

        def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int] | Array) -> Scores:
            wanted = np.asarray(doc_ids, np.int32)  # as the postings: else they are converted at each search
            scores = np.zeros(len(wanted))
            for term in query:
                documents, codes = postings.postings(term)
                if len(documents):
                    places = np.minimum(documents.searchsorted(wanted), len(documents) - 1)
                    held = documents[places] == wanted
                    scores[held] += self._idf(term) * self.table[codes[places[held]]]
            return scores + self._absent * sum(map(self._idf, query))

        def _idf(self, term: str) -> float:
            return self.idf.get(term) or 0.0

    return Fed(collection, **parameters)
