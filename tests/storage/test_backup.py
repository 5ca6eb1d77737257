from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from storage.articles import fingerprint, stream_articles
from storage.backup import backup, restore
from storage.database import Database
from storage.exceptions import StorageError
from storage.models import Base, UtcDateTime
from tests.conftest import new_postgresql
from tests.storage.conftest import NOW, Desk


@pytest.fixture(params=["into sqlite", "into postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A second database, without tables, of each kind."""
    sqlite = f"sqlite+aiosqlite:///{tmp_path}/second.db"
    async with Database(sqlite if request.param == "into sqlite" else await new_postgresql(request)) as opened:
        yield opened


async def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All that the database holds, by table, but the name that it was given."""
    async with database.reading() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in await session.execute(select(table)) if row[0] != "database"), key=repr
            )
            for table in Base.metadata.sorted_tables
        }


async def fill_every_table(desk: Desk) -> None:
    desk.write("a", "“We sail,” Mayor Ada Berg said.", "Паром «Лина» опоздал. 🚢", dates={"data": "2024-05-01"})
    desk.write("b", "The ferry to Lindholm is late.")
    await desk.load()
    desk.write("a", "“We wait,” Mayor Ada Berg said.")
    del desk.sources["desk"]["b"]
    await desk.load()
    async with desk.database.writing() as session:
        for table in Base.metadata.sorted_tables:
            if (await session.execute(select(table).limit(1))).first() is None:
                await session.execute(insert(table).values(await _an_example(session, table)))


async def _an_example(session: Any, table: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            values[column.name] = await session.scalar(select(key.column).limit(1))
        else:
            kind = dt.datetime if isinstance(column.type, UtcDateTime) else column.type.python_type
            example: dict[type, Any] = {int: 2**31 - 1, str: "é\n", dt.datetime: NOW, bool: True, float: 0.5}
            values[column.name] = example.get(kind, {"a": [1, None, "ё"]})
    return values


async def test_all_that_was_backed_up_is_restored_on_either_database(
    desk: Desk, empty: Database, tmp_path: Path
) -> None:
    await fill_every_table(desk)

    saved = await backup(desk.database, tmp_path / "backup.gz")
    restored = await restore(empty, tmp_path / "backup.gz")

    before = await rows(desk.database)
    assert await rows(empty) == before
    assert all(before.values()), "every table has a row to lose"
    assert saved == restored
    async with desk.database.reading() as one, empty.reading() as other:
        assert [part async for part in stream_articles(one)] == [part async for part in stream_articles(other)]
        assert await fingerprint(one) != await fingerprint(other)


async def test_a_restored_database_goes_on(desk: Desk, empty: Database, tmp_path: Path) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    await desk.load()
    await backup(desk.database, tmp_path / "backup.gz")
    await restore(empty, tmp_path / "backup.gz")

    desk.database = empty
    desk.write("b", "The ferry to Lindholm is late.", address="other")
    report = await desk.load()

    assert (report.added, report.unchanged) == (1, 1)
    assert await empty.upgrade() is False


async def test_a_database_with_anything_in_it_is_not_restored_into(desk: Desk, tmp_path: Path) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    await desk.load()
    await backup(desk.database, tmp_path / "backup.gz")
    before = await rows(desk.database)

    with pytest.raises(StorageError, match="is not empty"):
        await restore(desk.database, tmp_path / "backup.gz")

    assert await rows(desk.database) == before


async def test_an_empty_database_with_tables_is_restored_into(desk: Desk, empty: Database, tmp_path: Path) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    await desk.load()
    await backup(desk.database, tmp_path / "backup.gz")
    await empty.upgrade()

    await restore(empty, tmp_path / "backup.gz")

    assert await rows(empty) == await rows(desk.database)


@pytest.mark.parametrize("damage", ["cut", "rows lost", "text", "other json", "newer", "empty", "missing", "column"])
async def test_a_damaged_backup_is_refused_and_changes_nothing(sqlite_desk: Desk, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "backup.gz"
    for number in range(30):
        sqlite_desk.write(f"{number}", f"The ferry number {number} is late.")
    await sqlite_desk.load()
    await backup(sqlite_desk.database, path)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)

    def write(*parts: str) -> None:
        path.write_bytes(gzip.compress("".join(parts).encode()))

    match damage:
        case "cut":
            path.write_bytes(path.read_bytes()[:-200])
        case "rows lost":
            write(*lines[:5], *lines[7:])
        case "text":
            path.write_text("These are my notes.")
        case "other json":
            write('{"id": 1, "text": "An article."}\n')
        case "newer":
            write(json.dumps({**json.loads(lines[0]), "revision": "9999"}), "\n", *lines[1:])
        case "empty":
            path.write_bytes(b"")
        case "missing":
            path.unlink()
        case "column":
            write(lines[0], '["state",{"colour":"red"}]\n', *lines[1:])

    async with Database(f"sqlite+aiosqlite:///{tmp_path}/second.db") as second:
        await second.upgrade()
        before = await rows(second)
        with pytest.raises(StorageError, match="cannot restore from") as caught:
            await restore(second, path)

        assert "\n" not in str(caught.value)
        assert await rows(second) == before


async def test_only_its_owner_reads_a_backup_and_a_folder_that_is_not_there_is_named(
    sqlite_desk: Desk, tmp_path: Path
) -> None:
    await backup(sqlite_desk.database, tmp_path / "backup.gz")
    assert stat.S_IMODE((tmp_path / "backup.gz").stat().st_mode) == 0o600

    with pytest.raises(StorageError, match=r"cannot write the backup .*nowhere/backup\.gz: No such file"):
        await backup(sqlite_desk.database, tmp_path / "nowhere" / "backup.gz")
    assert [name for name in os.listdir(tmp_path) if "backup" in name] == ["backup.gz"]
