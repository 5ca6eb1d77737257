"""Words that stand together, read from the passages' own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def pair_counts(part: Part, rows: Array, pairs: Sequence[tuple[str, str]]) -> Array:
    """How often each row (see `Segment.words`) has each pair of terms as neighbours, stop words between them aside.

    Returns: pairs x rows.
    """
    words, row = part.segment.words(rows)
    row, words = row[words > 0], words[words > 0]
    numbers = {term: number + 1 for pair in pairs for term in pair if (number := part.find(term)) is not None}
    asked = np.zeros(len(words), bool)
    for number in numbers.values():  # for a few, quicker than np.isin
        asked |= words == number
    places = np.flatnonzero(asked[:-1] & asked[1:] & (row[:-1] == row[1:]))  # few are left
    wanted = {(numbers.get(one), numbers.get(other)): place for place, (one, other) in enumerate(pairs)}
    counts = np.zeros((len(pairs), len(rows)))
    for first, second, here in zip(*(a.tolist() for a in (words[places], words[places + 1], row[places])), strict=True):
        if (place := wanted.get((first, second))) is not None:
            counts[place, here] += 1
    return counts


def densest(part: Part, passages: Array, weights: Mapping[str, float], width: int) -> Array:
    """For each passage, the greatest summed weight of the terms that stand within `width` words, each counted once."""
    words, row = part.segment.words(passages)
    place = np.arange(len(words)) + row * width  # words of two passages are never near each other
    own = {}
    for term, weight in weights.items():
        number = part.find(term)
        if number is not None:
            own[term] = weight, np.flatnonzero(words == number + 1)
    starts = np.sort(np.concatenate([found for _, found in own.values()])) if own else np.zeros(0, np.int64)
    sums = np.zeros(len(starts))
    for weight, found in own.values():
        following = np.append(place[found], np.iinfo(np.int64).max)
        sums += weight * (following[np.searchsorted(following, place[starts])] - place[starts] < width)
    best = np.zeros(len(passages))
    np.maximum.at(best, row[starts], sums)
    return best
