"""Everything in the database as one file, and back, on the other kind of database too.

The file is gzip of JSON lines: a header with the schema's revision, a line for each row, and at the end the number of
rows of each table, so that a file that was cut short is known for it. Tables are taken as the database has them, so
that a new table is in the backup without a change here.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import itertools
import json
import os
import uuid
import zlib
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, MetaData, Table, func, insert, select, text

from storage.database import Database, head_revision, migrate, revision
from storage.exceptions import StorageError

_FORMAT = "quotewire backup 1"
_CHUNK = 500  # rows
_VERSIONS = "alembic_version"
_STATE = "state"


async def backup(database: Database, path: Path) -> dict[str, int]:
    """Writes all rows, as of one moment, to the file; gives how many of each table.

    The file appears under its name only when it is whole, and only its owner may read it.
    Raises: StorageError when it cannot be written.
    """
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.part")
    counts: Counter[str] = Counter()
    try:
        out = await asyncio.to_thread(_Output, partial)
        try:
            async with database.reading() as session:
                tables, found = await session.run_sync(lambda s: _tables(s.connection()))
                out.write([{"format": _FORMAT, "revision": found}])
                for table in tables:
                    rows = await session.stream(select(table), execution_options={"yield_per": _CHUNK})
                    async for chunk in rows.partitions(_CHUNK):
                        counts[table.name] += len(chunk)
                        await asyncio.to_thread(out.write, ([table.name, _encode(row._mapping)] for row in chunk))
            out.write([{"rows": counts}])
        finally:
            await asyncio.to_thread(out.close)
        partial.replace(path)
    except _FileError as error:
        raise StorageError(f"cannot write the backup {path}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return dict(counts)


async def restore(database: Database, path: Path) -> dict[str, int]:
    """Fills an empty database from the file, and brings its schema to the newest; gives the rows of each table.

    All or nothing. Raises: StorageError when the database holds anything, or the file is no whole backup of this
    program's schema or an older one.
    """
    entries = _entries(path)
    try:
        return await _restore(database, entries)
    except _FileError as error:
        raise StorageError(f"cannot restore from {path}: {error}") from error
    finally:
        entries.close()


class _FileError(Exception):
    """What is wrong with the file."""


class _Output:
    """Values into a gzip file of JSON lines. Raises: _FileError."""

    def __init__(self, path: Path) -> None:
        with _told():
            # Closed by `close`, and the inner one by hand, to bring all to the disk in between.
            self._raw = open(path, "xb", opener=_private)  # noqa: SIM115
            self._out = gzip.open(self._raw, "wt", 5, encoding="utf-8")  # noqa: SIM115

    def write(self, values: Iterable[Any]) -> None:
        with _told():
            for value in values:
                self._out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """Brings all to the disk."""
        with _told(), self._raw:
            self._out.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())


def _entries(path: Path) -> Generator[Any]:
    """The values in the file. Raises: _FileError."""
    with _told(), gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:  # ValueError: not JSON, not UTF-8
        raise _FileError(f"it is not a whole backup ({error})") from error
    except OSError as error:
        raise _FileError(error.strerror or str(error)) from error


async def _restore(database: Database, entries: Iterator[Any]) -> dict[str, int]:
    header = await asyncio.to_thread(next, entries, None)
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise _FileError("it is not a backup that this program knows")
    made_with = str(header["revision"])
    if made_with > head_revision():
        raise _FileError(f"it was made by a newer Quotewire (schema {made_with}): get the newer program")
    counts: Counter[str] = Counter()
    async with database.altering() as connection:
        tables = await connection.run_sync(_emptied, made_with, database.shown)
        for name, group in itertools.groupby(_rows(entries, counts), key=lambda row: row[0]):
            if name not in tables:
                raise _FileError(f"it has rows of an unknown table {name!r}")
            while chunk := await asyncio.to_thread(list, itertools.islice(group, _CHUNK)):
                rows = [_decode(tables[name], values, connection.dialect.name) for _, values in chunk]
                await connection.execute(insert(tables[name]), rows)
        await connection.run_sync(_finish, tables)
    return dict(counts)


def _rows(entries: Iterator[Any], counts: Counter[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in entries:
        if isinstance(entry, dict):
            if entry.get("rows") != counts:
                break
            return
        name, values = entry
        counts[name] += 1
        yield name, values
    raise _FileError("it is not whole: rows are missing")


def _emptied(connection: Connection, made_with: str, shown: str) -> dict[str, Table]:
    """The tables, empty, of the schema that the backup was made with."""
    tables, found = _tables(connection)
    for table in tables:
        if table.name != _STATE and connection.scalar(select(func.count()).select_from(table)):
            raise StorageError(
                f"the database {shown} is not empty: restore into a new one (set DATABASE_URL), or move it away first"
            )
    if found is not None:
        migrate(connection, "base")
    migrate(connection, made_with)
    tables, _ = _tables(connection)
    for table in tables:
        connection.execute(table.delete())  # what migrations write is in the backup
    return {table.name: table for table in tables}


def _finish(connection: Connection, tables: Mapping[str, Table]) -> None:
    # Another database from now on: an index of the one that was backed up may hold what came after the backup.
    state = tables[_STATE]
    connection.execute(state.update().where(state.c.name == "database").values(value=uuid.uuid4().hex))
    if connection.dialect.name == "postgresql":
        for table in tables.values():
            for column in table.primary_key.columns:  # where rows are numbered by themselves, go on after the last
                sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
                last = connection.scalar(select(func.max(column))) if sequence else None
                if last is not None:
                    connection.execute(select(func.setval(text(f"'{sequence}'"), last)))
    migrate(connection, "head")


def _tables(connection: Connection) -> tuple[list[Table], str | None]:
    """The database's tables, each after those that it refers to, and its schema's revision."""
    metadata = MetaData()
    metadata.reflect(connection)
    tables = [table for table in metadata.sorted_tables if table.name != _VERSIONS]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True
    return tables, revision(connection)


def _encode(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        name: _moment(value).isoformat() if isinstance(value, dt.datetime) else value for name, value in row.items()
    }


def _moment(value: dt.datetime) -> dt.datetime:
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _decode(table: Table, values: dict[str, Any], dialect: str) -> dict[str, Any]:
    for name, value in values.items():
        if name not in table.columns:
            raise _FileError(f"it has an unknown column {name!r}")
        if value is not None and isinstance(table.columns[name].type, DateTime):
            moment = _moment(dt.datetime.fromisoformat(value))
            values[name] = moment.replace(tzinfo=None) if dialect == "sqlite" else moment
    return values


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
