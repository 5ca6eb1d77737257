"""One program at a time on a database: a lock that dies with its process, however it dies."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text

from storage.database import Database
from storage.exceptions import DatabaseError

_KEY = 0x71756F7466  # of the advisory lock on PostgreSQL
_RETRY_S = 1.0
_LOOK_S = 2.0  # how often a lock that is held is looked at


class InstanceLock:
    """Whether this program is the one that works for the database: it `take`s the lock, and looks whether it is `held`.

    On SQLite it is the operating system's lock on a file beside the database, on PostgreSQL an advisory lock: a
    session's own, which the server frees when its connection ends.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ours = asyncio.Event()

    @property
    def held(self) -> bool:
        return self._ours.is_set()

    async def take(self, waiting: Callable[[], None]) -> asyncio.Task[None]:
        """Waits for the lock; gives the task that keeps it. `waiting`: called when another program has it.

        Raises: DatabaseError.
        """
        keeping, ready = asyncio.create_task(self._keep(waiting)), asyncio.create_task(self._ours.wait())
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
        told = ever = False
        while True:
            try:
                async with self._take() as check:
                    if check is not None:
                        told, ever = False, True
                        self._ours.set()
                        while True:
                            await asyncio.sleep(_LOOK_S)
                            async with asyncio.timeout(_LOOK_S):
                                await check()
                    elif not told:
                        told = True
                        waiting()
            except (DatabaseError, TimeoutError):
                if not ever:
                    raise
                # The database is away, and its locks are gone with it: whoever uses it meets and tells the same.
            finally:
                self._ours.clear()
            await asyncio.sleep(_RETRY_S)

    @asynccontextmanager
    async def _take(self) -> AsyncIterator[Callable[[], Awaitable[object]] | None]:
        """The lock, and a way to see whether it is held still; None when another has it."""
        if self._database.file is not None:
            path = f"{self._database.file}.lock"
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise DatabaseError(f"cannot make {path} ({error.strerror}): check the folder's permissions") from error
            try:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield None
                else:
                    yield _always
            finally:
                os.close(descriptor)
        else:
            async with self._database.connection() as connection:
                taken = await connection.scalar(text(f"SELECT pg_try_advisory_lock({_KEY})"))

                yield (lambda: connection.execute(text("SELECT 1"))) if taken else None


async def _always() -> None:
    """The operating system takes no lock away."""
