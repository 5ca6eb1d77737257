"""The values that cross between the packages: plain, frozen, hashable where that is cheap.

Offsets are Python string indices (code points). Times are aware and UTC. Null means "the text does not say".

What an article has many of are structs, made in a fifth of a dataclass's time, and not looked through for garbage:
they hold text and numbers, and can make no cycle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from msgspec import Struct

Kind = Literal["direct", "indirect", "mixed", "statement"]
Certainty = Literal["stated", "from_context"]
DateOrigin = Literal["dateline", "front matter", "feed", "page", "data"]


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date as far as the source states it; `str()` gives EDTF (ISO 8601-2 level 1): ``XXXX-12-31``, ``2021-12``.

    Ordered only for storage; compare meaning with `could_be`.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        year = "XXXX" if self.year is None else f"{self.year:04d}"
        month = "" if self.month is None else f"-{self.month:02d}"
        day = "" if self.day is None else f"-{self.day:02d}"
        return year + month + day

    @classmethod
    def parse(cls, edtf: str) -> PartialDate:
        """The date that `str()` wrote. Raises: ValueError for anything else, impossible days included."""
        parts = edtf.split("-")
        if not 1 <= len(parts) <= 3 or len(parts[0]) != 4 or any(len(p) != 2 for p in parts[1:]):
            raise ValueError(f"not an EDTF date: {edtf!r}")
        year = None if parts[0] == "XXXX" else int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else None
        day = int(parts[2]) if len(parts) > 2 else None
        return cls.checked(year, month, day)

    @classmethod
    def checked(cls, year: int | None, month: int | None = None, day: int | None = None) -> PartialDate:
        """The date, if the calendar has it (29 February is allowed without a year). Raises: ValueError."""
        if month is None and (year is None or day is not None):
            raise ValueError("a date needs a year or a month, and a day needs its month")
        dt.date(2000 if year is None else year, month or 1, day or 1)
        return cls(year, month, day)

    @property
    def full(self) -> dt.date | None:
        """The calendar day, when year, month and day are all stated."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return dt.date(self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Dateline:
    """What stands before a dispatch's first words: ``WASHINGTON, December 31. / TASS /.``"""

    place: str | None = None
    date: PartialDate | None = None
    agency: str | None = None
    end: int = 0  # first character of the dispatch proper, in the first paragraph


class Paragraph(Struct, frozen=True, gc=False):
    """A piece of an article's text exactly as written, outer white space apart."""

    text: str
    heading: str | None = None  # the subhead that it stands under


class Speaker(Struct, frozen=True, gc=False):
    """Who says a quotation, as far as the article tells."""

    name: str | None  # fullest form of the name in the article, nominative; null for unnamed speakers
    role: str | None = None  # as printed in the article
    as_written: str | None = None  # the words beside the quotation: "he", "the ambassador"
    certainty: Certainty | None = None


class Quotation(Struct, frozen=True, gc=False):
    """One quotation: a character-exact span of a paragraph, outer quote marks left out."""

    text: str
    paragraph: int | None  # number of the paragraph; null: the title
    start: int
    end: int
    kind: Kind
    speaker: Speaker | None = None
    cue: str | None = None  # the word of saying: "said", "according to"
    route: str = ""  # by which rule the speaker was found
    confidence: float = 0.0  # that the speaker is right: measured share for the route, 0..1
    group: int = 0  # segments of one utterance share it; numbered within the article


@dataclass(frozen=True, slots=True)
class Article:
    """One news item. `id` and `first_seen` are set once it is stored."""

    paragraphs: tuple[Paragraph, ...]
    title: str | None = None
    external_id: str | None = None  # the input's own id
    section: str | None = None
    source: str | None = None
    url: str | None = None
    language: str = "en"  # ISO 639-1
    dateline: Dateline | None = None
    date: PartialDate | None = None
    date_origin: DateOrigin | None = None
    quotes: tuple[Quotation, ...] = ()
    id: int = 0
    first_seen: dt.datetime | None = None

    def with_id(self, article_id: int, first_seen: dt.datetime) -> Article:
        """The same article as stored."""
        return replace(self, id=article_id, first_seen=first_seen)


