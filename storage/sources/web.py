"""Sources on the web: what kind an address is shows in its content, not in its name; its articles, politely fetched.

To add a kind: its module here, and its entry in the table.
"""

from __future__ import annotations

import asyncio
import email.utils
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from retrieval.reading import Document
from storage.exceptions import FetchError, FetchRefused, ParseError, StatusError
from storage.sources.feed import is_feed, parse_feed
from storage.sources.fetch import Fetched, Fetcher
from storage.sources.inflate import TooLong, gunzip
from storage.sources.listing import Entry, Listing, merge
from storage.sources.page import is_page, parse_page, read_page
from storage.sources.robots import NOTHING_ALLOWED, Robots, parse_robots
from storage.sources.sitemap import is_sitemap, parse_sitemap
from storage.sources.worker import Workers

_UNPACKED = 15 * 2**20
_BEFORE_ROOT = re.compile(rb"\s+|<\?.*?>|<!--.*?-->|<!doctype[^>\[]*(?:\[[^\]]*\]\s*)?>", re.IGNORECASE | re.DOTALL)
_ROBOTS_S, _ROBOTS_FAILED_S = 24 * 3600.0, 600.0  # how long a robots.txt, or its absence, is believed
_LONGEST_DELAY_S = 10.0


@dataclass(frozen=True)
class WebKind:
    """A kind of content: how it shows, and how it becomes a listing (in a worker; raises ValueError)."""

    name: str
    shows: Callable[[bytes, str], bool]  # by its root element and what follows, and its content type
    parse: Callable[[bytes, str, str], Listing]  # body, address, content type


KINDS = (
    WebKind("feed", is_feed, parse_feed),
    WebKind("sitemap", is_sitemap, parse_sitemap),
    WebKind("page", is_page, parse_page),
)


@dataclass(frozen=True)
class Look:
    """What an address answered. `listing` is null when it has not changed since the state that was told."""

    listing: Listing | None
    kind: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int = 0  # by Cache-Control


