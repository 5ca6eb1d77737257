"""Standing queries: which of very many does an article satisfy, and by which of its paragraphs.

Each distinct query stands in one list, that of the rarest of the terms it cannot do without; only the lists of the
article's own terms are looked at. So an article costs what its words cost, however many queries there are.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.analysis import Analyzer
from retrieval.names import name_keys, same_person
from retrieval.passages import passages_of
from retrieval.question import SAYING, understand
from retrieval.quoting import Wanted, best_span
from retrieval.timewords import without_times
from retrieval.types import AnswerQuote, Article, Passage, Quotation

_ALL_OF = 3  # words that must all be there; of more, most
_MOST = 0.7
_ANY_DAY = dt.date(2000, 1, 1)  # dates that a question names have no meaning for what is to come

Phrase = tuple[str, ...]  # terms; "" for a stop word, whichever


@dataclass(frozen=True, slots=True)
class StandingQuery:
    """What must be so of one paragraph, its subhead, the title and the speakers quoted in it taken as its context."""

    words: frozenset[str] = frozenset()  # terms, of which `least` must be there, one of them in the paragraph itself
    least: int = 0
    phrases: tuple[Phrase, ...] = ()  # all
    any_of: tuple[tuple[Phrase, ...], ...] = ()  # of each group, one
    excluded: tuple[Phrase, ...] = ()  # none
    speaker: tuple[str, ...] = ()  # name keys: someone of that name is quoted in the paragraph
    source: frozenset[str] = frozenset()  # name keys that the article's source has
    section: frozenset[str] = frozenset()
    speech: bool = False  # asks for someone's words

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return self != StandingQuery(speech=self.speech)


@dataclass(frozen=True, slots=True)
class Match:
    """A standing query that an article satisfies."""

    ids: tuple[int, ...]  # under which it was added
    query: StandingQuery
    index: int | None  # the paragraph that satisfies it best; null: it asks nothing of the paragraphs


class Matcher:
    """Standing queries, by id."""

    def __init__(self, analyzer: Analyzer | None = None) -> None:
        self.analyzer = analyzer or Analyzer()
        self._numbers: dict[StandingQuery, int] = {}
        self._queries: list[StandingQuery] = []
        self._ids: list[list[int]] = []
        self._by_term: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)  # of speakers, by each key of the name
        self._by_place: dict[str, list[int]] = defaultdict(list)  # of sources and sections, by one key
        self._always: list[int] = []

    def __len__(self) -> int:
        """How many ids there are."""
        return sum(map(len, self._ids))

    def add(self, query_id: int, query: StandingQuery) -> None:
        """Adds a query under an id; many ids may share one query."""
        number = self._numbers.get(query)
        if number is None:
            number = self._numbers[query] = len(self._queries)
            self._queries.append(query)
            self._ids.append([])
            self._file(number, query)
        self._ids[number].append(query_id)

    def _file(self, number: int, query: StandingQuery) -> None:
        lists, keys = self._by_term, self._rarest(query)
        if not keys and query.speaker:
            lists, keys = self._by_name, set(query.speaker)
        if not keys and (place := query.source or query.section):
            lists, keys = self._by_place, {min(place, key=lambda key: (len(self._by_place[key]), key))}
        for key in keys:
            lists[key].append(number)
        if not keys:
            self._always.append(number)

    def _rarest(self, query: StandingQuery) -> set[str]:
        """Terms of which every article that satisfies the query has at least one: the set with the shortest lists."""

        def rare(term: str) -> tuple[int, str]:
            return len(self._by_term.get(term, ())), term

        sets = [{min(filter(None, phrase), key=rare)} for phrase in query.phrases]
        sets += [{min(filter(None, phrase), key=rare) for phrase in group} for group in query.any_of]
        if query.words:
            sets.append(set(sorted(query.words, key=rare)[: len(query.words) - query.least + 1]))
        return min(sets, key=lambda terms: sum(rare(term)[0] for term in terms), default=set())

    def match(self, article: Article) -> list[Match]:
        """The queries that the article satisfies, each with its best paragraph: most of the words, then the first."""
        frame = _Frame(article, self.analyzer)
        everywhere = set(self._always)
        for key in frame.source | frame.section:
            everywhere.update(self._by_place.get(key, ()))
        everywhere.update(n for term in frame.terms for n in self._by_term.get(term, ()))
        found: dict[int, tuple[tuple[int, int, int], int | None]] = {}
        for number in everywhere:
            if _asks_only_for_place(self._queries[number]) and frame.fits(self._queries[number]):
                found[number] = (0, 0, 0), None
        for passage in passages_of(article):
            text = _Text(passage, frame, self.analyzer)
            candidates = {n for term in text.terms | text.names for n in self._by_term.get(term, ())}
            candidates.update(n for key in text.keys for n in self._by_name.get(key, ()))
            for number in (candidates | everywhere) - {n for n, (_, index) in found.items() if index is None}:
                query = self._queries[number]
                if frame.fits(query) and text.satisfies(query):
                    rank = (len(query.words & text.terms), bool(passage.speakers), -passage.index)
                    if number not in found or rank > found[number][0]:
                        found[number] = rank, passage.index
        return [Match(tuple(self._ids[n]), self._queries[n], index) for n, (_, index) in sorted(found.items())]


class _Frame:
    """What an article's paragraphs have in common."""

    def __init__(self, article: Article, analyzer: Analyzer) -> None:
        self.title = analyzer.sequence(article.title or "", article.language)
        self.terms = frozenset(filter(None, self.title))
        self.source = frozenset(name_keys(article.source or ""))
        self.section = frozenset(name_keys(article.section or ""))

    def fits(self, query: StandingQuery) -> bool:
        return query.source <= self.source and query.section <= self.section