@dataclass(frozen=True, slots=True)
class Passage:
    """What is indexed, ranked and quoted: one paragraph with what the article says around it. BM25's "document"."""

    article_id: int
    index: int  # of the paragraph in its article, from 0
    text: str
    heading: str | None = None
    title: str | None = None
    source: str | None = None
    section: str | None = None
    language: str = "en"
    date: PartialDate | None = None
    speakers: tuple[str, ...] = ()  # full names of those quoted in it


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `since` to `until`, both included; null: open. Dates without a year compare by month and day alone."""

    since: PartialDate | None = None
    until: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What narrows a search. As a filter it excludes; as a hint it only raises what fits."""

    speaker: str | None = None
    dates: DateRange | None = None
    source: str | None = None
    section: str | None = None

    def __bool__(self) -> bool:
        return self != Limits()


@dataclass(frozen=True, slots=True)
class Query:
    """A question, understood. Words are as asked; the index analyses them."""

    text: str  # the question as asked
    words: str  # what is searched for: the question less operators, speaker frame and date words
    language: str = "en"
    phrases: tuple[str, ...] = ()  # all must stand in the passage, word for word (after analysis)
    excluded: tuple[str, ...] = ()  # none may
    any_of: tuple[tuple[str, ...], ...] = ()  # of each group, at least one must
    filters: Limits = Limits()  # said with an operator, a flag or a button
    hints: Limits = Limits()  # suggested by plain words
    asks_speech: bool = False  # "what did X say": quotations before narration
    asked: dt.date | None = None  # the day of asking: what is newer is likelier to be meant


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. Scores compare only within one query on one index."""

    article_id: int
    index: int  # paragraph
    score: float
    terms: tuple[str, ...] = ()  # matched terms, after analysis
    parts: Mapping[str, float] = field(default_factory=dict)  # every number in the score, by name


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best passages for a query, and what the index knows about its words."""

    hits: tuple[Hit, ...]
    total: int = 0  # passages that share a term; in a large index a lower bound
    idf: Mapping[str, float] = field(default_factory=dict)  # of each query term, after analysis; 0.0: not in the index
    version: str = ""  # of the index snapshot that answered
    size: int = 0  # passages in that snapshot
    # Of the hits' articles, by id, which of the terms they have anywhere; only where the index has them whole.
    articles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    whole: bool = True  # False: the engine that has all articles was silent, only the newest were searched


@dataclass(frozen=True, slots=True)
class IndexStats:
    """What an index holds."""

    articles: int
    passages: int
    terms: int
    version: str


@dataclass(frozen=True, slots=True)
class AnswerQuote:
    """One quote of an answer. `article.paragraphs[index].text[start:end]` is what is shown."""

    article: Article
    index: int  # paragraph
    start: int
    end: int
    kind: Kind
    speaker: Speaker | None
    score: float
    terms: tuple[str, ...] = ()  # matched terms, for marking

    @property
    def paragraph(self) -> Paragraph:
        return self.article.paragraphs[self.index]

    @property
    def text(self) -> str:
        return self.paragraph.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is replied. No quotes: nothing in the articles answers."""

    query: Query
    quotes: tuple[AnswerQuote, ...] = ()
    confidence: float = 0.0  # estimated probability that the first quote answers, 0..1
    unknown: tuple[str, ...] = ()  # words of the question that no article has
    suggestions: tuple[str, ...] = ()  # "did you mean": terms of the corpus near the unknown ones
    offers: Limits = Limits()  # hints that some of the quotes fit and some do not: the reader may make them limits
    whole: bool = True  # False: only the newest articles were searched

    @property
    def answered(self) -> bool:
        return bool(self.quotes)
