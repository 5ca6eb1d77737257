"""The operators' commands on readers: what they ask in vain; who may not ask."""

from __future__ import annotations

import datetime as dt

from telegram import Update

from bot import opviews
from bot.context import BotContext
from bot.operating import admin_command
from bot.views import Message
from storage import bans, chatstates, usage

_DAYS = 90
_ID_LIMIT = 2**52  # of Telegram's ids: https://core.telegram.org/bots/api#user


async def unanswered(update: Update, context: BotContext) -> str:
    """Sends what was asked in vain: the most frequent in a message, all in a file."""
    words, since = context.words, dt.datetime.now(dt.UTC) - dt.timedelta(days=_DAYS)
    await context.app.answers.store()
    async with context.services.database.reading() as session:
        groups = await usage.unanswered(session, since)
    if not groups:
        await context.reply(update, Message(words("operator.all_answered", n=_DAYS)))
        return "none"
    caption = opviews.unanswered(groups, _DAYS, words)
    await context.bot.send_document(context.reader, opviews.table(groups), caption=caption, filename="unanswered.csv")
    return f"{len(groups)} questions"


async def ban(update: Update, context: BotContext) -> str:
    """Lets a user or chat use the bot no more."""
    who, settings = _id(context), context.app.settings
    if who is None or who in settings.admin_ids:
        key = "operator.which_id" if who is None else "operator.ban_admin"
        await context.reply(update, Message(context.words(key)))
        return "not an id" if who is None else "an operator"
    now = dt.datetime.now(dt.UTC)
    async with context.services.database.writing() as session:
        new = await bans.ban(session, who, now)
        await chatstates.close(session, who, "blocked", now)  # no alerts and broadcasts either
    context.app.banned.setdefault(who, False)
    await context.reply(update, Message(context.words("operator.banned", id=str(who))))
    return "banned" if new else "banned already"


async def unban(update: Update, context: BotContext) -> str:
    """Lets a user or chat in again."""
    who = _id(context)
    if who is None:
        await context.reply(update, Message(context.words("operator.which_id")))
        return "not an id"
    async with context.services.database.writing() as session:
        known = await bans.unban(session, who)
        if known:
            await chatstates.reopen(session, who)
    context.app.banned.pop(who, None)
    key = "operator.unbanned" if known else "operator.not_banned"
    await context.reply(update, Message(context.words(key, id=str(who))))
    return "unbanned" if known else "not banned"


def _id(context: BotContext) -> int | None:
    try:
        (given,) = context.args or []
        return number if given.isascii() and abs(number := int(given)) < _ID_LIMIT else None
    except ValueError:
        return None


COMMANDS = (
    admin_command("unanswered", unanswered),
    admin_command("ban", ban),
    admin_command("unban", unban),
)