class _Text:
    """A paragraph, analysed."""

    def __init__(self, passage: Passage, frame: _Frame, analyzer: Analyzer) -> None:
        self._texts = [analyzer.sequence(passage.text, passage.language), frame.title]
        if passage.heading:
            self._texts.append(analyzer.sequence(passage.heading, passage.language))
        self.terms = frozenset(filter(None, self._texts[0]))
        self.names = frozenset(term for name in passage.speakers for term in analyzer.terms(name, passage.language))
        self.known = self.terms | self.names | frozenset(filter(None, (t for text in self._texts for t in text)))
        self._speakers = [name_keys(name) for name in passage.speakers]
        self.keys = frozenset(key for name in self._speakers for key in name)

    def satisfies(self, query: StandingQuery) -> bool:
        if query.words and (len(query.words & self.known) < query.least or not query.words & self.terms):
            return False
        if query.speaker and not any(same_person(query.speaker, name) for name in self._speakers):
            return False
        return (
            all(map(self._has, query.phrases))
            and all(any(map(self._has, group)) for group in query.any_of)
            and not any(map(self._has, query.excluded))
        )

    def _has(self, phrase: Phrase) -> bool:
        length = len(phrase)
        if length == 1:
            return any(phrase[0] in text for text in self._texts)
        return any(
            tuple(text[start : start + length]) == phrase
            for text in self._texts
            for start in range(len(text) - length + 1)
            if text[start] == phrase[0]
        )


def _asks_only_for_place(query: StandingQuery) -> bool:
    return not (query.words or query.phrases or query.any_of or query.excluded or query.speaker)


def standing_query(text: str, analyzer: Analyzer) -> StandingQuery:
    """What a question asks of articles to come; false when it asks for nothing. Its dates are passed over."""
    query = understand(text, now=_ANY_DAY)

    def phrase(words: str) -> Phrase:
        return tuple(analyzer.sequence(words, query.language))

    phrases = tuple(p for p in map(phrase, query.phrases) if any(p))
    groups = tuple(g for g in (tuple(p for p in map(phrase, group) if any(p)) for group in query.any_of) if g)
    told = {term for p in (*phrases, *(p for group in groups for p in group)) for term in p}
    passed_over = SAYING if query.asks_speech else frozenset()
    said = without_times(query.words, _ANY_DAY)
    said = " ".join(word for word in said.split() if word.strip("?!.,").casefold() not in passed_over)
    words = frozenset(analyzer.terms(said, query.language)) - told
    filters = query.filters
    return StandingQuery(
        words,
        len(words) if len(words) <= _ALL_OF else math.ceil(_MOST * len(words)),
        phrases,
        groups,
        tuple(p for p in map(phrase, query.excluded) if any(p)),
        name_keys(filters.speaker or ""),
        frozenset(name_keys(filters.source or "")),
        frozenset(name_keys(filters.section or "")),
        query.asks_speech,
    )


