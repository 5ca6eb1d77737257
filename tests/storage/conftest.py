"""Helpers for loading small articles of our own."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from retrieval.reading import Document
from storage.articles import Changes
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
        self.changes: list[Changes] = []
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
        async def changed(changes: Changes) -> None:
            self.changes.append(changes)

        self.changes.clear()
        self.progress.clear()
        return await load(
            self.database,
            addresses or tuple(self.sources),
            now=now,
            changed=changed,
            progress=lambda number, source: self.progress.append((number, source)),
            sources=sources or self.items,
            lists_all=lambda _: lists_all,
            reader_version=reader_version,
            alert=alert,
        )


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
async def sqlite_desk(tmp_path: Path, migrated: Migrated) -> AsyncIterator[Desk]:
    """For what does not depend on the kind of database."""
    async with Database(await migrated.sqlite(tmp_path)) as database:
        yield Desk(database)
