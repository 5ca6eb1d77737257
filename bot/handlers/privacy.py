"""What is kept of a reader: /privacy, /export, /forgetme; and /language, which is part of it."""

from __future__ import annotations

import io
import json

from telegram import Update

from bot.commands import Command
from bot.context import BotContext
from bot.links import Link
from bot.texts import languages, words_for
from bot.views import Button, Message
from storage import chats


async def privacy(update: Update, context: BotContext) -> None:
    """Tells what is kept, and why."""
    await context.reply(update, Message(context.words("privacy.policy", id=str(context.reader))), quoting=False)


async def export(update: Update, context: BotContext) -> None:
    """Sends all that is kept of the reader, as a JSON file."""
    if not await _in_private(update, context):
        return
    await context.app.answers.store()
    async with context.services.database.reading() as session:
        kept = await chats.export(session, context.reader)
    file = io.BytesIO(json.dumps(kept, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
    caption = context.words("privacy.exported")
    await context.bot.send_document(context.reader, file, caption=caption, filename="quotewire.json")


async def forget_me(update: Update, context: BotContext) -> None:
    """Asks whether to delete all that is kept of the reader."""
    if not await _in_private(update, context):
        return
    words = context.words
    delete = Button(words("privacy.delete"), Link("forget", (context.reader, 1)).data)
    keep = Button(words("privacy.keep"), Link("forget", (context.reader, 0)).data)
    await context.reply(update, Message(words("privacy.confirm"), ((delete, keep),)))


async def forgotten_page(context: BotContext, reader: int, sure: int) -> Message:
    """Deletes what is kept, when they are sure and it is theirs."""
    if reader != context.reader or not sure:
        return Message(context.words("privacy.kept"))
    await context.app.answers.store()
    async with context.services.database.writing() as session:
        await chats.forget(session, reader)
    context.app.languages.pop(reader, None)
    return Message(context.words("privacy.deleted"))


async def language(update: Update, context: BotContext) -> None:
    """Sets the language of the chat."""
    chosen = (context.args or [""])[0].lower()
    if chosen not in languages() or update.effective_chat is None:
        await context.reply(update, Message(context.words("language.choose")))
        return
    async with context.services.database.writing() as session:
        await chats.set_language(session, update.effective_chat.id, chosen)
    context.app.languages[update.effective_chat.id] = chosen
    await context.reply(update, Message(words_for(chosen)("language.chosen")))


async def _in_private(update: Update, context: BotContext) -> bool:
    if update.effective_chat and update.effective_chat.id == context.reader:
        return True
    await context.reply(update, Message(context.words("privacy.private_only")))
    return False


COMMANDS = (
    Command("language", language),
    Command("privacy", privacy),
    Command("export", export, groups=False),
    Command("forgetme", forget_me, groups=False),
)
