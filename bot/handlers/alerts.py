"""Alerts: /subscribe, /unsubscribe, /subscriptions, and the buttons of all three and of the alerts themselves."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from telegram import Message as TelegramMessage
from telegram import Update
from telegram.ext import filters

from bot import alertviews, pages
from bot.commands import Command
from bot.context import BotContext
from bot.links import Link
from bot.views import Button, Message
from retrieval.analysis import shared_analyzer
from retrieval.matching import first_matches, follow
from storage import outbox, people, subscriptions
from storage.articles import find_article
from storage.chats import GivenAnswer
from storage.subscriptions import FOR_GOOD, Follows, Subscription

_TEXT_LIMIT = 300  # of what is followed
_LOOKED_AT = 200  # newest articles, for the preview
_MUTE = dt.timedelta(days=1)
_CHOICES = 12
_NUMBER = re.compile(r"№ (\d{1,9})$")  # ends the message that asks for other words
_WORDS: dict[str, Follows] = {
    **dict.fromkeys(("all", "все", "всё"), "all"),
    **dict.fromkeys(("source", "источник"), "source"),
    **dict.fromkeys(("section", "раздел"), "section"),
    **dict.fromkeys(("speaker", "спикер"), "speaker"),
}


def read_wish(text: str) -> tuple[Follows, str]:
    """What the words after /subscribe ask to follow; the name is empty where it is missing."""
    first, _, rest = text.partition(" ")
    follows = _WORDS.get(first.lower())
    if follows == "all":
        return ("query", text) if rest.strip() else ("all", "")
    return (follows, rest.strip()) if follows else ("query", text)


async def subscribe(update: Update, context: BotContext) -> None:
    """Follows what was named, at once; when nothing was, offers what there is."""
    text = " ".join(context.args or [])
    follows, name = read_wish(text)
    if not text:
        message: Message = alertviews.offer(context.words)
    elif not name and follows in ("source", "section", "speaker"):
        message = await _choices(context, follows)
    else:
        message = await follow_here(update, context, follows, name)
    await context.reply(update, message)


async def follow_here(update: Update, context: BotContext, follows: Follows, text: str) -> Message:
    """Follows it in the chat and topic of the update; what there is to say of it."""
    words, now = context.words, dt.datetime.now(dt.UTC)
    query = follow(follows, text, shared_analyzer())
    if len(text) > _TEXT_LIMIT or (follows != "all" and not query):
        return Message(words("subscription.no_words"))
    chat_id, topic = _place(update)
    limit = context.app.settings.subscriptions_user_max
    async with context.services.database.writing() as session:
        added = await subscriptions.add(
            session, chat_id, topic, context.reader, follows, text, language=words.language, limit=limit, now=now
        )
    if added.subscription is None:
        return Message(words("subscription.too_many", n=limit))
    lately = await context.services.latest(_LOOKED_AT)
    found = await asyncio.to_thread(first_matches, lately, query, shared_analyzer())
    return alertviews.confirmation(added.subscription, words, context.today, new=added.new, found=found, of=len(lately))


async def unsubscribe(update: Update, context: BotContext) -> None:
    """Ends everything for the chat, or what was named; when nothing was, shows what there is to end."""
    text = " ".join(context.args or [])
    chat_id, topic = _place(update)
    if read_wish(text)[0] == "all":
        async with context.services.database.writing() as session:
            ended = await subscriptions.remove_all(session, chat_id)
        message = Message(context.words("subscription.removed_all", n=ended))
    elif text:
        follows, name = read_wish(text)
        async with context.services.database.writing() as session:
            known = await subscriptions.of_chat(session, chat_id, topic)
            same = [one for one in known if (one.follows, one.text.casefold()) == (follows, name.casefold())]
            for one in same:
                await subscriptions.remove(session, one.id)
        if same:
            message = Message(context.words("subscription.removed", what=alertviews.subscribed(same[0], context.words)))
        else:
            message = Message(context.words("subscription.not_followed"))
    else:
        message = await list_page(update, context, 0)
    await context.reply(update, message)


async def show_subscriptions(update: Update, context: BotContext) -> None:
    """Lists what the chat follows."""
    await context.reply(update, await list_page(update, context, 0), quoting=False)


async def list_page(update: Update, context: BotContext, page: int) -> Message:
    """A page of what the chat follows."""
    async with context.services.database.reading() as session:
        mine = await subscriptions.of_chat(session, _place(update)[0])
    return alertviews.list_page(mine, context.words, dt.datetime.now(dt.UTC), page)


async def alert_me(update: Update, context: BotContext, answer: GivenAnswer) -> str:
    """Follows the question of an answer."""
    text = answer.question
    if answer.filters.speaker and follow("query", text, shared_analyzer()).speaker == ():
        text = f'{text} from:"{answer.filters.speaker}"'
    await context.reply(update, await follow_here(update, context, "query", text[:_TEXT_LIMIT]))
    return ""


async def _follow_all(update: Update, context: BotContext) -> Message:
    return await follow_here(update, context, "all", "")


def _offer(follows: Follows) -> Callable[..., Coroutine[Any, Any, Message]]:
    async def page(update: Update, context: BotContext) -> Message:
        return await _choices(context, follows)

    return page


async def _choices(context: BotContext, follows: Follows) -> Message:
    found: dict[str, tuple[int, ...]]
    async with context.services.database.reading() as session:
        if follows == "speaker":
            found = await people.where_quoted(session, _CHOICES)
        else:
            named = await subscriptions.names(session, "source" if follows == "source" else "section", _CHOICES)
            found = {name: (article_id,) for name, article_id in named.items()}
    return alertviews.choices(follows, found, context.words)


def _follow_of_article(follows: Follows) -> Callable[..., Coroutine[Any, Any, Message]]:
    """Follows the source or section of an article, or the speaker of its quotation: a name in few bytes."""

    async def page(update: Update, context: BotContext, article_id: int, number: int = 0) -> Message:
        article = await context.services.find_article(article_id)
        name = None
        if article and follows == "speaker" and number < len(article.quotes):
            speaker = article.quotes[number].speaker
            name = speaker.name if speaker else None
        elif article and follows != "speaker":
            name = article.source if follows == "source" else article.section
        return await follow_here(update, context, follows, name) if name else Message(context.words("button.gone"))

    return page


def _of_mine(act: Callable[..., Coroutine[Any, Any, Message | str]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A page of one of the chat's subscriptions."""

    async def page(update: Update, context: BotContext, subscription_id: int) -> Message | str:
        async with context.services.database.reading() as session:
            one = await subscriptions.find(session, subscription_id)
        if one is None or one.chat_id != _place(update)[0]:
            return context.words("subscription.not_followed")
        return await act(update, context, one)

    return page


