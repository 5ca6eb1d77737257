"""Articles as rows and back, without loss.

Each value is a list of its fields in the order of its class, so that a field added at a class's end, with a
default, is stored without a change here, and what was stored before it was added still reads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast

from msgspec.structs import astuple

from retrieval.types import Article, Dateline, DateOrigin, Paragraph, PartialDate, Quotation, Speaker

_QUOTATION_NAMES = Quotation.__struct_fields__
_TEXT, _SPEAKER = _QUOTATION_NAMES.index("text"), _QUOTATION_NAMES.index("speaker")
_DATELINE_NAMES = tuple(field.name for field in fields(Dateline))
_DATE = _DATELINE_NAMES.index("date")
_dateline_fields = attrgetter(*_DATELINE_NAMES)


def encode_content(article: Article) -> dict[str, Any]:
    """What `ArticleRow.content` holds. A quotation's text is left out: its span says it."""
    quotes = []
    for quotation in article.quotes:
        row = list(astuple(quotation))
        row[_TEXT] = None
        if quotation.speaker is not None:
            row[_SPEAKER] = astuple(quotation.speaker)
        quotes.append(row)
    dateline = None
    if article.dateline is not None:
        dateline = list(_dateline_fields(article.dateline))
        dateline[_DATE] = encode_date(article.dateline.date)
    return {
        "dateline": dateline,
        "paragraphs": [astuple(paragraph) for paragraph in article.paragraphs],
        "quotes": quotes,
    }


def encode_article(article: Article) -> dict[str, Any]:
    """The columns of `ArticleRow` that the article itself fills."""
    date = article.date or PartialDate()
    return {
        "title": article.title,
        "external_id": article.external_id,
        "section": article.section,
        "source_name": article.source,
        "url": article.url,
        "language": article.language,
        "date": encode_date(article.date),
        "year": date.year,
        "month": date.month,
        "day": date.day,
        "date_origin": article.date_origin,
        "paragraph_count": len(article.paragraphs),
        "quote_count": len(article.quotes),
        "content": encode_content(article),
    }


# The columns that `decode_article` needs, in its order.
ARTICLE_COLUMNS = (
    "id", "first_seen_at", "title", "external_id", "section", "source_name", "url", "language", "date", "date_origin",
    "content",
)  # fmt: skip


def decode_article(row: Sequence[Any]) -> Article:
    """The article in a row of `ARTICLE_COLUMNS`."""
    article_id, first_seen, title, external_id, section, source, url, language, date, origin, content = row
    return Article(
        paragraphs=tuple(Paragraph(*paragraph) for paragraph in content["paragraphs"]),
        title=title,
        external_id=external_id,
        section=section,
        source=source,
        url=url,
        language=language,
        dateline=_decode_dateline(content["dateline"]),
        date=decode_date(date),
        date_origin=cast("DateOrigin | None", origin),
        quotes=_decode_quotes(content, title),
        id=article_id,
        first_seen=cast("dt.datetime | None", first_seen),
    )


def encode_date(date: PartialDate | None) -> str | None:
    return None if date is None else str(date)


@lru_cache(4_096)
def decode_date(edtf: str | None) -> PartialDate | None:
    return None if edtf is None else PartialDate.parse(edtf)


def _decode_dateline(row: list[Any] | None) -> Dateline | None:
    if row is None:
        return None
    row = list(row)
    row[_DATE] = decode_date(row[_DATE])
    return Dateline(*row)


def _decode_quotes(content: Mapping[str, Any], title: str | None) -> tuple[Quotation, ...]:
    quotes = []
    for stored in content["quotes"]:
        row = list(stored)
        _, paragraph, start, end = row[:4]
        text = (title or "") if paragraph is None else content["paragraphs"][paragraph][0]
        row[_TEXT] = text[start:end]
        if row[_SPEAKER] is not None:
            row[_SPEAKER] = Speaker(*row[_SPEAKER])
        quotes.append(Quotation(*row))
    return tuple(quotes)
