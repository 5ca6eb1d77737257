"""The one way to the database: its address, its transactions, its schema.

One writing transaction at a time, on both databases (SQLite: ``BEGIN IMMEDIATE``; PostgreSQL: an advisory lock), across
tasks and processes: what a transaction has read cannot change before it commits. With the drivers' defaults,
read-modify-write transactions overwrite each other without an error. Readers never wait, and see one moment's state.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from storage.exceptions import DatabaseError

LOCK_WAIT_S = 30  # how long a writer waits for another process before it gives up
_CONNECT_S = 10
# The server finds out within 6 s that a client's machine is gone, and frees its locks.
_KEEPALIVES = {"tcp_keepalives_idle": "3", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3"}
_ADVISORY_LOCK = 0x71756F7465  # any number that other programs on the server are unlikely to use
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
MIGRATIONS = Path(__file__).with_name("migrations")


class Database:
    """An open database. `async with Database(url) as database`, then `upgrade()`, `reading()`, `writing()`."""

    def __init__(self, url: str) -> None:
        """Raises: DatabaseError when the address is not one that can work."""
        self._url = _parse(url)
        self.shown = _shown(self._url)  # for messages: neither user nor password
        self._engine = _engine(self._url)
        on_postgres = self._url.get_backend_name() == "postgresql"
        # One snapshot for a whole reading transaction, as SQLite gives by itself.
        snapshot: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = self._engine.execution_options(**(snapshot if on_postgres else {}))
        self._writing = self._engine.execution_options(writing=True)
        self._statements = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        # Writers queue here first: fair, and no connection is held (or, on SQLite, polled) by one that waits.
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        try:
            if self._url.get_backend_name() == "sqlite":
                with self._told():
                    await asyncio.to_thread(_look_at_file, Path(str(self._url.database)))
            async with self.reading() as session:
                await session.execute(text("SELECT 1"))
        except BaseException:
            await self._engine.dispose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session on one moment's state. Raises: DatabaseError when the database fails."""
        with self._told():
            async with AsyncSession(self._reading, expire_on_commit=False) as session, session.begin():
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed together at the end, or, on an exception, not at all.

        Not to be nested: the inner one would wait for the outer. Raises: DatabaseError when the database fails or
        another process holds it for longer than `LOCK_WAIT_S`; nothing is stored then.
        """
        async with self._turn:
            with self._told():
                async with AsyncSession(self._writing, expire_on_commit=False) as session, session.begin():
                    yield session

    async def upgrade(self) -> bool:
        """Brings the schema to the newest revision, in one transaction; True when something was done.

        Safe when two processes do it at once. Raises: DatabaseError when a newer Quotewire wrote the database.
        """
        head = head_revision()
        async with self.reading() as session:
            current = await session.run_sync(lambda s: revision(s.connection()))
        if current == head:  # the usual case: spares the half second that importing Alembic takes
            return False
        if current is not None and current > head:
            raise DatabaseError(
                f"a newer Quotewire wrote the database {self.shown} (schema {current}, this program knows {head}):"
                " get the newer program, or set DATABASE_URL to another database"
            )
        async with self.altering() as connection:
            await connection.run_sync(migrate, "head")
        return True

    @asynccontextmanager
    async def altering(self) -> AsyncIterator[AsyncConnection]:
        """A connection for changing the schema: a writing transaction without foreign keys."""
        # A batch migration drops and renames tables, which foreign keys, when on, would turn into deleted rows.
        engine = _engine(self._url, foreign_keys=False, poolclass=NullPool).execution_options(writing=True)
        async with self._turn:
            with self._told():
                async with engine.begin() as connection:
                    yield connection

    @property
    def file(self) -> Path | None:
        """The database's file; None on a server."""
        return Path(str(self._url.database)) if self._url.get_backend_name() == "sqlite" else None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection of its own, outside of transactions, that ends with the block: for what a session holds."""
        engine = _engine(self._url, poolclass=NullPool).execution_options(isolation_level="AUTOCOMMIT")
        with self._told():
            async with engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which each statement is a transaction of its own, past the queue of writers."""
        with self._told():
            async with self._statements.connect() as connection:
                yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Failures of the database, not of our statements, as DatabaseError."""
        try:
            yield
        except IntegrityError:
            raise
        except (DBAPIError, sqlite3.Error) as error:
            raise DatabaseError(self._words(error)) from error
        except (PoolTimeoutError, OSError) as error:  # OSError: refused, unreachable, no such host
            raise DatabaseError(f"cannot reach the database {self.shown}: {_one_line(error)}") from error

    def _words(self, error: Exception) -> str:
        told = _one_line(getattr(error, "orig", None) or error)
        if "file is not a database" in told or "malformed" in told:
            return (
                f"{self.shown} is damaged or not a database ({told}): restore a backup, move the file away, or set"
                " DATABASE_URL to another one"
            )
        if "unable to open" in told or "readonly" in told:
            return f"cannot open the database {self.shown} ({told}): check the folder's permissions or DATABASE_URL"
        if "locked" in told or "lock timeout" in told:
            return f"the database {self.shown} is held by another process ({told}): stop it or try again"
        if "password" in told or ("does not exist" in told and "database" in told):
            return f"the database {self.shown} refuses ({told}): check DATABASE_URL"
        return f"the database {self.shown} failed: {told}"


def head_revision() -> str:
    """The newest schema revision that this program knows: revisions are numbered by their files' names."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")).split("_")[0]


