"""Whether the bot is there for a chat: blocked, removed, added, moved; and signs of life."""

from __future__ import annotations

import datetime as dt

from telegram import Update
from telegram.constants import ChatMemberStatus

from bot.context import BotContext
from storage import chatstates

_AWAY = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def observe(update: Update, context: BotContext) -> None:
    """Notes what the update says of its chat, for the alerts."""
    chat, member, message = update.effective_chat, update.my_chat_member, update.message
    if chat is None:
        return
    app, database = context.app, context.services.database
    if member and member.new_chat_member.status in _AWAY:
        app.unreachable.add(chat.id)
        async with database.writing() as session:
            await chatstates.close(session, chat.id, "blocked", dt.datetime.now(dt.UTC))
    elif message and (message.migrate_to_chat_id or message.migrate_from_chat_id):
        old, new = message.migrate_from_chat_id or chat.id, message.migrate_to_chat_id or chat.id
        async with database.writing() as session:
            await chatstates.move(session, old, new)
        if old in app.languages:
            app.languages[new] = app.languages.pop(old)
    elif chat.id in app.unreachable:
        app.unreachable.discard(chat.id)
        async with database.writing() as session:
            await chatstates.reopen(session, chat.id)
