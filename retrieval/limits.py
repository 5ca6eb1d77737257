"""Which passages fit what a question limits: dates, sources, sections, speakers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from retrieval.index import Part
from retrieval.names import name_keys, same_person
from retrieval.segment import Array, Segment, hash_of
from retrieval.types import DateRange, Limits, PartialDate

_FAR = 10_000  # days: further off than any weight reaches
NEVER = 2_000_000_000  # a day after all others
_OFF_KEPT = 8  # ranges of days a segment, of each how far off its articles are
_off: WeakKeyDictionary[Segment, dict[DateRange, Array]] = WeakKeyDictionary()


def fitting(part: Part, limits: Limits) -> Array | None:
    """Whether each passage fits all the limits; None when they limit nothing."""
    segment = part.segment
    fits: Array | None = None
    articles = np.ones(segment.articles, bool)
    if limits.dates:
        articles &= days_off(segment["dates"], limits.dates) == 0
    for wanted, field in ((limits.source, "sources"), (limits.section, "sections")):
        if wanted:
            articles &= np.isin(segment[field], _named(segment, field, wanted))
    if limits.dates or limits.source or limits.section:
        fits = articles[segment.passage_article]
    if limits.speaker:
        said = np.zeros(segment.passages, bool)
        said[spoken_by(segment, limits.speaker)] = True
        fits = said if fits is None else fits & said
    return fits


def spoken_by(segment: Segment, speaker: str) -> Array:
    """The passages in which someone is quoted whose name may be the one given, ascending."""
    keys = name_keys(speaker)
    if not keys:
        return np.zeros(0, np.int64)
    last = hash_of(keys[-1])
    start, end = (int(np.searchsorted(segment["key_hashes"], last, side)) for side in ("left", "right"))
    candidates = segment["key_names"][start:end].tolist()
    names = [number for number in candidates if same_person(keys, name_keys(segment.name(number)))]
    places = np.flatnonzero(np.isin(segment["speakers"], names))
    found: Array = np.unique(np.searchsorted(segment["speaker_starts"], places, "right") - 1)
    return found


def named_in(segment: Segment, field: str, text: str) -> list[int]:
    """The sources or sections that the text names."""
    return [number for number, name in segment.used_names[field].items() if is_named(name, text)]


def is_named(name: str, text: str) -> bool:
    """Whether the text names the source or section, written as it is: "The Week" is not named by "this week"."""
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _named(segment: Segment, field: str, wanted: str) -> list[int]:
    words = set(name_keys(wanted))
    return [number for number, name in segment.used_names[field].items() if words <= set(name_keys(name))]


def days_off(dates: Array, wanted: DateRange) -> Array:
    """How many days each date lies outside the range: 0 within, `_FAR` where the date does not say enough.

    A date lies within when any day that it may mean does. Where the range names no year, month and day alone count;
    where it does, a date without a year says too little.

    Args: dates, n x 3: year, month, day, 0 where not stated.
    """
    years, low, high = reach(wanted)
    first, last = span(dates, years)
    if low <= high:
        off = np.maximum(0, np.maximum(low - last, first - high))
    else:  # "from December to February" of any year
        off = np.minimum(np.maximum(0, low - last), np.maximum(0, first - high))
    return np.where(first <= last, off, _FAR)


def articles_off(segment: Segment, wanted: DateRange) -> Array:
    """The same for the articles of a segment; kept, as nearly every question is about the day of asking."""
    kept = _off.setdefault(segment, {})
    off = kept.get(wanted)
    if off is None:
        off = days_off(segment["dates"], wanted)
        if len(kept) >= _OFF_KEPT:
            kept.clear()
        kept[wanted] = off
    return off


def span(dates: Array, years: bool) -> tuple[Array, Array]:
    """The first and the last day that each date may mean, as numbers; for one that says too little, first > last.

    `years`: whether the year counts, or month and day alone. Args: dates, as for `days_off`.
    """
    year, month, day = (dates[:, column].astype(np.int64) for column in range(3))
    known = year > 0 if years else month > 0
    if not years:
        year = np.zeros_like(year)
    first, last = (_day(year, month, day, first=end) for end in (True, False))
    return np.where(known, first, NEVER), np.where(known, last, -NEVER)


@lru_cache(256)
def reach(wanted: DateRange) -> tuple[bool, int, int]:
    """Whether years count, and the first and the last day of the range; `low > high`: over the turn of any year."""
    years = any(bound is not None and bound.year is not None for bound in (wanted.since, wanted.until))
    return years, _bound(wanted.since, years, first=True), _bound(wanted.until, years, first=False)


def dated_within(dates: Sequence[PartialDate | None], wanted: DateRange) -> list[bool]:
    """Whether each date may lie within the range; one that is not stated does not."""
    rows = [(date.year or 0, date.month or 0, date.day or 0) if date else (0, 0, 0) for date in dates]
    fits: list[bool] = (days_off(np.array(rows).reshape(-1, 3), wanted) == 0).tolist()
    return fits


def _bound(date: PartialDate | None, years: bool, *, first: bool) -> int:
    if date is None or (years and date.year is None):
        return -NEVER // 2 if first else NEVER // 2
    year, month, day = (np.array([part or 0]) for part in (date.year, date.month, date.day))
    return int(_day(year if years else np.zeros_like(year), month, day, first=first)[0])


def _day(year: Array, month: Array, day: Array, *, first: bool) -> Array:
    """The first or last day that each date may mean, counted in days; those of no year from 1 January 2000."""
    months = (np.where(year > 0, year, 2000) - 1970) * 12 + np.where(month > 0, month - 1, 0 if first else 11)
    starts = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    ends = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - 1
    exact = starts + day - 1
    return np.where((month > 0) & (day > 0), exact, starts if first else ends)
