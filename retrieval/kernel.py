"""Compiled search for the best passages of a large segment, which looks only where the best can be.

Passages are taken in windows. For each word and window the greatest weight is known, so each window has a bound on its
scores; windows are taken by falling bound until no other can hold a better passage, and within a window only words
that can still lift a passage among the best are looked up (MaxScore).
Sources: Turtle and Flood 1995, "Query evaluation: strategies and optimizations"; Ding and Suel 2011, "Faster top-k
document retrieval using block-max indexes".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from retrieval.segment import Array

WINDOW = 8192  # passages; of 1,024 to 16,384, where questions are answered soonest
_LOOKUP = 16  # looking a passage up costs as much as adding so many postings
_SLACK = 1 - 1e-9  # bounds are sums in another order than scores


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    try:
        compiled: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # nowhere to keep the compiled code
        compiled = njit(nogil=True)(function)
    return compiled


@_compiled
def window_bounds(starts: Array, documents: Array, codes: Array, table: Array, terms: Array, windows: int):  # type: ignore[no-untyped-def]
    """(places, weights): for each of the terms, where each window's postings begin, and their greatest weight."""
    places = np.zeros((len(terms), windows + 1), np.uint32)
    weights = np.zeros((len(terms), windows), np.float32)
    for row in range(len(terms)):
        first, last = starts[terms[row]], starts[terms[row] + 1]
        for place in range(first, last):
            window = documents[place] // WINDOW
            places[row, window + 1] = place + 1 - first
            weight = np.float32(table[codes[place]])
            if weight < table[codes[place]]:
                weight = np.nextafter(weight, np.float32(np.inf))
            if weight > weights[row, window]:
                weights[row, window] = weight
        for window in range(windows):
            if places[row, window + 1] < places[row, window]:
                places[row, window + 1] = places[row, window]
    return places, weights


@_compiled
def add_up(documents, codes, table, starts, ends, idf, scores):  # type: ignore[no-untyped-def]
    """Adds to each document's score what the terms' postings weigh, term by term."""
    for t in range(len(starts)):
        for at in range(starts[t], ends[t]):
            scores[np.uint32(documents[at])] += idf[t] * table[codes[at]]


@_compiled
def weigh(documents, codes, table, starts, ends, idf, wanted):  # type: ignore[no-untyped-def]
    """What each term adds to the score of each wanted document. Returns: terms x documents."""
    weights = np.zeros((len(starts), len(wanted)))
    for t in range(len(starts)):
        for i in range(len(wanted)):
            at = _find(documents, starts[t], ends[t], wanted[i])
            if at < ends[t] and documents[at] == wanted[i]:
                weights[t, i] = idf[t] * table[codes[at]]
    return weights


@_compiled
def _find(documents, first, last, document):  # type: ignore[no-untyped-def]
    """Where in documents[first:last] the document stands, or would."""
    while first < last:
        middle = (first + last) // 2
        if documents[middle] < document:
            first = middle + 1
        else:
            last = middle
    return first


@_compiled
def _worse(score, passage, other_score, other, article_of, newness, article_ids):  # type: ignore[no-untyped-def]
    """Whether the first comes after the other: ties go to the newer article, then the id, then the place in it."""
    if score != other_score:
        return score < other_score
    a, b = article_of[passage], article_of[other]
    if newness[a] != newness[b]:
        return newness[a] < newness[b]
    if article_ids[a] != article_ids[b]:
        return article_ids[a] > article_ids[b]
    return passage > other


@_compiled
def _put(found, scores, size, passage, score, article_of, newness, article_ids):  # type: ignore[no-untyped-def]
    """Puts a passage in the heap, whose first is the worst, in place of that when it is full; gives its new size."""
    if size == len(found):
        if not _worse(scores[0], found[0], score, passage, article_of, newness, article_ids):
            return size
        at = 0
        while True:
            child = 2 * at + 1
            if child >= size:
                break
            if child + 1 < size and _worse(
                scores[child + 1], found[child + 1], scores[child], found[child], article_of, newness, article_ids
            ):
                child += 1
            if not _worse(scores[child], found[child], score, passage, article_of, newness, article_ids):
                break
            found[at], scores[at] = found[child], scores[child]
            at = child
    else:
        at = size
        size += 1
        while at > 0:
            parent = (at - 1) // 2
            if not _worse(score, passage, scores[parent], found[parent], article_of, newness, article_ids):
                break
            found[at], scores[at] = found[parent], scores[parent]
            at = parent
    found[at], scores[at] = passage, score
    return size


