"""The numbers of an evaluation, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ranking:
    """Quality of ranked lists: one row a question, 10 columns, true where the hit is relevant."""

    hits: NDArray[np.bool_]
    relevant: NDArray[np.int64]  # how many there are in all, a number a question

    @classmethod
    def of(cls, lists: Sequence[Sequence[bool]], relevant: Sequence[int]) -> Ranking:
        """From the relevance of each question's hits, best first."""
        rows = np.array([([*row, *[False] * 10])[:10] for row in lists], bool).reshape(-1, 10)
        return cls(rows, np.array(relevant, np.int64))

    def hit(self, k: int) -> float:
        """Share of questions with a relevant hit among the first k."""
        return float(self.hits[:, :k].any(axis=1).mean())

    @property
    def reciprocal_ranks(self) -> NDArray[np.float64]:
        """1 / rank of the first relevant hit among 10, else 0."""
        first = self.hits.argmax(axis=1)
        return np.where(self.hits.any(axis=1), 1.0 / (first + 1), 0.0)

    @property
    def mrr(self) -> float:
        """Mean reciprocal rank at 10."""
        return float(self.reciprocal_ranks.mean())

    @property
    def ndcg(self) -> float:
        """Mean normalised discounted cumulative gain at 10, relevance 0 or 1."""
        discounts = 1 / np.log2(np.arange(2, 12))
        gains = self.hits @ discounts
        ideal = np.concatenate([[0.0], discounts.cumsum()])[np.minimum(self.relevant, 10)]
        return float(np.divide(gains, ideal, out=np.zeros_like(gains), where=ideal > 0).mean())


def interval(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean: 1,000 samples, always the same ones."""
    array = np.asarray(values, float)
    picks = np.random.default_rng(1).integers(0, len(array), (1000, len(array)))
    low, high = np.percentile(array[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance that a positive scores above a negative, ties by half."""
    values = np.concatenate([positive, negative])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[inverse]
    n, m = len(positive), len(negative)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def calibration(
    confidence: Sequence[float], right: Sequence[bool], weight: Sequence[float]
) -> list[tuple[float, int, float, float]]:
    """Rows (lower edge, questions, mean confidence, share right) of the tenths that hold any, by weight."""
    c, r, w = (np.asarray(values, float) for values in (confidence, right, weight))
    tenth = np.minimum((c * 10).astype(int), 9)
    rows = []
    for number in np.unique(tenth):
        here = tenth == number
        mean, share = (float(np.average(values[here], weights=w[here])) for values in (c, r))
        rows.append((number / 10, int(here.sum()), mean, share))
    return rows