async def _show(update: Update, context: BotContext, one: Subscription) -> Message:
    return alertviews.subscription_page(one, context.words, dt.datetime.now(dt.UTC))


async def _pause(update: Update, context: BotContext, one: Subscription) -> Message:
    paused = None if one.paused(dt.datetime.now(dt.UTC)) else FOR_GOOD
    return await _change(update, context, one, paused_until=paused)


async def _daily(update: Update, context: BotContext, one: Subscription) -> Message:
    return await _change(update, context, one, daily=not one.daily)


async def _change(update: Update, context: BotContext, one: Subscription, **values: Any) -> Message:
    async with context.services.database.writing() as session:
        await subscriptions.change(session, one.id, **values)
    return await _show(update, context, replace(one, **values))


async def _drop(update: Update, context: BotContext, one: Subscription) -> Message:
    async with context.services.database.writing() as session:
        await subscriptions.remove(session, one.id)
    to_list = Button(context.words("button.to_list"), Link("subs", (0,)).data)
    what = alertviews.subscribed(one, context.words)
    return Message(context.words("subscription.removed", what=what), ((to_list,),))


async def _stop(update: Update, context: BotContext, one: Subscription) -> str:
    return (await _drop(update, context, one)).text


async def _mute(update: Update, context: BotContext, one: Subscription) -> str:
    async with context.services.database.writing() as session:
        await subscriptions.change(session, one.id, paused_until=dt.datetime.now(dt.UTC) + _MUTE)
    return context.words("subscription.muted_a_day")