def migrate(connection: Connection, target: str) -> None:
    """Brings the schema to a revision: a number, "head" or "base"."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if target == "base":
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)


def revision(connection: Connection) -> str | None:
    """The schema's revision; null for a database without tables of ours."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _parse(address: str) -> URL:
    hint = "use sqlite+aiosqlite:///data/quotewire.db or postgresql+asyncpg://user:password@host/name"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # their texts may hold the password
        raise DatabaseError(f"DATABASE_URL is not a database address: {hint}") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise DatabaseError(f"DATABASE_URL names {url.drivername!r}, which Quotewire does not speak: {hint}")
    if driver.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise DatabaseError(f"DATABASE_URL names no file: {hint}")
    return url.set(drivername=driver)


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "localhost"
    return f"{url.database} on {host}" + (f":{url.port}" if url.port else "")


def _look_at_file(path: Path) -> None:
    """Makes the file's folder, and raises what SQLite says to a file that is garbage, cut off or out of reach.

    Before the asynchronous driver opens it, whose threads outlive a connection that fails.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"cannot make the database's folder {path.parent}: {error.strerror or error}") from error
    with closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_schema")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _engine(url: URL, *, foreign_keys: bool = True, **options: Any) -> AsyncEngine:
    # When a task is cancelled its connection is thrown away, which the pool would tell as an error with a traceback.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    sqlite = url.get_backend_name() == "sqlite"
    if not sqlite:
        options["connect_args"] = {
            "timeout": _CONNECT_S,
            "server_settings": {"application_name": "quotewire", "lock_timeout": f"{LOCK_WAIT_S}s", **_KEEPALIVES},
        }
    serializer = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    try:
        engine = create_async_engine(url, json_serializer=serializer, hide_parameters=True, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise DatabaseError(f"the driver for {url.drivername} is not installed: {_one_line(error)}") from error
    if sqlite:
        settings = {
            "busy_timeout": LOCK_WAIT_S * 1000,
            "journal_mode": "WAL",
            "synchronous": "FULL",  # an acknowledged commit survives loss of power
            "foreign_keys": "ON" if foreign_keys else "OFF",
        }

        def connected(connection: Any, _: object) -> None:
            try:
                connection.isolation_level = None  # the driver begins no transaction by itself; `begun` does
                cursor = connection.cursor()
                for name, value in settings.items():
                    cursor.execute(f"PRAGMA {name}={value}")
                cursor.close()
            except BaseException:
                connection.close()  # or its thread stays
                raise

        def invalidated(connection: Any, _: object, __: object) -> None:
            # A cancelled task's connection: closing it with a statement open would leave its transaction, and with it
            # the lock on the database, for as long as anything holds the task's exception.
            with suppress(Exception):
                connection.rollback()

        event.listen(engine.sync_engine, "connect", connected)
        event.listen(engine.sync_engine, "invalidate", invalidated)

    def begun(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        if sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
        elif writing:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")

    event.listen(engine.sync_engine, "begin", begun)
    return engine
