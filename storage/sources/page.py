"""Web pages with one article each: bytes -> the article."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from retrieval.reading import Document
from storage.sources.html import document_from_html
from storage.sources.listing import Entry, Listing, mark_of
from storage.sources.markup import decode_markup

_ASKS_S = 3600  # an article, once published, rarely changes
_ALTERNATE = re.compile(r"<link\s[^>]{0,500}?application/(?:rss|atom)\+xml[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"\shref\s*=\s*[\"']?([^\"'\s>]{1,2000})", re.IGNORECASE)


def is_page(root: bytes, content_type: str = "") -> bool:
    """Whether it is a web page or a plain text, by its root element and what its server says it is."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("", "application/xhtml+xml", "application/xml"):
        return root[:1] == b"<"
    return kind.startswith("text/")


def parse_page(body: bytes, url: str, content_type: str = "") -> Listing:
    """The page as a listing of its one article. Raises: ValueError, one line, if it holds no text."""
    text = decode_markup(body, content_type)
    feeds = (_HREF.search(match[0]) for match in _ALTERNATE.finditer(text[:200_000]))
    named = tuple(dict.fromkeys(urljoin(url, match[1]) for match in feeds if match))
    document = _document(text, url)
    return Listing(document.title, (Entry(url, mark_of(text), document, None),), ttl_s=_ASKS_S, feeds=named[:5])


def read_page(body: bytes, url: str, content_type: str = "") -> Document:
    """The article that the page holds. Raises: ValueError, one line, if it holds no text."""
    return _document(decode_markup(body, content_type), url)


def _document(text: str, url: str) -> Document:
    if "<" not in text[:2000]:
        return Document(text=text, url=url)
    return document_from_html(text, url)
