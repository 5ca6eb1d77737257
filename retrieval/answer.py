"""Hits -> Answer: which quotes to show, or that nothing in the articles answers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from retrieval.analysis import Analyzer
from retrieval.answertype import asked_type
from retrieval.confidence import THRESHOLD, coverage
from retrieval.quoting import Span, Wanted, best_span
from retrieval.types import Answer, AnswerQuote, Article, Hit, Limits, Query, SearchResult

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_CONSIDERED = 10  # hits looked at


@cache
def _analyzer() -> Analyzer:
    return Analyzer()


def choose(
    query: Query,
    result: SearchResult,
    articles: Mapping[int, Article],
    *,
    limit: int = 3,
    threshold: float = THRESHOLD,
) -> Answer:
    """The quotes that answer, best first: at most `limit`, each from another paragraph, no two saying the same.

    `articles` holds every article of the hits, by id; hits whose article is gone are passed over.
    """
    wanted = _wanted(query, result)
    offers = Limits(query.hints.speaker, query.hints.dates)
    found = [
        (hit, articles[hit.article_id], best_span(articles[hit.article_id], hit.index, wanted, _analyzer()))
        for hit in result.hits[:_CONSIDERED]
        if hit.article_id in articles and hit.index < len(articles[hit.article_id].paragraphs)
    ]
    if query.filters.speaker:
        found = [f for f in found if f[2].by_asked]
    if not found:
        return Answer(query, offers=offers)
    found.sort(key=lambda f: -_preference(f[0], f[2], query))
    best, _, span = found[0]
    confidence = coverage(dict(wanted.weights), frozenset(best.terms) | span.terms)
    if confidence < threshold:
        return Answer(query, confidence=confidence, offers=offers)
    quotes: list[AnswerQuote] = []
    for hit, article, span in found:
        if len(quotes) == limit or hit.score < 0.5 * best.score:
            break
        quote = AnswerQuote(article, hit.index, span.start, span.end, span.kind, span.speaker, hit.score, hit.terms)
        if not any(_alike(quote, other) for other in quotes):
            quotes.append(quote)
    return Answer(query, tuple(quotes), confidence, offers=offers)


def _wanted(query: Query, result: SearchResult) -> Wanted:
    speaker = query.filters.speaker or query.hints.speaker
    unknown = math.log(2 * result.size + 2) if result.size else max(result.idf.values(), default=1.0)
    return Wanted(
        weights={term: idf or unknown for term, idf in result.idf.items()},
        kind=asked_type(query.text),
        asked=frozenset(word.lower() for word in _WORD.findall(query.text)),
        speaker=speaker,
        speaker_terms=frozenset(_analyzer().terms(speaker or "", query.language)),
        speech=query.asks_speech,
    )


def _preference(hit: Hit, span: Span, query: Query) -> float:
    """The hit's score, raised when it shows what was asked for: the words of the speaker named, or of any."""
    if not query.asks_speech:
        return hit.score
    return hit.score * (1 + 0.3 * span.by_asked + 0.1 * (span.kind != "statement"))


def _alike(one: AnswerQuote, other: AnswerQuote) -> bool:
    """Whether two quotes say the same: nearly all words of the shorter one stand in the longer one, too."""
    a, b = ({word.lower() for word in _WORD.findall(quote.text)} for quote in (one, other))
    return len(a & b) >= 0.8 * max(1, min(len(a), len(b)))
