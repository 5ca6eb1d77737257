"""RSS and Atom feeds (feedparser, which takes nearly everything): bytes -> what they list."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from retrieval.reading import Document
from storage.sources.listing import MAX_ENTRIES, Entry, Listing, has_paragraph, mark_of, paragraphs_of
from storage.sources.markup import decode_markup

_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|rdf)[\s>]", re.IGNORECASE)
_ITEM = re.compile(r"<(?:item|entry)[\s>]", re.IGNORECASE)
_ENCODING = re.compile(r"(?<=^<\?xml)[^>]{0,200}(?=\?>)")
_LONGEST_TTL_MIN = 24 * 60


def is_feed(root: bytes, content_type: str = "") -> bool:
    """Whether it is a feed, by its root element."""
    return _ROOT.match(root) is not None


def parse_feed(body: bytes, url: str, content_type: str = "") -> Listing:
    """What the feed lists. Raises: ValueError when it is none."""
    import feedparser  # slow to load, and only workers need it

    text = _ENCODING.sub("", _cut(decode_markup(body, content_type)), count=1)
    # A stream: feedparser takes a short text for an address or a file's name.
    found = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not found.get("version") and not found.entries:
        raise ValueError("not a feed")
    feed = found.feed
    entries = _entries([_read(item, feed, url) for item in found.entries[:MAX_ENTRIES]], url)
    ttl = str(feed.get("ttl", ""))
    ttl_s = min(int(ttl), _LONGEST_TTL_MIN) * 60 if ttl.isdecimal() and len(ttl) < 9 else 0
    return Listing(_plain(feed, "title"), entries, ttl_s=ttl_s)


def _cut(text: str) -> str:
    """The feed's beginning, when it has far more items than one reads; feedparser does without the closing tags."""
    cut = next(itertools.islice(_ITEM.finditer(text), MAX_ENTRIES, None), None)
    return text[: cut.start()] if cut else text


def _entries(documents: Sequence[tuple[Document, str]], feed_url: str) -> tuple[Entry, ...]:
    """Each article once, named by its page, else by its guid, else by its words.

    A page is not an item's own where other guids with texts of their own lead there too; a guid is none where
    items without pages share it.
    """
    by_link: dict[str, list[Document]] = {}
    for document, _ in documents:
        by_link.setdefault(document.url or "", []).append(document)
    shared = {link for link, there in by_link.items() if not _has_path(link) or _differ(there)}
    guids = Counter(document.external_id for document, _ in documents if (document.url or "") in shared)
    entries: dict[str, Entry] = {}
    for document, mark in documents:
        page = document.url if document.url not in shared else None
        own = document.external_id if guids[document.external_id] == 1 else mark_of(repr(document.paragraphs))
        key = page or f"{feed_url}#{own or mark}"
        entries.setdefault(key, Entry(key, mark, document, page))
    return tuple(entries.values())


def _differ(there: Sequence[Document]) -> bool:
    return len({document.external_id for document in there}) > 1 and all(map(has_paragraph, there))


def _has_path(link: str) -> bool:
    """Whether the link can be an article's own: it leads to more than the front page."""
    parts = urlsplit(link)
    return bool(parts.path.strip("/") or parts.query)


def _read(item: dict[str, Any], feed: dict[str, Any], feed_url: str) -> tuple[Document, str]:
    """The item's document, and its mark."""
    guid = str(item.get("id") or "").strip()
    title, paragraphs = _plain(item, "title"), _paragraphs(item)
    section = next((tag["term"] for tag in item.get("tags", ()) if tag.get("term")), None)
    document = Document(
        paragraphs=paragraphs,
        title=title,
        dates={"feed": stamp} if (stamp := _stamp(item)) else {},
        source=_plain(feed, "title"),
        url=_link(item, guid, feed_url),
        section=section,
        language=feed.get("language"),
        external_id=guid or None,
    )
    return document, mark_of(title, dict.get(item, "published"), dict.get(item, "updated"), *paragraphs)


def _link(item: dict[str, Any], guid: str, feed_url: str) -> str | None:
    stated = str(item.get("link") or "").strip()
    if not stated or (stated == guid and "://" not in stated):  # feedparser takes any guid for a link if there is none
        return None
    try:
        link = urljoin(feed_url, stated)
        return link if urlsplit(link).scheme in ("http", "https") else None
    except ValueError:
        return None


def _paragraphs(item: dict[str, Any]) -> tuple[str, ...]:
    """Of the item's content and its summary, the longer."""
    details = [*item.get("content", ()), item.get("summary_detail") or {}]
    texts = (paragraphs_of(d.get("value") or "", d.get("type") == "text/plain") for d in details)
    return max(texts, key=lambda paragraphs: sum(map(len, paragraphs)), default=())


def _plain(item: dict[str, Any], name: str) -> str | None:
    detail = item.get(f"{name}_detail") or {}
    return " ".join(paragraphs_of(item.get(name) or "", detail.get("type") == "text/plain")) or None


def _stamp(item: dict[str, Any]) -> str | None:
    """When it was published, else changed: ISO 8601 in the zone of the feed, so that the day is the stated one."""
    for name in ("published", "updated", "created"):
        # Asked as a plain dict: feedparser's own takes "published" for "updated".
        stated, parsed = dict.get(item, name), dict.get(item, f"{name}_parsed")
        if not stated:
            continue
        for read in (dt.datetime.fromisoformat, parsedate_to_datetime):
            try:
                return read(stated.strip()).isoformat()
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
        if parsed:  # UTC
            return f"{parsed.tm_year:04d}-{parsed.tm_mon:02d}-{parsed.tm_mday:02d}"
    return None
