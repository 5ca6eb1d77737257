"""How likely it is that the best quote answers: a logistic model of how well the evidence covers the question."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence, Set

from retrieval.analysis import Analyzer
from retrieval.answertype import offers
from retrieval.polarity import negation_missing, says_opposite
from retrieval.quoting import Span, Wanted
from retrieval.types import Article, Hit, Query, SearchResult

THRESHOLD = 0.5

_SATURATED = 1.9  # k1 + 1: how far a term that stands in a passage often may outweigh its idf
_STEM = 4  # letters that kindred words share at least: "imperial" and "imperialist"


def evidence(
    query: Query,
    wanted: Wanted,
    result: SearchResult,
    articles: Mapping[int, Article],
    best: Hit,
    span: Span,
    analyzer: Analyzer,
) -> tuple[float, ...]:
    """What speaks for and against the span as an answer, in the order of `_WEIGHTS`."""
    weights = wanted.weights
    whole = sum(weights.values())
    if not whole:
        return (0.0,) * len(_WEIGHTS)
    article = articles[best.article_id]
    text = article.paragraphs[best.index].text
    said = text[span.start : span.end]
    tokens = [token for token in analyzer.tokens(text, article.language) if token.term]
    paragraph = {token.term for token in tokens}
    shown = {token.term for token in tokens if span.start <= token.start and token.end <= span.end}
    if span.by_asked:
        paragraph, shown = paragraph | wanted.speaker_terms, shown | wanted.speaker_terms
    around = paragraph | _title_terms(article, analyzer)
    near = {term: _likeness(term, around) for term in weights}
    here = {term: _likeness(term, shown) for term in weights}
    titles = [_title_terms(articles[hit.article_id], analyzer) for hit in result.hits[:5] if hit.article_id in articles]
    lexical = sum(value for name, value in best.parts.items() if name not in ("date", "place", "speaker", "source"))
    return (
        lexical / (whole * _SATURATED),
        sum(weight * near[term] for term, weight in weights.items()) / wanted.unknown,
        sum(weight * (1 - near[term]) for term, weight in weights.items() if term not in wanted.names) / whole,
        max(sum(weights.get(term, 0.0) for term in title) for title in titles) / wanted.unknown,
        sum(weight * here[term] for term, weight in weights.items()) / whole,
        sum(weight * (1 - here[term]) for term, weight in weights.items() if term in wanted.names) / whole,
        sum(term not in paragraph for term in weights) / len(weights),
        float(says_opposite({term for term in weights if here[term] < 1}, shown - weights.keys())),
        float(negation_missing(query.text, said)),
        float(not offers(said, wanted.kind, wanted.asked)),
        float(query.asks_speech and span.kind != "statement"),
    )


def probability(evidence: Sequence[float]) -> float:
    """The estimated probability that the span answers, 0..1."""
    z = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS.values(), evidence, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


_BIAS = -1.0
_WEIGHTS = {
    "score, as a share of the best that words, article and title could give": 1.0,
    "summed idf of the terms in paragraph and title, in idf of an unknown word": 0.1,
    "share, by idf, of terms that are no names and missing there": -1.0,
    "summed idf of the terms in the title of one of the first five": 0.1,
    "share, by idf, of the terms in the span": 1.0,
    "share, by idf, of names and numbers missing in the span": -1.0,
    "share of the terms missing in the paragraph": 0.0,
    "the span says the opposite of a missing term": -0.5,
    "the question denies and the span does not": -0.5,
    "the span has nothing of the kind asked for": -0.1,
    "words of a speaker, as asked for": 0.5,
}


def _title_terms(article: Article, analyzer: Analyzer) -> Set[str]:
    return set(analyzer.terms(f"{article.title or ''} {article.source or ''}", article.language))


def _likeness(term: str, others: Collection[str]) -> float:
    """1 when the term is among the others, .7 or .5 when a kindred word is, by the start they share."""
    if term in others:
        return 1.0
    best = 0.0
    for other in others:
        if other[:_STEM] == term[:_STEM] and len(term) >= _STEM:
            shared = next(
                (i for i, (a, b) in enumerate(zip(term, other, strict=False)) if a != b), min(len(term), len(other))
            )
            longest = max(len(term), len(other))
            best = max(
                best, 0.7 if shared >= 0.6 * longest else 0.5 if shared >= 5 and shared >= 0.5 * longest else 0.0
            )
    return best
