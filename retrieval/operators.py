"""What a question says in operators: ``from:`` ``source:`` ``since:`` ..., "exact phrases", ``-word`` and ``OR``."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from retrieval.timewords import leading_time
from retrieval.types import DateRange, Limits

_FIELDS = {
    **dict.fromkeys(("from", "said", "от", "сказал"), "speaker"),
    **dict.fromkeys(("source", "источник"), "source"),
    **dict.fromkeys(("section", "раздел"), "section"),
    **dict.fromkeys(("since", "с", "со"), "since"),
    **dict.fromkeys(("until", "till", "по", "до"), "until"),
}
_PHRASE = r"\"[^\"]{1,200}\"|“[^“”]{1,200}”|«[^«»]{1,200}»|„[^„“”]{1,200}[“”]"
_LEXEME = re.compile(
    rf"(?P<field>(?:{'|'.join(_FIELDS)})):[ ]?(?P<value>{_PHRASE}|[^\s\"“”«»„]+)"
    rf"|(?<!\S)-(?P<excluded>{_PHRASE}|[^\W\d_][^\s\"“”«»„]*)"
    rf"|(?P<phrase>{_PHRASE})"
    r"|(?<!\S)(?P<or>OR|ИЛИ|\|)(?!\S)"
    r"|(?P<word>[^\s\"“”«»„]+)",
    re.IGNORECASE,
)
_MARKS = '"“”«»„'
_EDGES = _MARKS + " .,;:!?()[]'’‘"


@dataclass(frozen=True, slots=True)
class Operators:
    """A question taken apart: what its operators say, and the text that is left to be understood."""

    rest: str
    unlimited: str  # the text without the operators that `filters` are from
    filters: Limits = Limits()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    any_of: tuple[tuple[str, ...], ...] = ()


def read_operators(text: str, now: dt.date) -> Operators:
    """The operators of a question. One that says nothing (an impossible date, an empty phrase) is passed over.

    Values of several words stand in quote marks: ``from:"Anatoly Antonov"``; dates need none: ``since:3 May 2021``.
    """
    limits: dict[str, str] = {}
    dates = DateRange()
    rest: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    groups: list[list[str]] = []
    unlimited: list[str] = []
    start = 0  # of what follows the last limit
    alternative = False  # the last lexeme was OR
    shouted = text.isupper()  # in "TRUMP OR BIDEN" the conjunction is no operator
    position = 0
    while match := _LEXEME.search(text, position):
        position = match.end()
        joined, alternative = alternative, False
        if match["field"]:
            name = _FIELDS[match["field"].lower()]
            if name in ("since", "until"):
                dates, length = _limit_dates(dates, name, text[match.start("value") :], now)
                position = match.start("value") + length if length else position
            elif value := match["value"].strip(_EDGES):
                limits[name] = value
            unlimited.append(text[start : match.start()])
            start = position
        elif match["excluded"]:
            excluded += filter(None, [match["excluded"].strip(_EDGES)])
        elif (
            match["or"]
            and match["or"].isupper() | (match["or"] == "|")
            and rest
            and rest[-1][-1:] != ","
            and rest[-1].strip(_EDGES)
            and not shouted
        ):
            alternative = True
        else:
            term = match.group().strip(_EDGES)
            if joined and term:
                if not groups or groups[-1][-1] != rest[-1].strip(_EDGES):
                    groups.append([rest[-1].strip(_EDGES)])
                groups[-1].append(term)
                phrases = [p for p in phrases if p != groups[-1][-2]]
            elif match["phrase"] and term:
                phrases.append(term)
            rest.append(match.group().strip(_MARKS))
    filters = Limits(dates=dates if dates != DateRange() else None, **limits)
    without = " ".join("".join([*unlimited, text[start:]]).split())
    return Operators(" ".join(rest), without, filters, tuple(phrases), tuple(excluded), tuple(tuple(g) for g in groups))


def _limit_dates(dates: DateRange, name: str, text: str, now: dt.date) -> tuple[DateRange, int]:
    """The dates with the one that the text begins with as their limit, and the length of its words."""
    time = leading_time(text, now)
    if time is None or text[: time.start].strip(_MARKS):
        return dates, 0
    length = time.end + ((text[time.end : time.end + 1] or " ") in _MARKS)
    said = time.dates
    if name == "since":
        return DateRange(said.since or dates.since, dates.until), length
    return DateRange(dates.since, said.until or dates.until), length
