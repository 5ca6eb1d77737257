"""What users can do, a module each; here their tables are joined."""

from __future__ import annotations

from collections.abc import Iterator

from telegram import Update
from telegram.ext import CallbackQueryHandler, InlineQueryHandler, MessageHandler, TypeHandler, filters

from bot import commands, operating
from bot.commands import TYPED, Handler
from bot.handlers import (
    about,
    admin,
    alerts,
    articles,
    ask,
    broadcast,
    cards,
    chatsettings,
    gate,
    inline,
    operator,
    privacy,
    trend,
)

COMMANDS = (
    *ask.COMMANDS,
    *articles.COMMANDS,
    *trend.COMMANDS,
    *alerts.COMMANDS,
    *chatsettings.COMMANDS,
    *about.COMMANDS,
    *privacy.COMMANDS,
    *admin.COMMANDS,
    *operator.COMMANDS,
    *broadcast.COMMANDS,
)


def gates() -> Iterator[Handler]:
    """What sees every update first."""
    yield TypeHandler(Update, gate.admit)


def all_handlers(admin_ids: frozenset[int]) -> Iterator[Handler]:
    """Every handler. Order matters: the first that fits an update gets it."""
    yield from commands.handlers(COMMANDS, admin_ids)
    message, private = filters.UpdateType.MESSAGE, filters.ChatType.PRIVATE
    command = message & filters.Regex(r"^/\w")
    operators = "|".join(each.name for each in COMMANDS if each.admin)
    yield MessageHandler(message & filters.Regex(rf"^/({operators})(?:@(\w+))?(?!\S)"), operating.refuse)
    yield MessageHandler(command & private, about.unknown_command)
    text = message & (filters.TEXT | filters.CAPTION) & ~command
    yield MessageHandler(text & TYPED & alerts.Edits(), alerts.edited)
    yield MessageHandler(text & private, ask.ask)
    yield MessageHandler(text & TYPED & filters.ChatType.GROUPS, ask.ask_in_group)
    yield MessageHandler(message & private & ~filters.StatusUpdate.ALL, about.not_text)
    yield CallbackQueryHandler(cards.press)
    yield InlineQueryHandler(inline.ask_inline)
