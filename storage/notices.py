"""What other programs on the server change, told as it happens: by triggers (migration 0007) to who listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

_CHANNEL = "quotewire"
_LOOK_S = 2.0


class Notices:
    """Of which chats and bans rows were written. Made by `listen`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._heard: set[tuple[str, int]] = set()
        self._any = asyncio.Event()

    async def next(self) -> set[tuple[str, int]]:
        """(table, id) of what was written since the last call, "chat" or "ban"; waits until there is something.

        Raises: DatabaseError, TimeoutError: something may have gone unheard.
        """
        while not self._heard:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._any.wait()
            if not self._heard:
                async with asyncio.timeout(_LOOK_S):
                    await self._connection.execute(text("SELECT 1"))  # a connection that is gone says nothing
        heard, self._heard = self._heard, set()
        self._any.clear()
        return heard

    def hear(self, _connection: object, _pid: int, _channel: str, told: str) -> None:
        """Called by the driver."""
        table, _, number = told.partition(" ")
        self._heard.add((table, int(number)))
        self._any.set()


@asynccontextmanager
async def listen(database: Database) -> AsyncIterator[Notices]:
    """Hears from now on, until the block ends, what is written by whomever. Raises: DatabaseError."""
    async with database.connection() as connection:
        notices = Notices(connection)
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.add_listener(_CHANNEL, notices.hear)
        yield notices
