"""/trend: a picture of how often, and by whom, a matter was spoken of over time."""

from __future__ import annotations

import asyncio

from telegram import ReplyParameters, Update

from bot.commands import Command
from bot.context import BotContext
from bot.handlers import ask
from bot.markup import Html
from bot.questions import readable
from bot.trends import count_mentions, draw
from bot.views import Message, short

_PASSAGES = 1000


async def trend(update: Update, context: BotContext) -> None:
    """Sends the picture, or says why there is none."""
    words, matter = context.words, readable(" ".join(context.args or []))
    if matter is None:
        await context.reply(update, Message(words("trend.which")))
        return
    await send_trend(update, context, matter)


async def send_trend(update: Update, context: BotContext, matter: str) -> None:
    """Sends the picture of the matter, or says why there is none, in reply to the update's message."""
    words, message = context.words, update.effective_message
    if message is None or not await ask.allowed_to_ask(update, context):
        return
    key = matter, words.language, context.today, context.services.version
    made = context.app.trends.find(key)
    if made is None:
        async with context.sign_of_life(update):
            drawn = await _drawn(matter, context)
        if isinstance(drawn, Message):
            await context.reply(update, drawn)
            return
        made = context.app.trends.keep(key, drawn)
    picture, caption = made
    await context.bot.send_photo(
        message.chat_id,
        picture,
        caption=caption,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True),
    )


async def _drawn(matter: str, context: BotContext) -> tuple[bytes, Html | None] | Message:
    """The picture and what to say below it, or why there is none."""
    words = context.words
    result, articles = await context.services.search(matter, limit=_PASSAGES, now=context.today)
    mentions = count_mentions(result.hits, articles)
    if not mentions.total:
        return Message(words("trend.no_dates" if mentions.undated else "trend.nothing"))
    title = words("trend.title", words=short(matter, 60), n=mentions.total)
    picture = await asyncio.to_thread(draw, mentions, words, title)
    return picture, words("trend.undated", n=mentions.undated) if mentions.undated else None


COMMANDS = (Command("trend", trend),)
