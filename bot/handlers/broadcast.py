"""/broadcast: the operators tell all chats something, after a look at it."""

from __future__ import annotations

import datetime as dt
import re

from telegram import Update

from bot import opviews
from bot.context import BotContext
from bot.markup import escape
from bot.operating import admin_command, admin_page
from bot.views import Message
from storage import broadcasts, drafts

_COMMAND = re.compile(r"/\w+(@\w+)?\s*")


async def broadcast(update: Update, context: BotContext) -> str:
    """Shows the text as everyone will see it, and asks whether to send it."""
    words, text = context.words, _COMMAND.sub("", (update.message and update.message.text) or "", count=1)
    if not text:
        await context.reply(update, Message(words("operator.broadcast_what")))
        return "no text"
    await context.app.answers.store()  # who asked a moment ago is told too
    async with context.services.database.writing() as session:
        chats = await broadcasts.count_receivers(session)
        draft = await drafts.add(session, text, dt.datetime.now(dt.UTC))
    await context.reply(update, Message(escape(text)), quoting=False)
    await context.reply(update, opviews.broadcast_question(chats, draft, words))
    return "asked"


async def send_page(context: BotContext, draft: int, sure: int) -> tuple[Message, str]:
    """Begins to send, when the operator agrees."""
    async with context.services.database.writing() as session:
        text = await drafts.take(session, draft)
    if text is None:
        return Message(context.words("button.too_old")), "too old"
    if not sure:
        return Message(context.words("operator.broadcast_dropped")), "dropped"
    await context.app.answers.store()
    async with context.services.database.writing() as session:
        number = await broadcasts.start(session, text, context.reader, dt.datetime.now(dt.UTC))
    context.app.broadcasting.set()
    return await _progress(context, number), f"started number {number}"


async def progress_page(context: BotContext, number: int) -> tuple[Message, str]:
    """How far it is."""
    return await _progress(context, number), f"looked at number {number}"


async def cancel_page(context: BotContext, number: int) -> tuple[Message, str]:
    """Sends no more of it."""
    async with context.services.database.writing() as session:
        await broadcasts.cancel(session, number, dt.datetime.now(dt.UTC))
    return await _progress(context, number), f"cancelled number {number}"


async def _progress(context: BotContext, number: int) -> Message:
    async with context.services.database.reading() as session:
        progress = await broadcasts.progress(session, number)
    return opviews.broadcast_progress(number, progress, context.words)


COMMANDS = (admin_command("broadcast", broadcast),)
PAGES = {
    "tell": (admin_page("broadcast", send_page), 2),
    "told": (admin_page("broadcast", progress_page), 1),
    "hush": (admin_page("broadcast", cancel_page), 1),
}
