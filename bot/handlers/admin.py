"""The operator's commands."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from telegram import Update
from telegram.error import TelegramError

from bot import views
from bot.commands import Command
from bot.context import BotContext
from bot.exceptions import BotError
from retrieval.exceptions import RetrievalError
from storage.exceptions import StorageError

log = logging.getLogger(__name__)
_PROGRESS_EVERY_S = 2.0


async def stats(update: Update, context: BotContext) -> None:
    """Shows what is loaded."""
    await context.reply(update, views.stats(await context.services.stats(), context.words), quoting=False)


async def reload(update: Update, context: BotContext) -> None:
    """Reads the sources (or the one named) again; one reload at a time, its progress in one edited message."""
    words, running = context.words, context.app.reloading
    if running.locked():
        await context.reply(update, views.Message(words("admin.reload_running")))
        return
    async with running:
        place = "", 0

        def progress(articles: int, source: str) -> None:
            nonlocal place
            place = source, articles

        sources = [" ".join(context.args)] if context.args else None
        load = asyncio.create_task(_load(context, sources, progress))
        try:
            sent = None
            while not (await asyncio.wait([load], timeout=_PROGRESS_EVERY_S))[0]:
                text = words("admin.reload_progress", source=place[0], n=place[1])
                with contextlib.suppress(TelegramError):
                    sent = await context.show(update, sent, views.Message(text))
            await context.show(update, sent, load.result())
        finally:
            load.cancel()


async def _load(
    context: BotContext, sources: Sequence[str] | None, progress: Callable[[int, str], None]
) -> views.Message:
    try:
        report = await context.services.load(sources, alert=True, progress=progress)
    except (StorageError, RetrievalError, BotError) as error:
        log.error("reload: %s", error)
        return views.Message(context.words("admin.reload_failed", reason=str(error)))
    return views.reload_report(report, context.words)


COMMANDS = (
    Command("reload", reload, admin=True),
    Command("stats", stats, admin=True),
)
