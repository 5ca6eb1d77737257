"""Values -> the JSON that `quotewire … --json` prints; the schemas stand in docs/command-line.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.types import Answer, AnswerQuote, Article, Dateline, Hit, Quotation, Speaker

Json = dict[str, Any]


def speaker_json(speaker: Speaker | None) -> Json | None:
    """Null when the article does not say who speaks."""
    if speaker is None or (speaker.name is None and speaker.as_written is None):
        return None
    return {
        "name": speaker.name,
        "role": speaker.role,
        "as_written": speaker.as_written,
        "certainty": speaker.certainty,
    }


def answer_json(answer: Answer, question_id: object = None) -> Json:
    """One answer line."""
    return {
        "id": question_id,
        "question": answer.query.text,
        "answered": answer.answered,
        "confidence": round(answer.confidence, 4),
        "quotes": [_quote_json(quote) for quote in answer.quotes],
    }


def _quote_json(quote: AnswerQuote) -> Json:
    article = quote.article
    return {
        "quote": quote.text,
        "kind": quote.kind,
        "speaker": speaker_json(quote.speaker),
        "article": {
            "id": article.id,
            "external_id": article.external_id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "date": _text(article.date),
        },
        "paragraph": {"index": quote.index, "text": quote.paragraph.text, "start": quote.start, "end": quote.end},
        "score": round(quote.score, 4),
    }


def hits_json(
    hits: tuple[Hit, ...], articles: Mapping[int, Article], question_id: object = None, *, explain: bool = False
) -> Json:
    """One line of ranked paragraphs."""
    lines = []
    for hit in hits:
        article = articles[hit.article_id]
        line: Json = {
            "article": {"id": article.id, "external_id": article.external_id},
            "paragraph": hit.index,
            "score": hit.score,
            "text": article.paragraphs[hit.index].text,
        }
        if explain:
            line["parts"] = dict(hit.parts)
        lines.append(line)
    return {"id": question_id, "hits": lines}


def article_json(article: Article) -> Json:
    """What Quotewire understands of an article."""
    dateline = article.dateline or Dateline()
    return {
        "external_id": article.external_id,
        "title": article.title,
        "section": article.section,
        "source": article.source,
        "url": article.url,
        "language": article.language,
        "dateline": {"place": dateline.place, "date": _text(dateline.date), "agency": dateline.agency},
        "date": _text(article.date),
        "date_origin": article.date_origin,
        "paragraphs": [{"text": paragraph.text, "heading": paragraph.heading} for paragraph in article.paragraphs],
        "quotes": [_quotation_json(quotation) for quotation in article.quotes],
    }


def _quotation_json(quotation: Quotation) -> Json:
    return {
        "text": quotation.text,
        "paragraph": quotation.paragraph,
        "start": quotation.start,
        "end": quotation.end,
        "kind": quotation.kind,
        "speaker": speaker_json(quotation.speaker),
        "confidence": round(quotation.confidence, 3),
    }


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
