"""Before all else: who may use the bot, and in which language they read."""

from __future__ import annotations

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot import handlers, logs, views
from bot.commands import give_admin_menu
from bot.context import BotContext
from bot.handlers import presence
from bot.texts import words_for
from storage import bans


async def admit(update: Update, context: BotContext) -> None:
    """Lets the update through to the handlers, or stops it."""
    user, settings = update.effective_user, context.app.settings
    logs.request_id.set(str(update.update_id))
    context.reader = user.id if user else 0
    context.sender = update.effective_sender.id if update.effective_sender else 0
    chosen = context.app.languages.get(update.effective_chat.id if update.effective_chat else context.reader)
    context.words = words_for(chosen or (user.language_code if user else None))
    if context.app.banned and await _turned_away(update, context):
        raise ApplicationHandlerStop
    if not is_allowed(update, settings.allowed_ids, settings.admin_ids):
        if update.message and user and update.message.chat.id == user.id:
            await context.reply(update, views.Message(context.words("about.not_allowed", id=str(user.id))))
        raise ApplicationHandlerStop
    await presence.observe(update, context)
    if user and user.id in context.app.menus_due and update.message and update.message.chat.id == user.id:
        context.app.menus_due.discard(user.id)  # their chat exists now
        await give_admin_menu(context.bot, handlers.COMMANDS, user.id)


async def _turned_away(update: Update, context: BotContext) -> bool:
    """Whether the operator banned the user or the chat. A user is told so in private, once; a chat never."""
    banned, chat = context.app.banned, update.effective_chat
    if not banned.keys() & {context.reader, context.sender, chat.id if chat else 0}:
        return False
    if update.message and chat and chat.id == context.reader and not banned.get(context.reader, True):
        banned[context.reader] = True
        async with context.services.database.writing() as session:
            await bans.told(session, context.reader)
        await context.reply(update, views.Message(context.words("about.banned")))
    return True


def is_allowed(update: Update, allowed_ids: frozenset[int], admin_ids: frozenset[int]) -> bool:
    """Whether the operator lets this user, or this chat, use the bot; with no list everyone may."""
    ids = {place.id for place in (update.effective_user, update.effective_chat) if place}
    return not allowed_ids or bool(ids & (allowed_ids | admin_ids))
