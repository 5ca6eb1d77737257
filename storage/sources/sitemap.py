"""Sitemaps, news sitemaps and sitemap indexes (sitemaps.org protocol): bytes -> what they list."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from operator import itemgetter

from retrieval.reading import Document
from storage.sources.listing import MAX_ENTRIES, Entry, Listing, mark_of

MAX_FURTHER = 20  # sitemaps of one index that are read, the last changed first
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_NAMES = frozenset(("loc", "lastmod", "title", "publication_date", "name", "language"))
_ASKS_S = 3600  # a sitemap lists a whole site: reading it hourly is often


def is_sitemap(root: bytes, content_type: str = "") -> bool:
    """Whether it is a sitemap or an index of them, by its root element."""
    return _ROOT.match(root) is not None


def parse_sitemap(body: bytes, url: str, content_type: str = "") -> Listing:
    """What the sitemap lists, last changed first. Raises: ValueError when it lists nothing and is broken."""
    pages: list[dict[str, str]] = []
    maps: list[dict[str, str]] = []
    for kind, said in _read(body):
        if said.get("loc", "").startswith(("http://", "https://")):
            (pages if kind == "url" else maps).append(said)
    for found in (pages, maps):
        found.sort(key=lambda said: said.get("publication_date") or said.get("lastmod") or "", reverse=True)
    entries = {said["loc"]: _entry(said) for said in pages[:MAX_ENTRIES]}
    return Listing(None, tuple(entries.values()), tuple(map(itemgetter("loc"), maps[:MAX_FURTHER])), ttl_s=_ASKS_S)


def _read(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    from lxml import etree

    # Entities stay as they are and nothing is loaded: neither bombs nor other files come in.
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False, "recover": True}
    said: dict[str, str] = {}
    for _, element in etree.iterparse(io.BytesIO(body), events=("end",), **options):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name in ("url", "sitemap"):
            yield name, said
            said = {}
            element.clear()
            while element.getprevious() is not None:  # what was read is let go
                del element.getparent()[0]
        elif name in _NAMES and element.text and element.prefix != "image":
            said.setdefault(name, " ".join(element.text.split()))


def _entry(said: dict[str, str]) -> Entry:
    document = Document(
        paragraphs=(),
        title=said.get("title"),
        dates={"feed": said["publication_date"]} if "publication_date" in said else {},
        source=said.get("name"),
        url=said["loc"],
        language=said.get("language"),
    )
    mark = mark_of(said.get("lastmod"), said.get("title"), said.get("publication_date"))
    return Entry(said["loc"], mark, document, said["loc"])
