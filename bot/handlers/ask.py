"""Asking: a private message, /ask, a mention, a reply to the bot; and /latest."""

from __future__ import annotations

import re

from telegram import Message, MessageEntity, Update

from bot import views
from bot.commands import Command
from bot.context import BotContext
from bot.questions import readable

_LATEST = 10
_COMMAND = re.compile(r"/\w+(@\w+)?\s*")


async def ask(update: Update, context: BotContext) -> None:
    """Answers a question with quotes."""
    message = update.message
    if message is None:
        return
    question = readable(question_of(message, context.bot.username))
    if question is None:
        asked = bool((message.text or message.caption or "").strip())
        key = "ask.unreadable" if asked and not (message.text or "").startswith("/") else "ask.empty"
        await context.reply(update, views.Message(context.words(key)))
        return
    if not await allowed_to_ask(update, context):
        return
    answer = await context.services.ask(question)
    stats = None if answer.answered else await context.services.stats()
    await context.reply(update, views.answer(answer, stats, context.words))


async def allowed_to_ask(update: Update, context: BotContext) -> bool:
    """Counts the question; over the limit, says so once and is False."""
    user = update.effective_user
    verdict = context.app.pace.ask(user.id if user else 0)
    if verdict == "refused once":
        await context.reply(update, views.Message(context.words("ask.too_many")))
    return verdict == "allowed"


def question_of(message: Message, username: str) -> str:
    """The question in a message: without the command and the bot's name; the message replied to, when nothing is left.

    So "/ask" or "@bot" in reply to what someone wrote asks about that.
    """
    text = message.text or message.caption or ""
    text = _COMMAND.sub("", text, count=1) if text.startswith("/") else text
    text = re.sub(rf"(?<!\w)@{re.escape(username)}\b", " ", text, flags=re.IGNORECASE).strip()
    original = message.reply_to_message
    if not text and original and not (original.from_user and original.from_user.username == username):
        return original.text or original.caption or ""
    return text


def is_addressed(message: Message, bot_id: int, username: str) -> bool:
    """Whether a message in a group is meant for the bot: it names the bot, or replies to it."""
    entities = message.parse_entities([MessageEntity.MENTION]) | message.parse_caption_entities([MessageEntity.MENTION])
    if any(mention.lower() == f"@{username}".lower() for mention in entities.values()):
        return True
    original = message.reply_to_message
    return bool(original and original.from_user and original.from_user.id == bot_id)


async def ask_in_group(update: Update, context: BotContext) -> None:
    """Answers when addressed, else keeps silent."""
    message = update.effective_message
    if message and is_addressed(message, context.bot.id, context.bot.username):
        await ask(update, context)


async def latest(update: Update, context: BotContext) -> None:
    """Shows the newest articles."""
    articles = await context.services.latest(_LATEST)
    await context.reply(update, views.latest(articles, context.words), quoting=False)


COMMANDS = (
    Command("ask", ask),
    Command("latest", latest),
)
