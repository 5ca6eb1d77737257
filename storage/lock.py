"""One program at a time on a database: locks that die with their process, however it dies."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.database import Database
from storage.exceptions import DatabaseError

# Of the advisory locks on PostgreSQL: of the one that works, of who loads articles, of each program that lives.
_KEY, _LOADING, _LIVING = 0x71756F7466, 0x71756F7467, 0x71756F74
_NUMBERS = text(
    "SELECT CAST(objid AS bigint) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE locktype = 'advisory' AND CAST(classid AS bigint) = :living AND objsubid = 2 AND granted"
    " AND datname = current_database()"
)
_RETRY_S = 1.0
_LOOK_S = 2.0  # how often a lock that is held is looked at


class InstanceLock:
    """Whether this program is the one that works for the database: it `take`s the lock, and looks whether it is `held`.

    On SQLite it is the operating system's lock on a file beside the database, on PostgreSQL an advisory lock: a
    session's own, which the server frees when its connection ends.
    """

    def __init__(self, database: Database) -> None:
        self.number = secrets.randbits(31)  # of this program among those that live
        self.held_since = 0.0  # by the monotonic clock
        self._database = database
        self._ours, self._others, self._known = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._others.set()

    @property
    def held(self) -> bool:
        return self._ours.is_set()

    @property
    def held_s(self) -> float:
        """For how long it has been ours."""
        return time.monotonic() - self.held_since if self.held else 0.0

    async def until_held(self) -> None:
        await self._ours.wait()

    async def until_lost(self) -> None:
        await self._others.wait()

    async def take(self, waiting: Callable[[], None], *, standby: bool = False) -> asyncio.Task[None]:
        """Waits for the lock; gives the task that keeps it. `waiting`: called when another program has it.

        `standby`: does not wait any longer then; the task takes it later. Raises: DatabaseError.
        """
        keeping = asyncio.create_task(self._keep(waiting))
        ready = asyncio.create_task((self._known if standby else self._ours).wait())
        try:
            await asyncio.wait({keeping, ready}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            keeping.cancel()
            raise
        finally:
            ready.cancel()
        if keeping.done():
            keeping.result()
        return keeping

    async def _keep(self, waiting: Callable[[], None]) -> None:
        """Takes the lock as soon as it is free, and again when it was lost; for ever."""
        told = False
        while True:
            try:
                async with self._contest() as (take, check):
                    while not await take():
                        if not told:
                            told = True
                            waiting()
                        self._known.set()
                        await asyncio.sleep(_RETRY_S)
                    told = False
                    self.held_since = time.monotonic()
                    self._known.set()
                    self._others.clear()
                    self._ours.set()
                    try:
                        while True:
                            await asyncio.sleep(_LOOK_S)
                            await check()
                    finally:  # before the lock is given back: it is another's at once
                        self._ours.clear()
                        self._others.set()
            except (DatabaseError, TimeoutError):
                if not self._known.is_set():
                    raise
                # The database is away, and its locks are gone with it: whoever uses it meets and tells the same.
            await asyncio.sleep(_RETRY_S)

    @asynccontextmanager
    async def _contest(self) -> AsyncIterator[tuple[Callable[[], Awaitable[bool]], Callable[[], Awaitable[object]]]]:
        """How to try to take the lock, until the block ends, and how to see whether it is held still."""
        if self._database.file is not None:
            path = f"{self._database.file}.lock"
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise DatabaseError(f"cannot make {path} ({error.strerror}): check the folder's permissions") from error

            async def take() -> bool:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                return True

            try:
                yield take, _always
            finally:
                os.close(descriptor)
        else:
            async with self._database.connection() as connection:

                async def ask(sql: str) -> bool:
                    async with asyncio.timeout(_LOOK_S):
                        return bool(await connection.scalar(text(sql)))

                await ask(f"SELECT pg_try_advisory_lock({_LIVING}, {self.number})")
                yield lambda: ask(f"SELECT pg_try_advisory_lock({_KEY})"), lambda: ask("SELECT 1")


async def living(session: AsyncSession) -> set[int]:
    """The numbers of the other programs that live, this one's among them; on SQLite there are none."""
    if session.get_bind().dialect.name == "sqlite":
        return set()
    return set(await session.scalars(_NUMBERS, {"living": _LIVING}))


class Loading:
    """Loading articles, by one at a time: of all programs on a server; on SQLite, of this program's tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._here = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until nobody else is at it. Raises: DatabaseError."""
        async with self._here:
            while True:
                async with self._elsewhere() as ours:
                    if ours:
                        yield
                        return
                await asyncio.sleep(_RETRY_S)

    @asynccontextmanager
    async def turn_now(self) -> AsyncIterator[bool]:
        """Whether nobody else is at it, or will be before the block ends. Raises: DatabaseError."""
        if self._here.locked():
            yield False
        else:
            async with self._here, self._elsewhere() as ours:
                yield ours

    @asynccontextmanager
    async def _elsewhere(self) -> AsyncIterator[bool]:
        """Whether other programs are kept off until the block ends."""
        if self._database.file is not None:
            yield True
        else:
            async with self._database.connection() as connection:
                yield bool(await connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOADING})")))


async def _always() -> None:
    """The operating system takes no lock away."""
