"""Taking in what a listing names: its new and changed articles are read from their pages, and stored."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from storage import followed, ingest
from storage.database import Database
from storage.exceptions import FetchError, ParseError
from storage.followed import Known
from storage.identity import origin_key
from storage.ingest import LoadReport
from storage.outbox import AlertRule
from storage.saving import source_id
from storage.schedule import retry_at
from storage.sources import Item
from storage.sources.listing import Entry, has_paragraph
from storage.sources.web import Web

_CHUNK = 20  # pages read before they are stored

Progress = Callable[[int, str], None]


async def take_in(
    database: Database,
    web: Web,
    address: str,
    entries: Sequence[Entry],
    *,
    clock: Callable[[], dt.datetime],
    progress: Callable[[], Progress],
    forced: bool,
    alert: AlertRule | None = None,
) -> LoadReport:
    """Reads and stores the entries that are new or different, and those whose pages failed and are due again.

    What an entry said is remembered only once its article is stored: whatever interrupts, nothing is passed over.
    Args: progress, asked for one for each part; forced, failed pages are due now. Raises: DatabaseError.
    """
    now = clock()
    async with database.writing() as session:
        source = await source_id(session, address)
        known = await followed.find_entries(session, source, [origin_key(entry.key) for entry in entries])
    chosen = [entry for entry in entries if _wanted(entry, known, None if forced else now)]
    reports = [LoadReport(unchanged=len(entries) - len(chosen))]
    chunks = [chosen[start : start + _CHUNK] for start in range(0, len(chosen), _CHUNK)]
    reading = _start(web, chunks[0], known, now) if chunks else None
    try:
        while reading is not None:
            read = await reading
            # The next pages come in while these are stored.
            reading = _start(web, chunks[len(reports)], known, now) if len(reports) < len(chunks) else None
            items = [item for item, _ in read if item is not None]
            part = await ingest.load(
                database,
                [address],
                now=now,
                progress=progress(),
                sources=lambda _, items=items: iter(items),  # type: ignore[misc]
                lists_all=lambda _: False,
                alert=alert,
            )
            async with database.writing() as session:
                await followed.save_entries(session, source, dict(entry for _, entry in read))
            reports.append(replace(part, unchanged=part.unchanged + len(read) - len(items)))
    finally:
        if reading is not None:
            reading.cancel()
    return total(reports)


def total(reports: Iterable[LoadReport]) -> LoadReport:
    """One report for all."""
    added = updated = unchanged = removed = 0
    rejected: list[tuple[str, str]] = []
    for report in reports:
        added, updated = added + report.added, updated + report.updated
        unchanged, removed = unchanged + report.unchanged, removed + report.removed
        rejected += report.rejected
    return LoadReport(added, updated, unchanged, removed, tuple(rejected))


def _wanted(entry: Entry, known: Mapping[str, Known], now: dt.datetime | None) -> bool:
    """Whether to read the entry; now null: failed pages are due whenever they failed."""
    before = known.get(origin_key(entry.key))
    if before is None or before.mark != entry.mark:
        return True
    return before.tries > 0 if now is None else before.retry_at is not None and before.retry_at <= now


def _start(
    web: Web, entries: Sequence[Entry], known: Mapping[str, Known], now: dt.datetime
) -> asyncio.Future[list[tuple[Item | None, tuple[str, Known]]]]:
    return asyncio.gather(*(_read(web, entry, known.get(origin_key(entry.key)), now) for entry in entries))


async def _read(
    web: Web, entry: Entry, before: Known | None, now: dt.datetime
) -> tuple[Item | None, tuple[str, Known]]:
    """The entry's article, else its summary, else why there is neither; and what to remember of it.

    A summary is read again as a whole later. It never takes the place of a whole that was read: null then.
    """
    key, whole = origin_key(entry.key), before is not None and before.whole
    try:
        return Item(entry.key, await web.article(entry)), (key, Known(entry.mark, True, 0, None))
    except (FetchError, ParseError) as error:
        tries = (before.tries if before and before.mark == entry.mark else 0) + 1
        failed = key, Known(entry.mark, whole, tries, retry_at(tries, now))
        if whole:
            return None, failed
        if has_paragraph(entry.document):
            return Item(entry.key, entry.document), failed
        return Item(entry.key, reason=str(error)), failed
