"""The pace of sending over all programs on a server: who sends takes a slot first.

A row for the whole bot, and one for each chat, says from when the next message may go, by the server's clock. A program
that dies takes nothing along but the slots that it had not used.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from sqlalchemy import Interval, TextClause, bindparam, text

from storage.database import Database
from storage.exceptions import DatabaseError

_PATIENCE_S = 2.0
_AT_ONCE = 4  # connections: more would have to be made each time
ALL = 0  # the place of the whole bot; others are chats
_NEXT = "greatest(pace.next_at, clock_timestamp() - :burst)"
_TAKE = text(
    f"""
    WITH taken AS (
        INSERT INTO pace (chat_id, next_at) VALUES (:place, clock_timestamp() - :burst + :apart)
        ON CONFLICT (chat_id) DO UPDATE SET next_at = {_NEXT} + :apart
            WHERE pace.next_at <= clock_timestamp() + :longest
        RETURNING next_at - :apart AS at
    ), found AS (
        SELECT coalesce((SELECT at FROM taken), (SELECT next_at FROM pace WHERE chat_id = :place)) AS at
    )
    SELECT extract(epoch FROM at - clock_timestamp()) FROM found
    """  # noqa: S608
).bindparams(*(bindparam(name, type_=Interval) for name in ("burst", "apart", "longest")))
_SHUT = text(
    """
    INSERT INTO pace (chat_id, next_at) VALUES (:place, clock_timestamp() + :wait)
    ON CONFLICT (chat_id) DO UPDATE SET next_at = greatest(pace.next_at, excluded.next_at)
    RETURNING 1
    """
).bindparams(bindparam("wait", type_=Interval))
_PURGE = text("WITH old AS (DELETE FROM pace WHERE next_at < clock_timestamp() - interval '10 minutes') SELECT 1")


class Slots:
    """Slots for messages. Raises, everywhere: DatabaseError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def take(self, place: int, *, apart_s: float, burst_s: float, longest_s: float) -> float:
        """Takes the next slot there; gives the seconds until it comes, none when it is there already.

        Slots are `apart_s` apart; of those not used lately, `burst_s` worth may be used at once. More than `longest_s`:
        none was taken, so long are all gone.
        """
        spans = {"apart": apart_s, "burst": burst_s, "longest": longest_s}
        values = {name: dt.timedelta(seconds=seconds) for name, seconds in spans.items()}
        return max(0.0, float(await self._run(_TAKE, place=place, **values)))

    async def shut(self, place: int, wait_s: float) -> None:
        """Leaves no slot there for so long."""
        await self._run(_SHUT, place=place, wait=dt.timedelta(seconds=wait_s))

    async def purge(self) -> None:
        """Forgets what matters no longer."""
        await self._run(_PURGE)

    async def _run(self, statement: TextClause, **values: Any) -> Any:
        try:
            async with self._places, asyncio.timeout(_PATIENCE_S), self._database.autocommit() as connection:
                return await connection.scalar(statement, values)
        except TimeoutError:
            raise DatabaseError(f"the database {self._database.shown} does not answer") from None
