"""Getting to know the bot: /start with its deep links, /help; and what is none of its commands."""

from __future__ import annotations

from telegram import Update

from bot import commands, handlers, views
from bot.commands import Command
from bot.context import BotContext
from bot.handlers import articles, ask
from bot.links import read_payload, read_question
from bot.markup import join
from bot.questions import readable
from retrieval.types import Limits


async def start(update: Update, context: BotContext) -> None:
    """Explains the bot in three lines; with a deep link, goes where it leads."""
    payload = context.args[0] if context.args else ""
    question, link = readable(read_question(payload) or ""), read_payload(payload)
    if question:
        if await ask.allowed_to_ask(update, context):
            await ask.answer(update, context, question, Limits(), said=question)
    elif link and link.name == "article" and len(link.numbers) == 1:
        await context.reply(update, await articles.article_page(context, link.numbers[0], 0), quoting=False)
    elif link and link.name == "said" and len(link.numbers) == 2:
        await context.reply(update, await articles.said_page(context, *link.numbers, 0), quoting=False)
    else:
        words = context.words
        text = join("\n\n", [words("about.start"), words("about.your_id", id=str(context.reader))])
        await context.reply(update, views.Message(text), quoting=False)


async def help(update: Update, context: BotContext) -> None:
    """Lists the commands that this user has here."""
    private = update.effective_chat is not None and update.effective_chat.id == context.reader
    admin = private and context.reader in context.app.settings.admin_ids
    text = commands.help_text(handlers.COMMANDS, context.words, admin=admin)
    await context.reply(update, views.Message(text), quoting=False)


async def unknown_command(update: Update, context: BotContext) -> None:
    """Says that there is no such command, whether there is none or it is not for this user."""
    await context.reply(update, views.Message(context.words("about.unknown_command")))


async def not_text(update: Update, context: BotContext) -> None:
    """Says that only text is read."""
    await context.reply(update, views.Message(context.words("about.text_only")))


COMMANDS = (
    Command("start", start, groups=False),
    Command("help", help),
)
