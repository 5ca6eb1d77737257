"""The best passages by words and context: by looking at all that share a word, or in a large segment by pruning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np

from retrieval.index import Index, Part
from retrieval.ranker import Ranker, Scores
from retrieval.segment import Array, Segment

_LARGE = 20_000  # passages in a segment from which pruning is quicker
_FREQUENT = 512  # passages with a word from which its bounds are kept; others are found anew for each question
_kernel: ModuleType | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What else decides, beside the words. `fits` by passage; `context` (added) and `factor` (>= 1) by article."""

    fits: Array | None = None
    context: Scores | None = None
    factor: Scores | None = None


def warm_up(index: Index) -> None:
    """Loads the compiled search when a part is large; until then parts of any size are looked through.

    Takes 1 s, and 10 s the very first time after an installation, when it is compiled.
    """
    global _kernel
    large = [number for number, part in enumerate(index.parts) if part.segment.passages >= _LARGE]
    if large:
        kernel = import_module("retrieval.kernel")
        for number in large:
            part, model = index.parts[number], index.models["passages"][number]
            _pruned(kernel, part, model, [part.segment.term(0)], 10, Limits())
        _kernel = kernel


def word_scores(part: Part, name: str, model: Ranker, terms: Sequence[str], documents: Array) -> Scores:
    """What each term adds to the BM25 of each document of a field: `model.get_batch_scores` of it alone.

    Shape: terms x documents.
    """
    if _kernel is None or part.segment.passages < _LARGE:
        weights = [model.get_batch_scores([term], documents) for term in terms]
        return np.array(weights).reshape(len(terms), len(documents))
    compiled: Scores = _kernel.weigh(*_postings(part, name, model, terms), documents)
    return compiled


def all_scores(part: Part, name: str, model: Ranker, terms: Sequence[str]) -> Scores:
    """The score of every document of a field: what `model.get_scores` gives, compiled for large parts."""
    if _kernel is None or part.segment.passages < _LARGE:
        return model.get_scores(terms)
    scores = np.zeros(len(part.segment.fields[name].lengths))
    _kernel.add_up(*_postings(part, name, model, terms), scores)
    return scores


def best_by_words(
    part: Part, model: Ranker, terms: Sequence[str], count: int, limits: Limits
) -> tuple[Array, Scores, int]:
    """(passages, scores, how many match): of the passages that share a term, the best.

    The terms all stand in the part. A score is (BM25 + context of the article) x factor of the article. More than
    `count` may come back when the last ones are equal. In a large segment the number that match is a lower bound.
    """
    if _kernel is None or part.segment.passages < _LARGE:
        return _all(part, model, terms, count, limits)
    return _pruned(_kernel, part, model, terms, count, limits)


def _all(part: Part, model: Ranker, terms: Sequence[str], count: int, limits: Limits) -> tuple[Array, Scores, int]:
    segment = part.segment
    shares = np.zeros(segment.passages, bool)
    for number in _numbers(part, terms).tolist():
        shares[segment.fields["passages"].postings(number)[0]] = True
    if limits.fits is not None:
        shares &= limits.fits
    passages = np.flatnonzero(shares)
    scores = model.get_scores(terms)[passages]
    article = segment.passage_article[passages]
    if limits.context is not None:
        scores = scores + limits.context[article]
    if limits.factor is not None:
        scores = scores * limits.factor[article]
    matching = len(passages)
    if matching > count:
        least = np.partition(scores, matching - count)[matching - count]
        keep = np.flatnonzero(scores >= least)
        passages, scores = passages[keep], scores[keep]
    return passages, scores, matching


def _pruned(
    kernel: ModuleType, part: Part, model: Ranker, terms: Sequence[str], count: int, limits: Limits
) -> tuple[Array, Scores, int]:
    segment, field = part.segment, part.segment.fields["passages"]
    numbers = _numbers(part, terms)
    if not len(numbers):
        return np.zeros(0, np.int64), np.zeros(0), 0
    bounds = _bounds(kernel, segment, model)
    rows = np.searchsorted(bounds.terms, numbers)
    rows[bounds.terms[np.minimum(rows, len(bounds.terms) - 1)] != numbers] = -1
    nothing, everywhere = np.zeros(0), np.zeros(0, bool)
    passages, scores = kernel.best(
        *_postings(part, "passages", model, terms),
        rows,
        bounds.places,
        bounds.weights,
        float(np.max(model.table / bounds.table)),
        segment.passage_article,
        nothing if limits.context is None else limits.context,
        nothing if limits.factor is None else limits.factor,
        everywhere if limits.fits is None else limits.fits,
        segment.newness,
        segment["article_ids"],
        count,
    )
    return passages, scores, int((field.starts[numbers + 1] - field.starts[numbers]).max())


def _postings(part: Part, name: str, model: Ranker, terms: Sequence[str]) -> tuple[Array, ...]:
    """(documents, codes, table, starts, ends, idf), as the kernel takes them."""
    field, numbers = part.segment.fields[name], _numbers(part, terms)
    idf = np.array([model.idf[term] for term in terms])
    return field.documents, field.codes, model.table, field.starts[numbers], field.starts[numbers + 1], idf


def _numbers(part: Part, terms: Sequence[str]) -> Array:
    return np.array([part.find(term) for term in terms], np.int64)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The greatest weights of frequent terms, window by window, with the table of weights they were taken from."""

    terms: Array
    places: Array
    weights: Array
    table: Scores


def _bounds(kernel: ModuleType, segment: Segment, model: Ranker) -> _Bounds:
    """Worked out once for a segment; weights that change later are allowed for by their greatest growth."""
    if not isinstance(segment.bounds, _Bounds):
        field = segment.fields["passages"]
        terms = np.flatnonzero(np.diff(field.starts) >= _FREQUENT)
        windows = -(-segment.passages // kernel.WINDOW)
        found = kernel.window_bounds(field.starts, field.documents, field.codes, model.table, terms, windows)
        segment.bounds = bounds = _Bounds(terms, found[0], found[1], model.table)
        segment.let_go()
        return bounds
    return segment.bounds
