"""Sends what operators tell everyone, one message at a time behind answers and alerts, and goes on after a crash."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.context import BotApplication, seconds
from bot.limiter import ALERT
from bot.markup import escape
from bot.polling import one_line
from storage import broadcasts, chatstates
from storage.broadcasts import Due
from storage.exceptions import StorageError
from storage.lock import InstanceLock, living

log = logging.getLogger(__name__)
_LOOK_S = 10.0  # for what was put off
_ATTEMPTS = 100  # over some eight hours
_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 300.0
_DRAIN_S = 5.0  # for the message in flight when the bot is stopped


async def keep_broadcasting(app: BotApplication, lock: InstanceLock) -> None:
    """Sends what is due, for ever. While the database fails, waits."""
    idle = False
    while True:
        try:
            async with app.services.database.writing() as session:
                if idle:  # what the end of a program, or the database, interrupted: nothing of ours is in flight
                    await broadcasts.recover(session, await living(session) - {lock.number})
                due = await broadcasts.claim(session, _now(), lock.number)
            idle = due is None
            if due is not None:
                sending = asyncio.create_task(_send(app, due))
                try:
                    await asyncio.shield(sending)
                except asyncio.CancelledError:
                    await asyncio.wait([sending], timeout=_DRAIN_S)
                    raise
                continue
        except StorageError as error:
            log.error("broadcast: %s", error)
            idle = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await app.broadcasting.wait()
        app.broadcasting.clear()


async def _send(app: BotApplication, due: Due) -> None:
    try:
        chat_id = due.chat_id
        try:
            await app.bot.send_message(chat_id, escape(due.text), rate_limit_args=ALERT)
        except ChatMigrated as error:
            chat_id = error.new_chat_id
            await app.bot.send_message(chat_id, escape(due.text), rate_limit_args=ALERT)
    except RetryAfter as error:
        await _again(app, due, seconds(error), failed=False)
    except Forbidden:
        async with app.services.database.writing() as session:
            await broadcasts.settle(session, due, "gone")
            await chatstates.close(session, due.chat_id, "blocked", _now())
    except BadRequest as error:
        log.warning("broadcast: chat %d: %s", due.chat_id, one_line(error))
        await _settle(app, due, "dead")
    except TelegramError as error:
        if due.attempts + 1 < _ATTEMPTS:
            wait_s = min(_FIRST_WAIT_S * 2**due.attempts, _LONGEST_WAIT_S)
            await _again(app, due, wait_s, failed=True)
        else:
            log.warning("broadcast: chat %d given up: %s", due.chat_id, one_line(error))
            await _settle(app, due, "dead")
    else:
        await _settle(app, due, "sent")


async def _settle(app: BotApplication, due: Due, state: str) -> None:
    async with app.services.database.writing() as session:
        await broadcasts.settle(session, due, state)


async def _again(app: BotApplication, due: Due, wait_s: float, *, failed: bool) -> None:
    async with app.services.database.writing() as session:
        await broadcasts.retry(session, due, _now() + dt.timedelta(seconds=wait_s), failed=failed)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
