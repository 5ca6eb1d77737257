"""Answers given, remembered for their buttons and for replies to them: at once here, a moment later in the database.

They are stored many in one transaction, after the reader has the reply: a transaction each would be the slowest part
of answering.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from storage import chats
from storage.chats import GivenAnswer
from storage.database import Database
from storage.exceptions import StorageError

log = logging.getLogger(__name__)
_GATHER_S = 0.2  # answers that come within it are stored together
_MOST = 10_000  # kept here while the database cannot be written; older ones are given up


class AnswerMemory:
    """`add` and `find`; `keep_storing` runs beside them, `store` makes sure that all is in the database."""

    def __init__(self, database: Database, *, shared: bool = False) -> None:
        """`shared`: other processes give answers, too."""
        self._database = database
        self._shared = shared
        self._waiting: dict[int, tuple[GivenAnswer, dt.datetime]] = {}
        self._added = asyncio.Event()
        self._storing = asyncio.Lock()

    def add(self, answer: GivenAnswer) -> None:
        """Remembers the answer."""
        self._waiting[answer.id] = answer, dt.datetime.now(dt.UTC)
        if len(self._waiting) > _MOST:
            del self._waiting[next(iter(self._waiting))]
        self._added.set()

    async def find(self, answer_id: int) -> GivenAnswer | None:
        """The answer, or None when there is no such (any more)."""
        if answer_id in self._waiting:
            return self._waiting[answer_id][0]
        return await self._stored(lambda session: chats.find_answer(session, answer_id))

    async def find_at(self, chat_id: int, message_id: int) -> GivenAnswer | None:
        """The answer that the message in the chat shows now, or None."""
        for answer, _ in reversed(self._waiting.values()):
            if (answer.chat_id, answer.message_id) == (chat_id, message_id):
                return answer
        return await self._stored(lambda session: chats.find_answer_at(session, chat_id, message_id))

    async def _stored(self, find: Callable[[Any], Awaitable[GivenAnswer | None]]) -> GivenAnswer | None:
        """What is in the database, or will be in a moment when another process gave it."""
        for wait_s in (0.0, _GATHER_S, 2 * _GATHER_S) if self._shared else (0.0,):
            await asyncio.sleep(wait_s)
            async with self._database.reading() as session:
                if answer := await find(session):
                    return answer
        return None

    async def store(self) -> None:
        """Stores what is waiting. Raises: StorageError; all stays remembered then."""
        async with self._storing:
            waiting = list(self._waiting.values())
            if not waiting:
                return
            async with self._database.writing() as session:
                await chats.add_answers(session, waiting)
            for answer, _ in waiting:
                self._waiting.pop(answer.id, None)

    async def keep_storing(self) -> None:
        """Stores what is added, for ever. While the database fails, says so now and then and tries again."""
        wait_s = _GATHER_S
        while True:
            await self._added.wait()
            self._added.clear()
            await asyncio.sleep(wait_s)
            try:
                await self.store()
                wait_s = _GATHER_S
            except StorageError as error:
                log.error("answers could not be stored: %s", error)
                self._added.set()
                wait_s = min(wait_s * 2, 30.0)
