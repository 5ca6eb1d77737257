"""How likely it is that the best quote answers: a logistic model of how well the evidence covers the question.

It sees no raw score: what scores are worth differs from corpus to corpus.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence, Set

from retrieval.analysis import Analyzer
from retrieval.answertype import offers
from retrieval.quoting import Span, Wanted
from retrieval.types import Article, Hit, Query, SearchResult

# Fitted to answerable against unanswerable questions of five sets and to questions put to a corpus of other matters
# (as many each; signs held), then scaled so that it is the share of first quotes that are right. Five-fold AUROC:
# news quiz .88, multi-hop .92, headlines .98, on-topic traps .65. By tenths from .1 on, predicted / right: .16/.09,
# .26/.17, .35/.28, .45/.49, .55/.57, .65/.66, .75/.81, .85/.84, .94/.92.
# At .48, answered: .91 of encyclopaedia questions (and .72 of the traps), .95 of "what did X say", .98 of headlines and
# .03 of headlines of articles that are not there; .04 of questions about other matters. At .40 the last are .08.
THRESHOLD = 0.48

_BIAS = -3.16
_WEIGHTS = {
    "how much of the question paragraph and title have, in words that are nowhere": 0.61,
    "the same of the title, the best of the first five": 0.45,
    "share of the question that paragraph and title have": 1.35,
    "share that the whole article has": 1.30,
    "share that is names and numbers, missing in paragraph and title": -1.86,
    "share of the hits that are this article's": 0.85,
    "the question denies and the span does not": -2.53,
    "the span has nothing of the kind asked for": -0.53,
    "no question but a headline, some of it missing in paragraph and title": -2.77,
    "the same, times the share missing in paragraph and title": -6.61,
    "no question but keywords": 4.35,
    "keywords, times the share missing in paragraph and title": -6.00,  # chosen: no set has keywords without answer
}
_KEYWORDS = 4  # terms; more make a headline
_STEM = 4  # letters that kindred words share at least: "imperial" and "imperialist"
_PARAGRAPHS = 100  # of an article, looked through for the question's words
# In a longer question "not" mostly belongs to a clause aside ("..., which was not reported by ..."): counted there,
# too, it cost .05 of the AUROC on questions of 40 words and won nothing.
_LONGEST_DENIAL = 16  # words
_DENIAL = re.compile(
    r"\b(?:not|never|no|nor|without|neither|none|cannot|unable|fail(?:s|ed|ing)?|refus\w{1,4}|lack\w{0,3}"
    r"|не|нет|без|никогда|ни)\b|n['’]t\b",
    re.IGNORECASE,
)


def evidence(
    query: Query,
    wanted: Wanted,
    result: SearchResult,
    articles: Mapping[int, Article],
    best: Hit,
    span: Span,
    analyzer: Analyzer,
) -> tuple[float, ...]:
    """What speaks for and against the span as an answer, in the order of `_WEIGHTS`. Shares are by idf."""
    weights = wanted.weights
    whole = sum(weights.values())
    if not whole:
        return (0.0,) * len(_WEIGHTS)
    article = articles[best.article_id]
    text = article.paragraphs[best.index].text
    said = text[span.start : span.end]
    around = set(analyzer.terms(text, article.language)) | _title_terms(article, analyzer)
    if span.by_asked:
        around |= wanted.speaker_terms
    near = {term: weight * _likeness(term, around) for term, weight in weights.items()}
    missing = 1 - sum(near.values()) / whole
    titles = [_title_terms(articles[hit.article_id], analyzer) for hit in result.hits[:5] if hit.article_id in articles]
    everywhere = around | _article_terms(article, analyzer)
    keywords = not wanted.question and len(weights) <= _KEYWORDS
    headline = not wanted.question and not keywords
    return (
        (not keywords) * sum(near.values()) / wanted.unknown,
        (not keywords) * max(sum(weights.get(term, 0.0) for term in title) for title in titles) / wanted.unknown,
        1 - missing,
        sum(weight for term, weight in weights.items() if term in everywhere) / whole,
        sum(weights[term] - near[term] for term in weights if term in wanted.names) / whole,
        sum(hit.article_id == best.article_id for hit in result.hits) / min(10, len(article.paragraphs)),
        float(_denies(query.text) and _DENIAL.search(said) is None),
        float(not offers(said, wanted.kind, wanted.asked)),
        float(headline and missing > 0),  # with every word there it may as well be keywords
        headline * missing,
        float(keywords),
        keywords * missing,
    )


def probability(evidence: Sequence[float]) -> float:
    """The estimated probability that the span answers, 0..1."""
    z = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS.values(), evidence, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def _denies(question: str) -> bool:
    return _DENIAL.search(question) is not None and len(question.split()) <= _LONGEST_DENIAL


def _title_terms(article: Article, analyzer: Analyzer) -> Set[str]:
    return set(analyzer.terms(f"{article.title or ''} {article.source or ''}", article.language))


def _article_terms(article: Article, analyzer: Analyzer) -> Set[str]:
    return set(analyzer.terms("\n".join(p.text for p in article.paragraphs[:_PARAGRAPHS]), article.language))


def _likeness(term: str, others: Collection[str]) -> float:
    """1 when the term is among the others, .7 or .5 when a kindred word is, by the start that they share."""
    if term in others or len(term) < _STEM:
        return float(term in others)
    shares = (
        len(_common_start(term, other)) / max(len(term), len(other))
        for other in others
        if other[:_STEM] == term[:_STEM]
    )
    best = max(shares, default=0.0)
    return 0.7 if best >= 0.6 else 0.5 if best >= 0.5 else 0.0


def _common_start(one: str, other: str) -> str:
    end = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:end]
