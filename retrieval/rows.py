"""Passages as rows of a table of another engine, and questions as that engine understands them: weights and filters.

A row's weights are those of its words in BM25, by a number that stands for the word; a question's are their idf. The
sum of the products is the BM25 score, whatever the engine knows of its rows, and on however many machines they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from retrieval.building import Vocabulary, build
from retrieval.excerpt import Excerpt
from retrieval.index import Index, Part
from retrieval.limits import NEVER, reach, span
from retrieval.names import name_keys
from retrieval.segment import Segment, hash_of
from retrieval.types import DateRange, Limits, PartialDate, Passage

Weights = dict[int, float]
Row = dict[str, Any]

WHOLE = -1  # in the place of a paragraph's number: the row of a whole article
STATE = -1  # in the place of an article's: of what state of the articles the rows are
TEXT_BYTES = 65_000  # of a text; nothing after them is ranked by
NAME_BYTES = 1_000
NAMES = 100  # of one paragraph's speakers, or words of one name
TEXTS = ("heading", "title", "source", "section", "language")
WORDS = ("speaker_words", "source_words", "section_words")
DAYS = ("first_day", "last_day", "first_day_of_year", "last_day_of_year")
READ = ("id", "article", "paragraph", "text", *TEXTS, "date", "speakers")
_PARAGRAPHS = 1 << 20  # that an article may have
_NOTHING = 0  # the number of no word: every row must have some weight
_NUMBERS = 2**32 - 2


def number_of(term: str) -> int:
    """The number that stands for the term. Two terms of ten million share one once in 400 times."""
    return int(_numbers(np.array([hash_of(term)]))[0])


def rows_of(passages: Sequence[Passage], vocabulary: Vocabulary, known: Index) -> list[Row]:
    """A row for each passage and for each article; those of one article stand together.

    Args: known, the index by whose average lengths the words weigh.
    """
    segment = build(passages, vocabulary)
    models = Excerpt((Part(segment),), known.parameters, known=known).models
    weights = {name: _weights(segment, name, models[name][0].table) for name in ("passages", "articles")}
    days = _days(segment["dates"])
    rows = []
    starts = segment["passage_starts"].tolist()
    for number, (start, end) in enumerate(pairwise(starts)):
        for passage, found in zip(passages[start:end], weights["passages"][start:end], strict=True):
            rows.append(_row(passage, found, days[number]))
        whole = replace(passages[start], index=WHOLE, text="", heading=None, title=None, speakers=())
        rows.append(_row(whole, weights["articles"][number], days[number]))
    return rows


def state_row(text: str) -> Row:
    """A row that is no passage, but says of what state of the articles the others are."""
    return _row(Passage(STATE, WHOLE, text), {}, (NEVER, -NEVER, NEVER, -NEVER))


def passage_of(row: Mapping[str, Any]) -> Passage:
    """The passage that a row of `READ` fields was made of."""
    return Passage(
        article_id=row["article"],
        index=row["paragraph"],
        text=row["text"],
        heading=row["heading"] or None,
        title=row["title"] or None,
        source=row["source"] or None,
        section=row["section"] or None,
        language=row["language"],
        date=PartialDate.parse(row["date"]) if row["date"] else None,
        speakers=tuple(row["speakers"]),
    )


def condition(limits: Limits) -> str:
    """An expression that holds for every passage that fits the limits, and for few others; "" when all do."""
    parts = []
    if limits.dates:
        parts.append(dated(limits.dates))
    for name, field in ((limits.source, "source_words"), (limits.section, "section_words")):
        if name and (words := name_keys(name)):
            parts.append(f"array_contains_all({field}, {_listed(words)})")
    if limits.speaker:
        keys = name_keys(limits.speaker)
        parts.append(f"array_contains_any(speaker_words, {_listed(keys[-1:])})" if keys else "article < 0")
    return " and ".join(parts)


def dated(dates: DateRange, around: int = 0) -> str:
    """The same for dates, with so many days before and after them."""
    years, low, high = reach(dates)
    first, last = DAYS[:2] if years else DAYS[2:]
    both = "and" if low <= high else "or"
    return f"({last} >= {low - around} {both} {first} <= {high + around})"


def _row(passage: Passage, weights: Weights, days: Sequence[int]) -> Row:
    return {
        "id": passage.article_id * _PARAGRAPHS + passage.index + 1,
        "article": passage.article_id,
        "paragraph": passage.index,
        "text": _cut(passage.text, TEXT_BYTES),
        **{name: _cut(getattr(passage, name), NAME_BYTES) for name in TEXTS},
        "date": str(passage.date or ""),
        "speakers": [_cut(name, NAME_BYTES) for name in passage.speakers[:NAMES]],
        "speaker_words": _words(passage.speakers),
        "source_words": _words([passage.source or ""]),
        "section_words": _words([passage.section or ""]),
        **dict(zip(DAYS, days, strict=True)),
        "weights": weights or {_NOTHING: 1.0},
    }


def _days(dates: Any) -> list[list[int]]:
    """For each date what `DAYS` names."""
    spans = [day for years in (True, False) for day in span(dates, years)]
    days: list[list[int]] = np.stack(spans, axis=1).tolist()
    return days


def _weights(segment: Segment, name: str, table: Any) -> list[Weights]:
    """For each document of a field the weights of its words."""
    field = segment.fields[name]
    numbers = np.repeat(_numbers(segment["hashes"]), np.diff(field.starts))
    order = np.argsort(field.documents, kind="stable")
    numbers, weights = numbers[order].tolist(), table[field.codes[order]].tolist()
    ends = np.cumsum(np.bincount(field.documents, minlength=len(field.lengths))).tolist()
    return [
        dict(zip(numbers[start:end], weights[start:end], strict=True))
        for start, end in zip([0, *ends], ends, strict=False)
    ]


def _numbers(hashes: Any) -> Any:
    return hashes % np.uint64(_NUMBERS) + np.uint64(1)


def _words(names: Iterable[str]) -> list[str]:
    words = dict.fromkeys(_cut(word, NAME_BYTES) for name in names for word in name_keys(name))
    return list(words)[:NAMES]


def _cut(text: str | None, room: int) -> str:
    """The text in so many bytes, without halves of surrogate pairs, which travel nowhere."""
    return (text or "").encode("utf-8", "replace")[:room].decode("utf-8", "ignore")


def _listed(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)
