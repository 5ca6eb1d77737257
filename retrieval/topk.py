"""The best passages by words and context."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.index import Part
from retrieval.ranker import Ranker, Scores
from retrieval.segment import Array


def best_by_words(
    part: Part,
    model: Ranker,
    terms: Sequence[str],
    count: int,
    fits: Array | None,
    context: Scores | None,
    factor: Scores | None,
) -> tuple[Array, Scores, int]:
    """(passages, scores, how many match): of the passages that share a term, the best.

    A score is (BM25 + context of the article) x factor of the article. More than `count` may come back when the last
    ones are equal.
    """
    segment = part.segment
    shares = np.zeros(segment.passages, bool)
    for term in terms:
        number = part.find(term)
        if number is not None:
            shares[segment.fields["passages"].postings(number)[0]] = True
    if fits is not None:
        shares &= fits
    passages = np.flatnonzero(shares)
    scores = model.get_scores(terms)[passages]
    article = segment.passage_article[passages]
    if context is not None:
        scores = scores + context[article]
    if factor is not None:
        scores = scores * factor[article]
    matching = len(passages)
    if matching > count:
        least = np.partition(scores, matching - count)[matching - count]
        keep = np.flatnonzero(scores >= least)
        passages, scores = passages[keep], scores[keep]
    return passages, scores, matching
