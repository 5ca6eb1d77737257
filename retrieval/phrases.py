"""Words that stand together, read from the passages' own words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.index import Part
from retrieval.segment import Array


def holding(part: Part, phrases: Sequence[Sequence[str]]) -> Array:
    """Whether each passage holds at least one of the phrases, word for word ("" in a phrase: any stop word)."""
    holds = np.zeros(part.segment.passages, bool)
    for phrase in phrases:
        numbers = [part.find(term) if term else -1 for term in phrase]
        terms = sorted(
            (n for n in set(numbers) if n is not None and n >= 0), key=part.segment.fields["passages"].frequency
        )
        if None in numbers or not terms:
            continue
        field = part.segment.fields["passages"]
        found = field.postings(terms[0])[0]
        for term in terms[1:]:
            found = np.intersect1d(found, field.postings(term)[0], assume_unique=True)
        if len(phrase) > 1:
            words, row = part.segment.words(found)
            wanted = [number + 1 for number in numbers if number is not None]
            places = max(0, len(words) - len(wanted) + 1)
            same = row[:places] == row[len(wanted) - 1 :]
            for offset, word in enumerate(wanted):
                same &= words[offset : offset + places] == word
            found = found[np.unique(row[:places][same])]
        holds[found] = True
    return holds


def pair_counts(part: Part, passages: Array, pairs: Sequence[tuple[str, str]]) -> list[Array]:
    """For each pair of terms, how often each passage has them as neighbours, stop words between them aside."""
    words, row = part.segment.words(passages)
    row, words = row[words > 0], words[words > 0]
    together = row[:-1] == row[1:]
    counts = []
    for one, other in pairs:
        first, second = part.find(one), part.find(other)
        if first is None or second is None:
            counts.append(np.zeros(len(passages), np.int64))
            continue
        here = together & (words[:-1] == first + 1) & (words[1:] == second + 1)
        counts.append(np.bincount(row[:-1][here], minlength=len(passages)))
    return counts
