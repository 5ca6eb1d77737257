"""The operators' commands on articles: what is loaded, from where, and loading it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Coroutine
from typing import Any

from telegram import Update
from telegram.error import TelegramError

from bot import opviews, views
from bot.context import BotContext
from bot.exceptions import BotError
from bot.operating import admin_command, admin_page
from bot.usagechart import draw
from bot.views import Message
from retrieval.exceptions import RetrievalError
from storage import drafts, usage
from storage.exceptions import SourceError, StorageError
from storage.ingest import LoadReport

log = logging.getLogger(__name__)
_PROGRESS_EVERY_S = 2.0
_DAYS = 30  # in the picture of /stats


async def stats(update: Update, context: BotContext) -> str:
    """Shows what is loaded, with a picture of the last days when anything was asked or told."""
    message = views.stats(await context.services.stats(), context.words)
    today = dt.datetime.now(dt.UTC).date()
    await context.app.answers.store()
    async with context.services.database.reading() as session:
        days = await usage.days(session, today, _DAYS)
    if not any(usage.total(days)):
        await context.reply(update, message, quoting=False)
        return "shown"
    text = views.fitting([message.text, opviews.usage_lines(days, context.words)])
    picture = await asyncio.to_thread(draw, days, context.words)
    await context.bot.send_photo(context.reader, picture, caption=text)
    return "shown"


async def reload(update: Update, context: BotContext) -> str:
    """Reads the sources (or the one named) again; one reload at a time, its progress in one edited message."""
    words = context.words
    async with context.app.loading.turn_now() as ours:
        if not ours:
            await context.reply(update, Message(words("admin.reload_running")))
            return "already running"
        place = "", 0

        def progress(articles: int, source: str) -> None:
            nonlocal place
            place = source, articles

        sources = [" ".join(context.args)] if context.args else None
        load = asyncio.create_task(_report(context, context.services.load(sources, alert=True, progress=progress)))
        try:
            sent, text = None, words("admin.reload_started")
            while not (await asyncio.wait([load], timeout=_PROGRESS_EVERY_S))[0]:
                now = words("admin.reload_progress", source=place[0], n=place[1]) if place[1] else text
                if sent is None or now != text:
                    text = now
                    with contextlib.suppress(TelegramError):
                        sent = await context.show(update, sent, Message(text))
            message, outcome = load.result()
            await context.show(update, sent, message)
        finally:
            load.cancel()
    return outcome


async def _report(context: BotContext, loading: Coroutine[Any, Any, LoadReport]) -> tuple[Message, str]:
    """What came of loading: for the operator, and for the log. What cannot be done leaves all as it was."""
    try:
        report = await loading
    except (StorageError, RetrievalError, BotError) as error:
        log.error("reload: %s", error)
        return Message(context.words("admin.reload_failed", reason=str(error))), f"failed: {type(error).__name__}"
    counts = f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, {report.removed} removed"
    return views.reload_report(report, context.words), f"{counts}, {len(report.rejected)} rejected"


async def sources(update: Update, context: BotContext) -> str:
    """Lists the sources that are followed, and how each does."""
    health = await context.services.polling.list_sources()
    await context.reply(update, opviews.sources(health, context.words), quoting=False)
    return "shown"


async def add_source(update: Update, context: BotContext) -> str:
    """Looks at the address, says what is there, and asks whether to follow it."""
    words, address = context.words, " ".join(context.args or [])
    if not address:
        await context.reply(update, Message(words("operator.which_source")))
        return "no address"
    try:
        async with context.sign_of_life(update):
            found = await context.services.polling.try_source(address)
    except SourceError as error:
        await context.reply(update, Message(words("operator.no_source", reason=error.reason)))
        return "not a source"
    async with context.services.database.writing() as session:
        draft = await drafts.add(session, address, dt.datetime.now(dt.UTC))
    await context.reply(update, opviews.found(found, draft, words))
    return "asked"


async def follow_page(context: BotContext, draft: int, sure: int) -> tuple[Message, str]:
    """Follows the address, when the operator agrees, and reads it."""
    words = context.words
    async with context.services.database.writing() as session:
        address = await drafts.take(session, draft)
    if address is None:
        return Message(words("button.too_old")), "too old"
    if not sure:
        return Message(words("operator.not_followed", address=address)), f"not followed: {address}"

    async def load() -> LoadReport:
        report = await context.services.polling.add_source(address)
        await context.services.refresh()
        return report.loaded

    async with context.app.loading.turn():
        message, outcome = await _report(context, load())
    followed = words("operator.followed", address=address)
    return Message(views.fitting([followed, message.text])), f"{address}: {outcome}"


async def remove_source(update: Update, context: BotContext) -> str:
    """Follows a source no longer."""
    words, address = context.words, " ".join(context.args or [])
    removed = bool(address) and await context.services.polling.remove_source(address)
    key = "operator.source_removed" if removed else "operator.source_unknown"
    await context.reply(update, Message(words(key, address=address)))
    return "removed" if removed else "not followed"


COMMANDS = (
    admin_command("reload", reload),
    admin_command("stats", stats),
    admin_command("sources", sources),
    admin_command("addsource", add_source),
    admin_command("removesource", remove_source),
)
PAGES = {"follow": (admin_page("addsource", follow_page), 2)}
