"""Getting to know the bot: /start, /help; and what is none of its commands."""

from __future__ import annotations

from telegram import Update

from bot import commands, handlers, views
from bot.commands import Command
from bot.context import BotContext
from bot.markup import join


async def start(update: Update, context: BotContext) -> None:
    """Explains the bot in three lines."""
    words, user = context.words, update.effective_user
    text = words("about.start")
    if user:
        text = join("\n\n", [text, words("about.your_id", id=str(user.id))])
    await context.reply(update, views.Message(text), quoting=False)


async def help(update: Update, context: BotContext) -> None:
    """Lists the commands that this user has here."""
    user, chat = update.effective_user, update.effective_chat
    admin = user is not None and chat is not None and chat.id == user.id and user.id in context.app.settings.admin_ids
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
