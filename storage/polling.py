"""Keeping up with sources: looking at those that are due, taking in what is new, remembering how it went."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from storage import followed, ingest
from storage.database import Database
from storage.exceptions import FetchError, ParseError, SourceError, StatusError
from storage.followed import Source, SourceHealth
from storage.ingest import LoadReport
from storage.outbox import AlertRule
from storage.schedule import Outcome, decide, is_due
from storage.sources import read_source
from storage.sources.addresses import Network
from storage.sources.fetch import Fetcher
from storage.sources.files import is_file_address
from storage.sources.filestate import files_state
from storage.sources.web import Web
from storage.sources.worker import Workers
from storage.takein import Progress, take_in, total

_AT_ONCE = 16  # sources looked at at the same time
_SAVED_TOGETHER = 50  # states of sources in which nothing was new
_TRIED = 1000  # articles of a local source counted before it is added


@dataclass(frozen=True)
class PollReport:
    """What a round did."""

    loaded: LoadReport = field(default_factory=LoadReport)
    switched_off: tuple[tuple[str, str], ...] = ()  # (source, why) of each that is not looked at any more, told once
    looked_at: int = 0  # sources


@dataclass(frozen=True)
class Found:
    """What an address holds, before it is added."""

    address: str
    kind: str
    title: str | None
    articles: int  # listed now
    newest: tuple[str, ...]  # titles
    feeds: tuple[str, ...] = ()  # that the page names: better sources than itself


@dataclass(frozen=True)
class _Result:
    source: Source  # as it is to be stored
    report: LoadReport = field(default_factory=LoadReport)
    error: str | None = None
    switched_off: bool = False
    new: bool = False  # something came of it


@asynccontextmanager
async def open_web(allow: Sequence[Network] = ()) -> AsyncIterator[Web]:
    """The way to sources on the web. `allow`: networks that may be fetched from although they are not public."""
    async with Fetcher(allow=allow) as fetcher, Workers() as workers:
        yield Web(fetcher, workers)


class Polling:
    """Looks at the configured sources and those added by command."""

    def __init__(
        self,
        database: Database,
        web: Web,
        *,
        configured: Sequence[str],
        interval_s: float,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._web = web
        self._configured = tuple(configured)
        self._interval_s = interval_s
        self._clock = clock
        self._jitter = jitter
        self._locks: dict[str, asyncio.Lock] = {}

    async def poll_due(self, *, alert: AlertRule | None = None) -> PollReport:
        """Looks at every followed source whose time has come, unless another round is still at it.

        `alert`, as for `ingest.load`. Raises: DatabaseError.
        """
        async with self._database.reading() as session:
            sources = await followed.followed(session, self._configured)
        now = self._clock()
        due = [source for source in sources if is_due(source.schedule, now) and not self._lock(source).locked()]
        return await self._look_at_all(due, None, alert, forced=False)

    async def load(
        self,
        addresses: Sequence[str] | None = None,
        *,
        progress: Progress | None = None,
        alert: AlertRule | None = None,
    ) -> PollReport:
        """Reads the sources (all that are followed when None) now, due or not. Raises: DatabaseError."""
        async with self._database.reading() as session:
            if addresses is None:
                sources = await followed.followed(session, self._configured)
            else:
                stored = await followed.find_sources(session, addresses)
                sources = [stored.get(address) or Source(address) for address in dict.fromkeys(addresses)]
        return await self._look_at_all(sources, progress, alert, forced=True)

    async def list_sources(self) -> list[SourceHealth]:
        """How each followed source does."""
        async with self._database.reading() as session:
            return await followed.list_sources(session, self._configured, self._clock())

    async def try_source(self, address: str) -> Found:
        """What the address holds now; nothing is stored. Raises: SourceError, in one line, when it is no source."""
        if is_file_address(address):
            return await asyncio.to_thread(_try_files, address)
        try:
            look = await self._web.look(address)
        except (FetchError, ParseError) as error:
            raise SourceError(address, str(error)) from error
        if look.listing is None or look.kind is None:
            raise SourceError(address, "lists nothing")
        entries = look.listing.entries
        titles = tuple(entry.document.title for entry in entries if entry.document.title)
        return Found(address, look.kind, look.listing.title, len(entries), titles[:3], look.listing.feeds)

    async def add_source(self, address: str) -> PollReport:
        """Follows the address from now on, and takes in what it holds, of which nobody is alerted."""
        async with self._database.writing() as session:
            await followed.add_source(session, address, self._clock())
        return await self.load([address])

    async def remove_source(self, address: str) -> bool:
        """Follows the address no longer; its articles stay. False when it was not followed."""
        async with self._database.writing() as session:
            return await followed.remove_source(session, address, self._configured, self._clock())

    async def _look_at_all(
        self,
        sources: Sequence[Source],
        progress: Progress | None,
        alert: AlertRule | None,
        *,
        forced: bool,
    ) -> PollReport:
        at_once = asyncio.Semaphore(_AT_ONCE)
        counted = _Counter(progress)
        unsaved: list[_Result] = []

        async def look_at(source: Source) -> _Result:
            async with at_once, self._lock(source):
                look = self._look_at_files if is_file_address(source.address) else self._look_at_web
                rule = alert if alert and (source.known or alert.first_too) else None
                result = await look(source, counted, rule, forced)
            unsaved.append(result)
            if result.new or result.error or len(unsaved) >= _SAVED_TOGETHER:
                await self._save(unsaved)
            return result

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(look_at(source)) for source in sources]
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None  # DatabaseError: the same for all
        await self._save(unsaved)
        results = [task.result() for task in tasks]
        switched_off = tuple((one.source.address, one.error or "") for one in results if one.switched_off)
        return PollReport(total(result.report for result in results), switched_off, len(results))

    async def _save(self, results: list[_Result]) -> None:
        taken, results[:] = results[:], []
        async with self._database.writing() as session:
            for result in taken:
                if result.error and not result.source.id and result.source.address not in self._configured:
                    continue  # a slip of the pen is not remembered
                now = None if result.error else self._clock()
                await followed.save_source(session, result.source, now=now, error=result.error)

    async def _look_at_files(self, source: Source, counted: _Counter, alert: AlertRule | None, forced: bool) -> _Result:
        now = self._clock()
        state = await asyncio.to_thread(files_state, source.address, now.timestamp())
        if not forced and state is not None and state == source.etag:
            return self._well(source, LoadReport(unchanged=source.listed), now)
        report = await ingest.load(self._database, [source.address], now=now, progress=counted.part(), alert=alert)
        failure = next((reason for name, reason in report.rejected if name == source.address), None)
        if failure is not None:
            schedule = decide(source.schedule, Outcome(), now=now, interval_s=self._interval_s, jitter=0.0)
            return _Result(replace(source, kind="files", schedule=schedule), report, failure, new=True)
        read = report.added + report.updated + report.unchanged
        return self._well(replace(source, kind="files", etag=state, listed=read), report, now, new=True)

    async def _look_at_web(self, source: Source, counted: _Counter, alert: AlertRule | None, forced: bool) -> _Result:
        now = self._clock()
        async with self._database.reading() as session:
            whole = forced or await followed.any_retry_due(session, source.id, now)
        try:
            look = await self._web.look(source.address, *(() if whole else (source.etag, source.last_modified)))
            if look.kind == "page" and source.kind in ("feed", "sitemap"):
                raise ParseError(f"answers with a web page instead of a {source.kind}")  # an excuse is no article
        except (FetchError, ParseError) as error:
            return self._failed(source, error, now)
        source = replace(source, etag=look.etag, last_modified=look.last_modified)
        if look.listing is None:
            return self._well(source, LoadReport(unchanged=source.listed), now, look.max_age_s)
        entries = look.listing.entries
        source = replace(source, kind=look.kind, listed=len(entries), ttl_s=look.listing.ttl_s)
        report = await take_in(
            self._database,
            self._web,
            source.address,
            entries,
            clock=self._clock,
            progress=counted.part,
            forced=forced,
            alert=alert,
        )
        return self._well(source, report, now, look.max_age_s, new=True)

    def _well(
        self, source: Source, report: LoadReport, now: dt.datetime, max_age_s: int = 0, *, new: bool = False
    ) -> _Result:
        outcome = Outcome(wait_s=max(source.ttl_s, max_age_s))
        schedule = decide(source.schedule, outcome, now=now, interval_s=self._interval_s, jitter=self._jitter())
        return _Result(replace(source, schedule=schedule), report, new=new)

    def _failed(self, source: Source, error: Exception, now: dt.datetime) -> _Result:
        words = str(error)
        status = error if isinstance(error, StatusError) else None
        outcome = Outcome(
            words, status.retry_after_s if status else 0.0, gone=status is not None and status.status == 410
        )
        schedule = decide(source.schedule, outcome, now=now, interval_s=self._interval_s, jitter=self._jitter())
        went_off = schedule.off_at is not None and source.schedule.off_at is None
        report = LoadReport(rejected=((source.address, words),))
        return _Result(replace(source, schedule=schedule), report, words, went_off)

    def _lock(self, source: Source) -> asyncio.Lock:
        return self._locks.setdefault(source.address, asyncio.Lock())


class _Counter:
    """One progress out of many."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._parts: list[int] = []

    def part(self) -> Progress:
        place = len(self._parts)
        self._parts.append(0)

        def count(number: int, source: str) -> None:
            self._parts[place] = number
            if self._progress is not None:
                self._progress(sum(self._parts), source)

        return count


def _try_files(address: str) -> Found:
    items = list(itertools.islice(read_source(address), _TRIED))
    documents = [item.document for item in items if item.document is not None]
    if not documents:
        reasons = [item.reason for item in items if item.reason]
        raise SourceError(address, reasons[0] if reasons else "holds no articles")
    titles = tuple(document.title for document in documents if document.title)
    return Found(address, "files", None, len(documents), titles[:3])
