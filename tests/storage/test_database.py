from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text, update

from storage.database import Database, head_revision, migrate
from storage.exceptions import DatabaseError, StorageError
from storage.models import Base, StateRow


@pytest.fixture
async def fresh_database(database_url: str) -> AsyncIterator[Database]:
    """A database of the test's own, whose schema it may change."""
    async with Database(database_url) as opened:
        await opened.upgrade()
        yield opened


async def counter(database: Database) -> int:
    async with database.reading() as session:
        row = await session.get_one(StateRow, "change")
        return int(row.value)


async def test_read_modify_write_transactions_of_many_tasks_lose_nothing(database: Database) -> None:
    async def add_fifty() -> None:
        for _ in range(50):
            async with database.writing() as session:
                row = await session.get_one(StateRow, "change")
                await asyncio.sleep(0)
                row.value = str(int(row.value) + 1)

    await asyncio.gather(*(add_fifty() for _ in range(8)))

    assert await counter(database) == 400


async def test_read_modify_write_transactions_of_two_processes_lose_nothing(database_url: str) -> None:
    # Two Database objects share nothing but the database, as two processes do.
    async with Database(database_url) as first, Database(database_url) as second:
        await first.upgrade()

        async def add_fifty(database: Database) -> None:
            for _ in range(50):
                async with database.writing() as session:
                    row = await session.get_one(StateRow, "change")
                    row.value = str(int(row.value) + 1)

        await asyncio.gather(add_fifty(first), add_fifty(second))

        assert await counter(first) == 100


async def test_a_failed_transaction_stores_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as session:
            await session.execute(update(StateRow).values(value="7"))
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await fail()

    assert await counter(database) == 0


async def test_a_reader_sees_one_moment_while_a_writer_commits(database: Database) -> None:
    async with database.reading() as session:
        before = (await session.execute(text("SELECT value FROM state WHERE name = 'change'"))).scalar()
        async with database.writing() as writer:
            await writer.execute(update(StateRow).where(StateRow.name == "change").values(value="1"))
        after = (await session.execute(text("SELECT value FROM state WHERE name = 'change'"))).scalar()

    assert (before, after) == ("0", "0")
    assert await counter(database) == 1


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with database.writing() as session:
            await session.execute(
                text(
                    "INSERT INTO quotation (article_id, number, speaker_key, speaker_name)"
                    " VALUES (99, 0, 'nobody', 'Nobody')"
                )
            )


async def test_a_second_upgrade_does_nothing(fresh_database: Database) -> None:
    assert await fresh_database.upgrade() is False


async def test_two_processes_may_upgrade_at_once(database_url: str) -> None:
    async with Database(database_url) as first, Database(database_url) as second:
        await asyncio.gather(first.upgrade(), second.upgrade())

        assert await counter(second) == 0


async def test_the_migrations_make_the_tables_of_the_models(fresh_database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with fresh_database.reading() as session:
        assert await session.run_sync(lambda s: differences(s.connection())) == []


async def test_the_migrations_can_be_undone(fresh_database: Database) -> None:
    async with fresh_database.altering() as connection:
        await connection.run_sync(migrate, "base")
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == ["alembic_version"]

    assert await fresh_database.upgrade() is True


async def test_a_database_of_a_newer_program_is_refused(fresh_database: Database) -> None:
    async with fresh_database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError, match="a newer Quotewire wrote the database"):
        await fresh_database.upgrade()


def test_revisions_are_numbered_in_order() -> None:
    assert head_revision().isdecimal()
    assert len(head_revision()) == 4


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not a database address"),
        ("data/quotewire.db", "not a database address"),
        ("postgresql+asyncpg://user:hunter2@host:port/name", "not a database address"),
        ("mysql://user:hunter2@host/name", "'mysql', which Quotewire does not speak"),
        ("postgresql+psycopg2://user:hunter2@host/name", "does not speak"),
        ("sqlite+aiosqlite://", "names no file"),
    ],
)
def test_an_address_that_cannot_work_is_refused_in_one_line(url: str, words: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        Database(url)

    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def refusal(url: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        async with Database(url) as database:
            await database.upgrade()
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    assert "cannot reach the database news on 127.0.0.1:1" in await refusal(
        "postgresql+asyncpg://user:hunter2@127.0.0.1:1/news"
    )


async def test_a_database_that_the_server_does_not_have_is_named(postgresql_server: str) -> None:
    url = postgresql_server.replace("postgresql://", "postgresql+asyncpg://").replace("/postgres?", "/nowhere?")

    assert "check DATABASE_URL" in await refusal(url)


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "quotewire.db"
    path.write_bytes(b"These are my notes, not a database.\n" * 200)
    before = path.read_bytes()

    assert "damaged or not a database" in await refusal(f"sqlite+aiosqlite:///{path}")
    assert path.read_bytes() == before


async def test_a_cut_off_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "quotewire.db"
    async with Database(f"sqlite+aiosqlite:///{path}") as database:
        await database.upgrade()
    path.write_bytes(path.read_bytes()[:10_000])
    before = path.read_bytes()

    assert "damaged or not a database" in await refusal(f"sqlite+aiosqlite:///{path}")
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    assert f"cannot make the database's folder {tmp_path}/file/data" in await refusal(
        f"sqlite+aiosqlite:///{tmp_path}/file/data/quotewire.db"
    )


async def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    assert "cannot open the database" in await refusal(f"sqlite+aiosqlite:///{tmp_path}")


async def test_a_database_held_by_another_process_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.LOCK_WAIT_S", 0.05)
    path = tmp_path / "quotewire.db"
    async with Database(f"sqlite+aiosqlite:///{path}") as database:
        await database.upgrade()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(DatabaseError, match="held by another process"):
            async with database.writing() as session:
                await session.execute(update(StateRow).values(value="1"))

        other.close()
        async with database.writing() as session:
            await session.execute(update(StateRow).where(StateRow.name == "change").values(value="1"))
        assert await counter(database) == 1