async def _edit(update: Update, context: BotContext, one: Subscription) -> str:
    what = alertviews.subscribed(one, context.words)
    await context.reply(update, Message(context.words("subscription.edit", what=what, id=str(one.id))), quoting=False)
    return ""


class Edits(filters.MessageFilter):
    """A reply to our message that asked for other words for a subscription."""

    def filter(self, message: TelegramMessage) -> bool:
        original = message.reply_to_message
        return bool(
            original and original.from_user and original.from_user.is_bot and _NUMBER.search(original.text or "")
        )


async def edited(update: Update, context: BotContext) -> None:
    """Follows the new words instead of the old."""
    message = update.message
    original = message.reply_to_message if message else None
    match = _NUMBER.search(original.text or "") if original else None
    if message is None or match is None:
        return
    async with context.services.database.reading() as session:
        one = await subscriptions.find(session, int(match[1]))
    if one is None or one.chat_id != message.chat_id:
        await context.reply(update, Message(context.words("subscription.not_followed")))
        return
    reply = await follow_here(update, context, one.follows, message.text or "")
    if reply.buttons:  # it is followed now
        async with context.services.database.writing() as session:
            await subscriptions.remove(session, one.id)
    await context.reply(update, reply)


async def _around(update: Update, context: BotContext, alert_id: int) -> str:
    """What stands around the quote of an alert, in a new message: the alert may be one of many."""
    async with context.services.database.reading() as session:
        delivery = await outbox.find_delivery(session, alert_id, _place(update)[0])
        article = await find_article(session, delivery.article_id) if delivery else None
    quote = delivery.quote.within(article) if delivery and delivery.quote and article else None
    if quote is None:
        return context.words("button.gone")
    whole = Button(context.words("button.article"), Link("article", (quote.article.id, 0)).data)
    await context.reply(update, Message(pages.context_text(quote, context.words, context.today), ((whole,),)))
    return ""


def _place(update: Update) -> tuple[int, int]:
    """The chat, and its forum topic or 0, of the update."""
    message, chat = update.effective_message, update.effective_chat
    topic = message.message_thread_id if message and message.is_topic_message else None
    return (chat.id if chat else 0), topic or 0


# What buttons lead to, with the numbers it needs.
PAGES: dict[str, tuple[Callable[..., Coroutine[Any, Any, Any]], int]] = {
    "followall": (_follow_all, 0),
    "followsources": (_offer("source"), 0),
    "followspeakers": (_offer("speaker"), 0),
    "followsections": (_offer("section"), 0),
    "followsource": (_follow_of_article("source"), 1),
    "followsection": (_follow_of_article("section"), 1),
    "followspeaker": (_follow_of_article("speaker"), 2),
    "subs": (list_page, 1),
    "sub": (_of_mine(_show), 1),
    "pausesub": (_of_mine(_pause), 1),
    "dailysub": (_of_mine(_daily), 1),
    "dropsub": (_of_mine(_drop), 1),
    "editsub": (_of_mine(_edit), 1),
    "stopsub": (_of_mine(_stop), 1),
    "mutesub": (_of_mine(_mute), 1),
    "around": (_around, 1),
}

COMMANDS = (
    Command("subscribe", subscribe),
    Command("subscriptions", show_subscriptions),
    Command("unsubscribe", unsubscribe),
)