class Web:
    """Looks at addresses and reads articles, one request to a host at a time. Needs an open fetcher and workers."""

    def __init__(
        self,
        fetcher: Fetcher,
        workers: Workers,
        *,
        delay_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`delay_s`: between two requests to a host; none in networks that the operator allowed: they are his own."""
        self._fetcher = fetcher
        self._workers = workers
        self._delay_s = delay_s
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._sites: dict[str, _Site] = {}

    async def look(self, address: str, etag: str | None = None, last_modified: str | None = None) -> Look:
        """What the address lists now, or that it still is as the state says.

        Raises: FetchError (StatusError for an answer that is no content), ParseError.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        answer = await self._get(address, {name: value for name, value in headers.items() if value})
        look = Look(
            None,
            etag=_state(answer, "etag"),
            last_modified=_state(answer, "last-modified"),
            max_age_s=_max_age(answer.headers.get("cache-control", "")),
        )
        if answer.status == 304:
            return replace(look, etag=look.etag or etag, last_modified=look.last_modified or last_modified)
        kind, listing = await self._listing(answer)
        if kind == "page":
            await self._heed_robots(answer.url)
        return replace(look, kind=kind, listing=await self._with_further(listing))

    async def article(self, entry: Entry) -> Document:
        """The entry's article, read from its page where it has one. Raises: FetchError, ParseError."""
        if entry.page is None:
            return entry.document
        await self._heed_robots(entry.page)
        answer = await self._get(entry.page)
        kind = answer.headers.get("content-type", "")
        if not is_page(_root(answer.body), kind):
            raise ParseError(f"is no page of text ({kind[:60] or 'unknown kind'})")
        return merge(entry.document, await self._workers.run(read_page, answer.body, answer.url, kind))

    async def _listing(self, answer: Fetched) -> tuple[str, Listing]:
        if answer.body[:2] == b"\x1f\x8b":
            answer = replace(answer, body=await asyncio.to_thread(_unpack, answer.body))
        if not answer.body.strip():
            raise ParseError("is empty")
        root, content_type = _root(answer.body), answer.headers.get("content-type", "")
        for kind in KINDS:
            if kind.shows(root, content_type):
                return kind.name, await self._workers.run(kind.parse, answer.body, answer.url, content_type)
        raise ParseError(f"is neither feed nor sitemap nor page ({content_type[:60] or 'unknown kind'})")

    async def _with_further(self, listing: Listing) -> Listing:
        """The listing, with what those that it leads to list; some of them may fail."""
        entries, failure = list(listing.entries), None
        for address in listing.further:
            try:
                _, more = await self._listing(await self._get(address))
                entries += more.entries
            except (FetchError, ParseError) as error:
                failure = error
        if failure is not None and not entries:
            raise failure
        return replace(listing, entries=tuple({entry.key: entry for entry in entries}.values()), further=())

    async def _get(self, address: str, headers: dict[str, str] | None = None) -> Fetched:
        """An answer with content (200), or 304 to a request with conditions. Raises: FetchError."""
        async with self._turn(address):
            answer = await self._fetcher.fetch(address, headers or {})
        if answer.status == 200 or (answer.status == 304 and headers):
            return answer
        raise StatusError(answer.status, _retry_after(answer.headers.get("retry-after", "")))

    async def _heed_robots(self, address: str) -> None:
        parts = urlsplit(address)
        url = f"{parts.scheme}://{parts.netloc}"
        site = self._sites.setdefault(url, _Site(asyncio.Lock()))
        async with site.lock:  # asked once, though many pages wait for it
            if self._clock() >= site.until:
                site.robots, for_s = await self._robots(url)
                site.until = self._clock() + for_s
                self._host(address).delay_s = min(max(self._delay_s, site.robots.delay_s), _LONGEST_DELAY_S)
        if not site.robots.allows(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"):
            raise FetchRefused(f"the robots.txt of {parts.netloc} does not allow it")

    async def _robots(self, site: str) -> tuple[Robots, float]:
        """The site's rules, and for how long to believe them."""
        try:
            return parse_robots((await self._get(f"{site}/robots.txt")).body), _ROBOTS_S
        except StatusError as error:  # RFC 9309: where there is none all is allowed, where it breaks nothing is
            return (Robots(), _ROBOTS_S) if error.status < 500 else (NOTHING_ALLOWED, _ROBOTS_FAILED_S)
        except FetchError:
            return NOTHING_ALLOWED, _ROBOTS_FAILED_S

    @asynccontextmanager
    async def _turn(self, address: str) -> AsyncIterator[None]:
        """One request to a host at a time, some time after the last."""
        host = self._host(address)
        async with host.lock:
            if (wait := host.free_at - self._clock()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                host.free_at = self._clock() + (0.0 if self._fetcher.is_allowed(host.name) else host.delay_s)

    def _host(self, address: str) -> _Host:
        try:
            name = urlsplit(address).hostname or ""
        except ValueError:  # the fetcher tells what is wrong with it
            name = ""
        return self._hosts.setdefault(name, _Host(name, asyncio.Lock(), self._delay_s))


@dataclass
class _Site:
    lock: asyncio.Lock
    until: float = 0.0  # the rules are to be asked for again
    robots: Robots = field(default_factory=Robots)


@dataclass
class _Host:
    name: str
    lock: asyncio.Lock
    delay_s: float
    free_at: float = 0.0


def _root(body: bytes) -> bytes:
    """The bytes from the root element on, whatever stands before it; ASCII where they are UTF-16."""
    start = body[:20_000]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start[:4]:
        start = start.replace(b"\0", b"").lstrip(b"\xff\xfe")
    start = start.removeprefix(b"\xef\xbb\xbf")
    position = 0
    while match := _BEFORE_ROOT.match(start, position):
        position = match.end()
    return start[position:]


def _unpack(body: bytes) -> bytes:
    try:
        return gunzip(body, _UNPACKED)
    except TooLong:
        raise ParseError(f"is longer than {_UNPACKED // 2**20} MiB when unpacked") from None
    except ValueError as error:
        raise ParseError(str(error)) from error


def _state(answer: Fetched, name: str) -> str | None:
    value = answer.headers.get(name, "")
    return value if 0 < len(value) <= 300 and value.isascii() and value.isprintable() else None


def _max_age(cache_control: str) -> int:
    found = re.search(r"(?:^|[\s,])max-age=\"?(\d{1,9})", cache_control.lower())
    return int(found[1]) if found and "no-cache" not in cache_control and "no-store" not in cache_control else 0


def _retry_after(value: str) -> float:
    """Seconds from now; 0: the header says nothing that can be understood."""
    if value.isdecimal() and len(value) < 9:
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, moment.timestamp() - time.time())
