"""Long polling that confirms an update to Telegram only when it has been handled: after a crash it comes again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.context import BotApplication, seconds
from bot.exceptions import BotError, TokenRefused, UserError

log = logging.getLogger(__name__)
T = TypeVar("T")
UPDATES = ("message", "callback_query", "inline_query", "my_chat_member")
_POLL_S = 30
_SLOW_S = 0.5  # updates that take longer no longer hold up the next ones; a crash would lose these
_AT_ONCE = 32  # updates handled at a time: more only wait for each other in the HTTP client
_IN_HAND = 256  # updates taken and not handled yet, at most, before more are taken
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0
_CONFLICT_S = 60.0  # how long another program may poll with our token before we give up
_DRAIN_S = 7.0
_LAST_WORD_S = 2.0


class Stopped(BotError):
    """The operator stops the bot."""


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """The work's result. Raises: Stopped, the work being cancelled, as soon as `stop` is set."""
    task, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            raise Stopped
        return task.result()
    finally:
        for each in (task, stopping):
            each.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)


async def connect(app: BotApplication, stop: asyncio.Event) -> None:
    """Makes the bot ready, however long Telegram stays unreachable.

    Raises: TokenRefused; Stopped.
    """
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            await unless(stop, app.initialize())
            if not app.settings.webhook_url:
                await unless(stop, app.bot.delete_webhook())  # with one, polling is refused
            return
        except InvalidToken:
            raise _refused(app) from None  # PTB's words have the token in them
        except TelegramError as error:
            log.warning("Telegram cannot be reached (%s); next try in %.0f s", one_line(error), wait_s)
        await unless(stop, asyncio.sleep(wait_s))
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


async def poll(app: BotApplication, stop: asyncio.Event) -> None:
    """Takes updates and has them handled until `stop` is set, then finishes what is in hand.

    Raises: TokenRefused; UserError when another program polls with our token for a minute.
    """
    request = app.polling
    offset, limit, failures, conflict_since = 0, 100, 0, None
    working: set[asyncio.Task[None]] = set()
    slots = asyncio.Semaphore(_AT_ONCE)
    with contextlib.suppress(Stopped):
        while True:
            try:
                updates = await unless(
                    stop, app.bot.get_updates(offset, limit, timeout=_POLL_S, allowed_updates=UPDATES)
                )
            except InvalidToken:
                raise _refused(app) from None
            except TelegramError as error:
                failures += 1
                app.contested = isinstance(error, Conflict)
                conflict_since = conflict_since or time.monotonic() if app.contested else None
                if conflict_since and time.monotonic() - conflict_since > _CONFLICT_S:
                    raise UserError(
                        "another program uses TELEGRAM_BOT_TOKEN: stop it, or get a token for each"
                    ) from None
                wait_s = min(_FIRST_WAIT_S * 2 ** min(failures - 1, 5), _LONGEST_WAIT_S)
                if isinstance(error, RetryAfter):
                    wait_s = max(wait_s, seconds(error))
                log.warning("no updates from Telegram (%s); next try in %.0f s", one_line(error), wait_s)
                await unless(stop, asyncio.sleep(wait_s))
                continue
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                # An update that PTB cannot read: ask one by one, and pass over it.
                log.error("an update that cannot be read: %s", one_line(error))
                offset, limit = (request.next_offset if limit == 1 else offset), 1
                continue
            offset, limit, failures, conflict_since = request.next_offset, 100, 0, None
            app.contested = False
            batch = {asyncio.create_task(_handle(app, update, slots)) for update in updates}
            working |= batch
            for task in batch:
                task.add_done_callback(working.discard)
            if batch:
                await asyncio.wait(batch, timeout=_SLOW_S)
            while len(working) > _IN_HAND:
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
    if working:
        _, left = await asyncio.wait(working, timeout=_DRAIN_S)
        for task in left:
            task.cancel()
    if offset:  # confirms the last ones
        with contextlib.suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(_LAST_WORD_S):
                await app.bot.get_updates(offset, 1, timeout=0, allowed_updates=UPDATES)


async def _handle(app: BotApplication, update: Update, slots: asyncio.Semaphore) -> None:
    async with slots:
        await app.process_update(update)


def one_line(error: BaseException) -> str:
    """The error in one line of a log."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _refused(app: BotApplication) -> TokenRefused:
    return TokenRefused(
        f"{app.settings.telegram_api_url} does not know TELEGRAM_BOT_TOKEN: copy it again from @BotFather"
    )
