"""What a source hands over -> an Article: title, section, agency, place, date, subheads, paragraphs, quotations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.exceptions import ReadingError
from retrieval.reading import cleaning
from retrieval.reading.dateline import find_dateline, source_after
from retrieval.reading.dates import article_date, date_at
from retrieval.reading.language import language_of
from retrieval.reading.quotations import find_quotations
from retrieval.types import Article, Dateline, DateOrigin, Paragraph

READER_VERSION = 5  # raise it when the same document would be read differently: stored articles are then read again

_DATE_LABEL = re.compile(r"(?:(?:published|updated|posted|date|опубликовано|обновлено|дата)\s?:?\s+)?(?:on\s)?", re.I)


@dataclass(frozen=True, slots=True)
class Document:
    """One news item as a source gives it, nothing recognised yet: a text, or paragraphs already told apart.

    `paragraphs` are taken at their word: none is made a title or a subhead; a `Paragraph` may bring its subhead.
    """

    text: str | None = None
    paragraphs: tuple[str | Paragraph, ...] | None = None
    title: str | None = None
    dates: Mapping[DateOrigin, str] = field(default_factory=dict)  # by where each was stated, as written there
    source: str | None = None
    url: str | None = None
    section: str | None = None
    language: str | None = None
    external_id: str | None = None


def read(document: Document, today: dt.date) -> Article:
    """The article that the document holds; every paragraph keeps its characters, outer white space apart.

    `today`, the day on which it was first seen (UTC): later dates are not believed. How dates combine: `article_date`.
    Raises: ReadingError, one line, if there is nothing to read.
    """
    return reread(_recognise(document, today))


def reread(article: Article) -> Article:
    """The article with the quotations that this version of the reader finds in its paragraphs and title."""
    return replace(article, quotes=tuple(find_quotations(article)))


def _recognise(document: Document, today: dt.date) -> Article:
    """The article, its quotations apart."""
    _check(document)
    title, section = _given(document.title), _given(document.section)
    if document.paragraphs is not None:
        paragraphs = _as_given(document.paragraphs)
        printed = None
    else:
        blocks, set_off = cleaning.split(document.text or "")
        blocks = [block for block in blocks if not cleaning.is_left_over(block)]
        if not set_off and title is None and len(blocks) > 1:
            # a headline over a dispatch stands out by itself
            set_off = find_dateline(blocks[1:]) is not None or _masthead_date(blocks[1]) is not None
        above, blocks = _take_masthead(blocks)
        title, printed_section, blocks = _take_title(title, blocks, set_off)
        section = section or printed_section
        printed, blocks = (above, blocks) if above else _take_masthead(blocks)
        paragraphs = _with_subheads(blocks) if set_off else [Paragraph(block) for block in blocks]
    texts = [paragraph.text for paragraph in paragraphs]
    if not any(character.isalpha() for text in texts for character in text):
        raise ReadingError("has no text to read")
    dateline = find_dateline(texts) or printed
    date, origin = article_date(dateline.date if dateline else None, document.dates, today)
    return Article(
        paragraphs=tuple(paragraphs),
        title=title,
        external_id=document.external_id,
        section=section,
        source=_given(document.source) or (dateline.agency if dateline else None),
        url=_given(document.url),
        language=language_of(texts, document.language),
        dateline=dateline,
        date=date,
        date_origin=origin,
    )


def _check(document: Document) -> None:
    fields = (document.text, document.title, document.source, document.url, document.section, document.external_id)
    given = (item if isinstance(item, str) else item.text + (item.heading or "") for item in document.paragraphs or ())
    for value in (*fields, *given):
        try:
            valid = not value or ("\0" not in value and value.encode())
        except UnicodeEncodeError:
            valid = False
        if not valid:  # no database takes these
            raise ReadingError("has NUL characters or half characters (surrogates): not a text")


def _given(value: str | None) -> str | None:
    return cleaning.strip(value) or None if value else None


def _as_given(items: Sequence[str | Paragraph]) -> list[Paragraph]:
    paragraphs = (item if isinstance(item, Paragraph) else Paragraph(item) for item in items)
    stripped = (Paragraph(cleaning.strip(paragraph.text), paragraph.heading) for paragraph in paragraphs)
    return [paragraph for paragraph in stripped if paragraph.text and not cleaning.is_left_over(paragraph.text)]


def _take_title(title: str | None, blocks: list[str], set_off: bool) -> tuple[str | None, str | None, list[str]]:
    """Title, section, and the blocks that remain without the headline, be it the only place of the title or a copy."""
    if blocks and title is None:
        line, rest = cleaning.first_line(blocks[0])
        if rest and cleaning.is_headline(line) and find_dateline([rest]):
            blocks = [line, rest, *blocks[1:]]  # "Talks begin\nOSTHAVN, May 2. /NORD/. …"
    if len(blocks) < 2:
        return title, None, blocks
    headline, section = cleaning.split_section(cleaning.without_hashes(blocks[0]))
    if title is not None:
        if cleaning.same_words(headline, title):
            return title, section, blocks[1:]
        return title, None, blocks[1:] if cleaning.same_words(blocks[0], title) else blocks
    if set_off and cleaning.is_headline(blocks[0]) and not find_dateline(blocks):
        return headline, section, blocks[1:]
    return None, None, blocks


def _take_masthead(blocks: list[str]) -> tuple[Dateline | None, list[str]]:
    """The dateline set off before the text ("9 November 2023", "OSTHAVN, May 2. /NORD/") and the blocks without it.

    A byline there is no part of the text either.
    """
    dateline = None
    while len(blocks) > 1:
        block = blocks[0]
        stated = _masthead_date(block) if dateline is None else None
        if stated is None and not cleaning.is_byline(block):
            break
        dateline = dateline or stated
        blocks = blocks[1:]
    return dateline, blocks


def _masthead_date(block: str) -> Dateline | None:
    dateline = _whole_dateline(block) if len(block) <= 100 else None
    return replace(dateline, end=0) if dateline else None


def _whole_dateline(block: str) -> Dateline | None:
    label = _DATE_LABEL.match(block)
    start = label.end() if label else 0
    if found := date_at(block, start):
        if not any(map(str.isalpha, block[found[1] :])):
            return Dateline(date=found[0])
        if (source := source_after(block, found[1])) is not None:
            return Dateline(date=found[0], agency=source or None)
    dateline = find_dateline([block])
    return dateline if dateline and dateline.end == len(block) else None


def _with_subheads(blocks: Sequence[str]) -> list[Paragraph]:
    """The paragraphs under their subheads: a short set-off line with text right behind it. Lists stay paragraphs."""
    short = [cleaning.is_subhead(block) for block in blocks] + [True]
    paragraphs = []
    heading = None
    for number, block in enumerate(blocks):
        in_list = number > 1 and short[number - 1] and short[number - 2]
        if short[number] and not short[number + 1] and not in_list:
            heading = cleaning.without_hashes(block)
        else:
            paragraphs.append(Paragraph(block, heading))
    return paragraphs
