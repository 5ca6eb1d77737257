"""BM25 as `rank_bm25` defines it. The one home of that library."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rank_bm25 import BM25Okapi


class NewsBM25(BM25Okapi):  # type: ignore[misc]  # the library ships no types
    """Okapi BM25 whose idf stays positive, so that a word of half the passages still counts in a small corpus.

    Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", with Lucene's 1 + in the logarithm.
    """

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        for term, n in nd.items():
            self.idf[term] = math.log(1 + (self.corpus_size - n + 0.5) / (n + 0.5))
