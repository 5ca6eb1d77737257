"""What an address on the web lists: articles with what is said of them there, and where each can be read whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from retrieval.reading import Document
from retrieval.types import Paragraph

MAX_ENTRIES = 1000  # of one listing; feeds have tens
_PARAGRAPH = 50  # characters from which a summary's text can pass for a paragraph
_BREAKS = re.compile(r"\n\s*\n")
_SPACE = re.compile(r"\s+")
_BLOCKS = frozenset(
    "p div br li ul ol dl dt dd tr table blockquote section article figure figcaption h1 h2 h3 h4 h5 h6 hr pre".split()
)
_UNSEEN = frozenset(("script", "style", "iframe", "object", "figure", "noscript"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as listed. `document` holds what the listing itself says of it, perhaps no paragraphs."""

    key: str  # names it within its source
    mark: str  # another one when the listing says something else of it
    document: Document
    page: str | None  # where it can be read whole; null: the document is all there is


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that one address lists, newest first."""

    title: str | None
    entries: tuple[Entry, ...] = ()
    further: tuple[str, ...] = ()  # listings that it leads to
    ttl_s: int = 0  # it asks not to be looked at more often
    feeds: tuple[str, ...] = ()  # feeds that a page names


def mark_of(*said: str | None) -> str:
    """A short text that differs when what is said differs."""
    return hashlib.blake2b("\0".join(text or "" for text in said).encode(errors="replace"), digest_size=12).hexdigest()


def paragraphs_of(markup: str, plain: bool = False) -> tuple[str, ...]:
    """The paragraphs of a summary, given as HTML or as plain text; white space as a reader sees it."""
    if plain or ("<" not in markup and "&" not in markup):
        pieces: Iterator[str] = iter(_BREAKS.split(markup))
    else:
        from lxml import etree, html

        try:
            pieces = _blocks(html.fragment_fromstring(markup, create_parent=True))
        except (etree.LxmlError, ValueError, AssertionError):
            return ()
    return tuple(text for piece in pieces if (text := _SPACE.sub(" ", piece).strip()))


def _blocks(root: object) -> Iterator[str]:
    from lxml import etree

    told: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _BLOCKS:
            yield "".join(told)
            told.clear()
        if tag in _UNSEEN:
            hidden += 1 if event == "start" else -1
        text = element.text if event == "start" and tag else element.tail if event == "end" else None
        if text and not hidden:
            told.append(text)
    yield "".join(told)


def has_paragraph(document: Document) -> bool:
    """Whether the document alone can stand for its article: it holds a paragraph or more, not just a teaser's words."""
    return any(len(_text(paragraph)) >= _PARAGRAPH for paragraph in document.paragraphs or ())


def merge(listed: Document, page: Document) -> Document:
    """The article on the page, with what its listing knows better: its title, its day, its names.

    The listing's text is taken where it is clearly the longer one: pages cut short what a feed gives whole.
    """
    whole = page
    if _length(listed) > 1.5 * _length(page):
        whole = replace(page, paragraphs=listed.paragraphs)
    return replace(
        whole,
        title=listed.title or page.title,
        dates={**page.dates, **listed.dates},
        source=listed.source if listed.source and page.source in (None, _host(page)) else page.source,
        url=listed.url or page.url,
        section=page.section or listed.section,
        language=page.language or listed.language,
        external_id=listed.external_id,
    )


def _host(document: Document) -> str:
    """What stands for the site's name where a page does not give it."""
    return urlsplit(document.url or "").netloc.removeprefix("www.")


def _text(paragraph: str | Paragraph) -> str:
    return paragraph if isinstance(paragraph, str) else paragraph.text


def _length(document: Document) -> int:
    return sum(len(_text(paragraph)) for paragraph in document.paragraphs or ())