@_compiled
def _bounds(  # type: ignore[no-untyped-def]
    documents, codes, table, starts, ends, idf, rows, places, weights, scale, article_of, context, factor, windows
):
    """(place, bound, plus, times, total) by window: of each term, where its postings begin and the most that one adds;
    the greatest of its articles' context and factor; the most that a passage can score."""
    terms, passages = len(starts), len(article_of)
    place = np.empty((terms, windows + 1), np.int64)
    bound = np.zeros((terms, windows))
    for t in range(terms):
        if rows[t] >= 0:
            for w in range(windows + 1):
                place[t, w] = starts[t] + places[rows[t], w]
            for w in range(windows):
                bound[t, w] = weights[rows[t], w] * scale * idf[t]
            continue
        at = starts[t]
        for w in range(windows):
            place[t, w] = at
            while at < ends[t] and documents[at] < (w + 1) * WINDOW:
                bound[t, w] = max(bound[t, w], table[codes[at]] * idf[t])
                at += 1
        place[t, windows] = at
    plus, times, total = np.zeros(windows), np.ones(windows), np.zeros(windows)
    for w in range(windows):
        for a in range(article_of[w * WINDOW], article_of[min((w + 1) * WINDOW, passages) - 1] + 1):
            if len(context):
                plus[w] = max(plus[w], context[a])
            if len(factor):
                times[w] = max(times[w], factor[a])
        for t in range(terms):
            total[w] += bound[t, w]
        if total[w] > 0:
            total[w] = (total[w] + plus[w]) * times[w]
    return place, bound, plus, times, total


def best(  # type: ignore[no-untyped-def]
    documents, codes, table, starts, ends, idf, rows, places, weights, scale,
    article_of, context, factor, fits, newness, article_ids, count,
):  # fmt: skip
    """(passages, scores) of the best `count`, in no order. A score is (sum of idf x weight + context) x factor.

    Args, for T terms, all of positive weight: `starts`, `ends`, `idf` T: their postings; `rows` T: the row of each in
    `places` and `weights` (see `window_bounds`), or -1; `scale`: how much greater than in `weights` a weight may now
    be; `context`, `factor` (at least 1) by article and `fits` by passage: empty for none.
    """
    windows = -(-len(article_of) // WINDOW)
    place, bound, plus, times, total = _bounds(
        documents, codes, table, starts, ends, idf, rows, places, weights, scale, article_of, context, factor, windows
    )
    return _best(
        documents, codes, table, idf, place, bound, plus, times, total, np.argsort(-total),
        article_of, context, factor, fits, newness, article_ids, count,
    )  # fmt: skip


@_compiled
def _best(  # type: ignore[no-untyped-def]
    documents, codes, table, idf, place, bound, plus_bound, times_bound, total, order,
    article_of, context, factor, fits, newness, article_ids, count,
):  # fmt: skip
    terms = len(idf)
    found, scores, size = np.empty(count, np.int64), np.empty(count), 0
    sums, touched = np.zeros(WINDOW), np.empty(WINDOW + 1, np.int64)
    active, below = np.empty(terms, np.int64), np.empty(terms + 1)
    for w in order:
        least = scores[0] * _SLACK if size == count else 0.0  # what cannot reach it is out
        if total[w] <= 0 or total[w] < least:
            break
        number = 0
        for t in range(terms):  # by rising bound
            if place[t, w + 1] > place[t, w]:
                at = number
                while at > 0 and bound[active[at - 1], w] > bound[t, w]:
                    active[at] = active[at - 1]
                    at -= 1
                active[at] = t
                number += 1
        below[0] = 0.0
        for i in range(number):
            below[i + 1] = below[i] + bound[active[i], w]
        essential = 0  # the words before this one alone lift no passage among the best
        while essential < number - 1 and (below[essential + 1] + plus_bound[w]) * times_bound[w] < least:
            essential += 1
        base, n = w * WINDOW, 0
        sums[:] = 0.0
        for i in range(essential, number):
            t = active[i]
            times_idf = idf[t]
            for at in range(place[t, w], place[t, w + 1]):
                d = np.uint32(documents[at] - base)
                before = sums[d]
                sums[d] = before + times_idf * table[codes[at]]
                touched[n] = d
                n += before == 0  # without a branch, which would be guessed wrong half of the time
        for i in range(essential, -1, -1):  # of these, who can still be among the best?
            left = 0
            for j in range(n):
                p = base + touched[j]
                plus = context[article_of[p]] if len(context) else 0.0
                times = factor[article_of[p]] if len(factor) else 1.0
                if (sums[touched[j]] + below[i] + plus) * times >= least:
                    touched[left] = touched[j]
                    left += 1
            n = left
            if n == 0 or i == 0:
                break
            t = active[i - 1]
            times_idf = idf[t]
            if n * _LOOKUP < place[t, w + 1] - place[t, w]:
                for j in range(n):
                    at = _find(documents, place[t, w], place[t, w + 1], base + touched[j])
                    if at < place[t, w + 1] and documents[at] == base + touched[j]:
                        sums[touched[j]] += times_idf * table[codes[at]]
            else:
                for at in range(place[t, w], place[t, w + 1]):
                    sums[np.uint32(documents[at] - base)] += times_idf * table[codes[at]]
        for j in range(n):
            p = base + touched[j]
            if len(fits) and not fits[p]:
                continue
            plus = context[article_of[p]] if len(context) else 0.0
            times = factor[article_of[p]] if len(factor) else 1.0
            if (sums[touched[j]] + plus) * times < least:
                continue
            score = 0.0  # summed in the order of the query, as everywhere
            for t in range(terms):
                at = _find(documents, place[t, w], place[t, w + 1], p)
                if at < place[t, w + 1] and documents[at] == p:
                    score += idf[t] * table[codes[at]]
            score = (score + plus) * times
            size = _put(found, scores, size, p, score, article_of, newness, article_ids)
            least = scores[0] * _SLACK if size == count else 0.0
    return found[:size], scores[:size]
