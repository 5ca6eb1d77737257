"""How likely it is that the best quote answers: a logistic model of how well the evidence covers the question.

It sees no raw score: what scores are worth differs from corpus to corpus.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from retrieval.analysis import Analyzer, shared_analyzer
from retrieval.answertype import offers
from retrieval.limits import dated_within
from retrieval.polarity import affirms, denies, says_opposite
from retrieval.quoting import Span, Wanted
from retrieval.types import Article, Hit, Paragraph, Query, SearchResult

# Fitted to answerable against unanswerable questions of five sets and to questions put to a corpus of other matters
# (signs held), doubts after the rest; then scaled so that it is the share of first quotes that are right. AUROC: news
# quiz .88, multi-hop .89, headlines .98, on-topic traps .66. By tenths, predicted / right: .03/.06, .16/.09, .25/.21,
# .35/.23, .45/.45, .55/.54, .66/.70, .75/.76, .85/.83, .96/.93.
# Answered at the threshold: .91 of encyclopaedia questions (and .85 of the traps), .99 of "what did X say", all
# headlines and .09 of headlines of articles that are not there; .05 of questions about other matters. A threshold
# that answers .94 of the first answers .08 of the last. Fitted anew with the words' density, the paragraphs around
# instead of the article, or the next article's score, it tells other matters no better.
THRESHOLD = 0.526

_BIAS = -2.86
_WEIGHTS = {
    "how much of the question paragraph and title have, in words that are nowhere": 0.65,
    "the same of the title, the best of the first five": 0.33,
    "share of the question that paragraph and title have": 1.11,
    "share that the whole article has": 1.43,
    "share that is names and numbers, missing in paragraph and title": -1.46,
    "share of the hits that are this article's": 0.88,
    "no question but a headline, some of it missing in paragraph and title": -2.67,
    "the same, times the share missing": -4.78,
    # Set on 2,550 searches for 2 to 7 words of one paragraph in collections of 1 to 900 articles: as they are, with one
    # misspelt, and with one or all from elsewhere. Answered, of 2 words / 3 / 5: as they are 1.00 / .99 / .99, one
    # misspelt .19 / .32 / .95, all from elsewhere .38 / .18 / .09. By number, as in one article idf tells little.
    "no question but keywords": 2.6,
    "keywords, times the share of them missing in paragraph and title, each counting the same": -7.0,
}
# Signs that the span is about the matter and answers another question. They lower the confidence, not below the
# threshold: as often as not the text only says it in other words.
_DOUBTS = {
    "the question denies and the span does not": -3.77,
    "the question denies": -1.87,
    "the span says the opposite of a missing term": -2.97,
    "share that is names and numbers, missing in the span": -2.34,
    "the span has nothing of the kind asked for": -0.89,
}
_KEYWORDS = 4  # terms; more make a headline, if the first is written with a capital
_STEM = 4  # letters that kindred words share at least: "imperial" and "imperialist"
_ARTICLE = list(_WEIGHTS).index("share that the whole article has")
_PARAGRAPHS = 100  # of an article, looked through for the question's words


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against a span as an answer, in the orders of `_WEIGHTS` and `_DOUBTS`. Shares are by idf."""

    cover: tuple[float, ...] = (0.0,) * len(_WEIGHTS)
    doubts: tuple[float, ...] = (0.0,) * len(_DOUBTS)

    @property
    def probability(self) -> float:
        """The estimated probability that the span answers, 0..1."""
        z = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS.values(), self.cover, strict=True))
        doubted = z + sum(weight * value for weight, value in zip(_DOUBTS.values(), self.doubts, strict=True))
        if z > _FLOOR:
            eased = _FLOOR + _EASE
            z = doubted if doubted > eased else _FLOOR + _EASE * math.exp((doubted - eased) / _EASE)
        else:
            z = doubted
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


_FLOOR = math.log(THRESHOLD / (1 - THRESHOLD))
_EASE = 0.26  # above the floor, from where on doubts are let in less and less


def weigh(
    query: Query,
    wanted: Wanted,
    result: SearchResult,
    articles: Mapping[int, Article],
    best: Hit,
    span: Span,
    analyzer: Analyzer,
    decide: float | None = None,
) -> Evidence:
    """How well the span, its paragraph and its article cover the question, and what makes it doubtful.

    With `decide` it is only told whether that is as likely to answer: the article is read where it can turn the scale.
    """
    weights = wanted.weights
    whole = sum(weights.values())
    if not whole:
        return Evidence()
    article = articles[best.article_id]
    text = article.paragraphs[best.index].text
    said = text[span.start : span.end]
    shown = analyzer.term_set(said, article.language)
    around = analyzer.term_set(text, article.language) | _title_terms(article, analyzer)
    if span.by_asked:
        shown |= wanted.speaker_terms
        around |= wanted.speaker_terms
    if query.hints.dates and dated_within([article.date], query.hints.dates)[0]:
        shown |= wanted.date_terms
        around |= wanted.date_terms
    alike = {term: _likeness(term, around) for term in weights}
    near = {term: weight * alike[term] for term, weight in weights.items()}
    here = {term: weight * _likeness(term, shown) for term, weight in weights.items()}
    missing = 1 - sum(near.values()) / whole
    titles = [_title_terms(articles[hit.article_id], analyzer) for hit in result.hits[:5] if hit.article_id in articles]
    keywords = not wanted.question and (len(weights) <= _KEYWORDS or query.text[:1].islower())
    headline = not wanted.question and not keywords
    doubts = (
        float(denies(query.text) and affirms(said)),
        float(denies(query.text)),
        float(says_opposite({term for term in weights if here[term] < weights[term]}, shown - weights.keys())),
        sum(weights[term] - here[term] for term in weights if term in wanted.names) / whole,
        float(not offers(said, wanted.kind, wanted.asked)),
    )
    cover = (
        (not keywords) * sum(near.values()) / wanted.unknown,
        (not keywords) * max(sum(weights.get(term, 0.0) for term in title) for title in titles) / wanted.unknown,
        1 - missing,
        1.0,
        sum(weights[term] - near[term] for term in weights if term in wanted.names) / whole,
        sum(hit.article_id == best.article_id for hit in result.hits) / min(10, len(article.paragraphs)),
        float(headline and missing > 1e-9),  # with every word there it may as well be keywords
        headline * missing,
        float(keywords),
        keywords * (1 - sum(alike.values()) / len(alike)),
    )

    def with_article(terms: Set[str]) -> Evidence:
        share = sum(weight for term, weight in weights.items() if term in terms) / whole
        return Evidence((*cover[:_ARTICLE], share, *cover[_ARTICLE + 1 :]), doubts)

    least = with_article(around)
    if decide is not None and (least.probability >= decide or Evidence(cover, doubts).probability < decide):
        return least
    held = result.articles.get(best.article_id)
    if held is None:
        held = _article_terms(article.paragraphs[:_PARAGRAPHS], article.language)
    return with_article(around | weights.keys() & held)


def _title_terms(article: Article, analyzer: Analyzer) -> Set[str]:
    return analyzer.term_set(f"{article.title or ''} {article.source or ''}", article.language)


@lru_cache(1024)  # some 6 MB
def _article_terms(paragraphs: tuple[Paragraph, ...], language: str) -> frozenset[str]:
    """The different terms of the paragraphs."""
    return frozenset(shared_analyzer().terms("\n".join(one.text for one in paragraphs), language))


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
