"""Helpers for loading small articles of our own."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from retrieval.reading import Document
from storage.articles import Changes, changes_since, fingerprint
from storage.database import Database
from storage.ingest import LoadReport, load
from storage.outbox import AlertRule
from storage.sources import Item
from tests.conftest import Migrated

NOW = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


class Desk:
    """A source that we write ourselves, and a database that is loaded from it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sources: dict[str, dict[str, Document | str]] = {"desk": {}}  # address -> key -> document or fault
        self.changes: list[Changes] = []  # that the last load made
        self.progress: list[tuple[int, str]] = []

    def write(self, key: str, *paragraphs: str, address: str = "desk", **more: object) -> None:
        document = Document(paragraphs=paragraphs, language="en", **more)  # type: ignore[arg-type]
        self.sources.setdefault(address, {})[key] = document

    def items(self, address: str) -> Iterator[Item]:
        for key, value in self.sources[address].items():
            yield Item(key, reason=value) if isinstance(value, str) else Item(key, value)

    async def load(
        self,
        *addresses: str,
        now: dt.datetime = NOW,
        lists_all: bool = True,
        reader_version: int = 1,
        sources: Callable[[str], Iterator[Item]] | None = None,
        alert: AlertRule | None = None,
    ) -> LoadReport:
        self.progress.clear()
        async with self.database.reading() as session:
            before = await fingerprint(session)
        report = await load(
            self.database,
            addresses or tuple(self.sources),
            now=now,
            progress=lambda number, source: self.progress.append((number, source)),
            sources=sources or self.items,
            lists_all=lambda _: lists_all,
            reader_version=reader_version,
            alert=alert,
        )
        self.changes = await changes(self.database, before)
        return report


async def changes(database: Database, before: str) -> list[Changes]:
    """What can be found otherwise than when this was the database's fingerprint."""
    async with database.reading() as session:
        parts = await changes_since(session, before)
        assert parts is not None
        return [part async for part in parts]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
async def sqlite_desk(tmp_path: Path, migrated: Migrated) -> AsyncIterator[Desk]:
    """For what does not depend on the kind of database."""
    async with Database(await migrated.sqlite(tmp_path)) as database:
        yield Desk(database)
