"""Articles from sources into the database: look, read, plan, save; a transaction for some hundred articles.

Whatever interrupts a load, what was saved stays, and the next load carries on: it passes over what has not changed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from retrieval.reading import READER_VERSION, Document
from storage.database import Database
from storage.exceptions import SourceError
from storage.identity import document_hash, origin_key
from storage.outbox import AlertRule, write_alerts
from storage.plan import Look, Note, Read, look, plan
from storage.readers import Outcome, Readers
from storage.saving import (
    Saved,
    find_held,
    find_known,
    find_outdated,
    find_stored,
    hide_gone,
    note_health,
    save,
    save_reread,
    source_id,
    was_read,
)
from storage.sources import Item, read_source
from storage.sources.files import is_file_address

BATCH = 100  # articles to a transaction, at most: some 50 ms of the event loop
_BATCH_CHARACTERS = 8_000_000
_BATCH_S = 2.0  # from a slow source, what has come is not held back longer
_AHEAD = 2  # batches being read while one is saved


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `rejected`: (source, reason) of each article or source that could not be read."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: tuple[tuple[str, str], ...] = ()


async def load(
    database: Database,
    addresses: Sequence[str],
    *,
    now: dt.datetime,
    progress: Callable[[int, str], None] | None = None,
    sources: Callable[[str], Iterator[Item]] = read_source,
    lists_all: Callable[[str], bool] = is_file_address,
    reader_version: int = READER_VERSION,
    alert: AlertRule | None = None,
) -> LoadReport:
    """Brings the database up to date with the sources, and what an older reader has read with the reader.

    Args: progress, called with the number of articles so far and the source; lists_all, whether a source names
    everything it has, so that what it no longer names is gone (a folder), or only the newest (a feed); alert, of which
    articles to write alerts (null: of none), but never at the first load of a source unless it says so.
    Returns: the counts; an article that stands in two places counts as unchanged the second time, one that is back
    as added. Raises: DatabaseError. A source or article that cannot be read is in the report; the others are loaded.
    """
    async with Readers(now.astimezone(dt.UTC).date()) as readers:
        run = _Load(database, readers, now, progress, reader_version, alert)
        for address in dict.fromkeys(addresses):
            await run.load_source(address, sources, lists_all(address))
        await run.reread_outdated()
    return LoadReport(run.added, run.updated, run.unchanged, run.removed, tuple(run.rejected))


@dataclass
class _Batch:
    """Items of a source that were looked at: those to read, and those only to note."""

    to_read: list[tuple[str, str, str, Document]] = field(default_factory=list)  # name, key, hash, document
    notes: dict[str, str] = field(default_factory=dict)  # hashes, by key
    unchanged: int = 0


@dataclass
class _Seen:
    """What a source has named in this load."""

    hashes: dict[str, str] = field(default_factory=dict)  # by key
    unread: set[str] = field(default_factory=set)  # files, whole or in part, of which it is not known what they hold

    def distinguish(self, key: str, content_hash: str) -> str | None:
        """The key for an item: another one where the key named something else already; null if it is there twice."""
        for possible in (key, f"{key}#{content_hash}"):
            if possible not in self.hashes:
                self.hashes[possible] = content_hash
                return possible
            if self.hashes[possible] == content_hash:
                break
        return None

    def is_gone(self, key: str) -> bool:
        """Whether a key that was there before is there no longer."""
        return key not in self.hashes and not any(
            key == start or key.startswith((f"{start}#", f"{start}/")) for start in self.unread
        )


class _Load:
    def __init__(
        self,
        database: Database,
        readers: Readers,
        now: dt.datetime,
        progress: Callable[[int, str], None] | None,
        reader_version: int,
        alert: AlertRule | None,
    ) -> None:
        self._database = database
        self._readers = readers
        self._now = now
        self._progress = progress
        self._reader_version = reader_version
        self._alert = alert
        self.added = self.updated = self.unchanged = self.removed = 0
        self.rejected: list[tuple[str, str]] = []

    async def load_source(self, address: str, sources: Callable[[str], Iterator[Item]], lists_all: bool) -> None:
        async with self._database.writing() as session:
            source = await source_id(session, address)
            known = await was_read(session, source)
        alert = self._alert if self._alert and (known or self._alert.first_too) else None
        seen = _Seen()
        error: SourceError | None = None
        more = True
        ahead: deque[tuple[_Batch, asyncio.Task[list[Outcome]]]] = deque()
        items = sources(address)
        try:
            while more:
                taken, more, error = await asyncio.to_thread(_take, items)
                batch = await self._look(source, taken, seen)
                documents = [document for _, _, _, document in batch.to_read]
                ahead.append((batch, asyncio.create_task(self._readers.read(documents))))
                while ahead and (len(ahead) > _AHEAD or not more):
                    batch, outcomes = ahead.popleft()
                    await self._save(source, batch, await outcomes, seen, alert)
                    self._tell_progress(address)
        finally:
            for _, outcomes in ahead:
                outcomes.cancel()
        if error is not None:
            self.rejected.append((error.address, error.reason))
        elif lists_all:
            await self._hide_gone(source, seen)
        async with self._database.writing() as session:
            await note_health(session, source, self._now, error.reason if error else None)

    async def reread_outdated(self) -> None:
        """Finds the quotations anew in what an older reader has read, without the sources."""
        while True:
            async with self._database.reading() as session:
                outdated = await find_outdated(session, self._reader_version, BATCH)
            if not outdated:
                return
            articles = await self._readers.reread(outdated)
            async with self._database.writing() as session:
                saved = await save_reread(session, zip(outdated, articles, strict=True), self._reader_version)
            self._count(saved)
            self._tell_progress("articles read again")

    async def _look(self, source: int, items: Sequence[Item], seen: _Seen) -> _Batch:
        batch = _Batch()
        keyed: list[tuple[Item, Document, str, str]] = []
        for item in items:
            if item.document is None:
                self._reject(item.key, item.reason or "cannot be read", seen)
                continue
            content_hash = document_hash(item.document)
            key = seen.distinguish(origin_key(item.key), content_hash)
            if key is None:
                batch.unchanged += 1
            else:
                keyed.append((item, item.document, key, content_hash))
        async with self._database.reading() as session:
            known = await find_known(session, source, [key for _, _, key, _ in keyed])
        for item, document, key, content_hash in keyed:
            match look(content_hash, known.get(key), self._reader_version):
                case Look.READ:
                    batch.to_read.append((item.key, key, content_hash, document))
                case Look.NOTE:
                    batch.notes[key] = content_hash
                case Look.SAME:
                    batch.unchanged += 1
        return batch

    async def _save(
        self, source: int, batch: _Batch, outcomes: Sequence[Outcome], seen: _Seen, alert: AlertRule | None
    ) -> None:
        reads = []
        for (name, key, content_hash, _), outcome in zip(batch.to_read, outcomes, strict=True):
            if isinstance(outcome, str):
                self._reject(name, outcome, seen)
            else:
                reads.append(Read(key, content_hash, *outcome))
        saved = Saved()
        if reads or batch.notes:
            # Looked up again: meanwhile earlier batches were saved, perhaps by another process.
            async with self._database.writing() as session:
                known = await find_known(session, source, [*batch.notes, *(read.key for read in reads)])
                stored = await find_stored(session, reads, known)
                actions = plan(source, reads, known, stored, self._reader_version)
                actions += [Note(key, content_hash, known[key]) for key, content_hash in batch.notes.items()]
                saved = await save(session, source, actions, self._now, self._reader_version)
                if alert:
                    await write_alerts(session, saved.new, actions, self._now, alert)
        self.unchanged += batch.unchanged + len(batch.notes) + len(reads) - saved.added - saved.updated
        self._count(saved)

    async def _hide_gone(self, source: int, seen: _Seen) -> None:
        async with self._database.reading() as session:
            gone = [key async for key in find_held(session, source) if seen.is_gone(key)]
        for start in range(0, len(gone), BATCH):
            async with self._database.writing() as session:
                saved = await hide_gone(session, gone[start : start + BATCH], self._now)
            self._count(saved)

    def _count(self, saved: Saved) -> None:
        self.added += saved.added
        self.updated += saved.updated
        self.removed += saved.removed

    def _reject(self, name: str, reason: str, seen: _Seen) -> None:
        self.rejected.append((name, reason))
        # A line of a file may have had any key of that file.
        seen.unread.add(origin_key(name.rpartition("#")[0] or name))

    def _tell_progress(self, source: str) -> None:
        if self._progress is not None:
            self._progress(self.added + self.updated + self.unchanged + len(self.rejected), source)


def _take(items: Iterator[Item]) -> tuple[list[Item], bool, SourceError | None]:
    """The next items, whether there may be more, and the error that ended them."""
    taken: list[Item] = []
    characters = 0
    end = time.monotonic() + _BATCH_S
    try:
        for item in items:
            taken.append(item)
            characters += _size(item.document)
            if len(taken) >= BATCH or characters >= _BATCH_CHARACTERS or time.monotonic() > end:
                return taken, True, None
    except SourceError as error:
        return taken, False, error
    return taken, False, None


def _size(document: Document | None) -> int:
    if document is None:
        return 0
    return len(document.text or "") + sum(len(str(paragraph)) for paragraph in document.paragraphs or ())