def follow(follows: str, text: str, analyzer: Analyzer) -> StandingQuery:
    """The standing query of who follows "all", the "source", "section" or "speaker" of that name, or a "query"."""
    match follows:
        case "all":
            return StandingQuery()
        case "source":
            return StandingQuery(source=frozenset(name_keys(text)))
        case "section":
            return StandingQuery(section=frozenset(name_keys(text)))
        case "speaker":
            return StandingQuery(speaker=name_keys(text), speech=True)
        case _:
            return standing_query(text, analyzer)


def quote_of(article: Article, match: Match, analyzer: Analyzer) -> AnswerQuote | None:
    """What to quote of the article: what matched; its first quotation, when nothing is asked of the paragraphs."""
    if not article.paragraphs:
        return None
    query = match.query
    said = [q for q in article.quotes if q.paragraph is not None and q.end > q.start]
    if query.speaker and match.index is not None:
        said = [q for q in said if q.paragraph == match.index and _said_by(q, query.speaker)]
        if not query.words and said:
            return _quotation(article, said[0])
    elif match.index is None:
        by_name = [q for q in said if q.kind == "direct" and q.speaker and q.speaker.name]
        direct = by_name or [q for q in said if q.kind == "direct"]
        if direct:
            return _quotation(article, direct[0])
    terms = query.words.union(filter(None, (t for p in (*query.phrases, *sum(query.any_of, ())) for t in p)))
    index = match.index or 0
    span = best_span(article, index, _wanted(terms, speech=query.speech or bool(query.speaker)), analyzer)
    return AnswerQuote(article, index, span.start, span.end, span.kind, span.speaker, 0.0, tuple(sorted(terms)))


def nearest_quote(article: Article, old: str, analyzer: Analyzer) -> AnswerQuote | None:
    """What the article says now in place of a quote that it no longer has: a span with most of its words."""
    words = frozenset(analyzer.terms(old, article.language))
    shares = [
        (len(words & frozenset(analyzer.terms(paragraph.text, article.language))), -index)
        for index, paragraph in enumerate(article.paragraphs)
    ]
    best, index = max(shares, default=(0, 0))
    if not words or 2 * best < len(words):
        return None
    span = best_span(article, -index, _wanted(words, speech=False), analyzer)
    return AnswerQuote(article, -index, span.start, span.end, span.kind, span.speaker, 0.0)


def _wanted(terms: frozenset[str], *, speech: bool) -> Wanted:
    none: frozenset[str] = frozenset()
    weights = dict.fromkeys(terms, 1.0)
    return Wanted(
        weights=weights,
        unknown=1.0,
        names=none,
        kind="other",
        asked=none,
        speaker=None,
        speaker_terms=none,
        speech=speech,
    )


def _said_by(quotation: Quotation, speaker: Sequence[str]) -> bool:
    who = quotation.speaker
    return who is not None and who.name is not None and same_person(speaker, name_keys(who.name))


def _quotation(article: Article, q: Quotation) -> AnswerQuote:
    return AnswerQuote(article, q.paragraph or 0, q.start, q.end, q.kind, q.speaker, 0.0)


def first_matches(articles: Iterable[Article], query: StandingQuery, analyzer: Analyzer) -> list[AnswerQuote]:
    """What each of the articles that satisfy the query would be quoted for, in their order."""
    matcher = Matcher(analyzer)
    matcher.add(0, query)
    quotes = (quote_of(article, match, analyzer) for article in articles for match in matcher.match(article))
    return [quote for quote in quotes if quote is not None]
