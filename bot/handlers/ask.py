"""Asking: a private message, /ask, a mention, a reply to the bot."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from telegram import Message, MessageEntity, Update

from bot import narrowing, pages, views
from bot.commands import Command
from bot.context import BotContext
from bot.followups import follow_up
from bot.links import Link
from bot.markup import join
from bot.pages import Shown
from bot.questions import readable
from retrieval.types import Answer, Limits
from storage import chats
from storage.chats import GivenAnswer, QuotePlace

_QUOTES = 9  # kept of an answer, three pages
_INSTEAD = 3  # of the questions with other words, buttons at most
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
    elif await allowed_to_ask(update, context):
        with context.app.metrics.answer_s.time():
            async with context.sign_of_life(update):
                await answer(update, context, *await _meant(message, question, context), said=question)


async def _meant(message: Message, question: str, context: BotContext) -> tuple[str, Limits]:
    """The question itself, or, in reply to an answer of ours, what it changes in the one before."""
    original = message.reply_to_message
    if original is None or original.from_user is None or original.from_user.id != context.bot.id:
        return question, Limits()
    before = await context.app.answers.find_at(message.chat_id, original.message_id)
    return follow_up(before.question, before.filters, question, context.today) if before else (question, Limits())


async def answer(update: Update, context: BotContext, question: str, filters: Limits, *, said: str) -> None:
    """Replies with the answer, and keeps it for its buttons; shows how the question was understood when the reader
    `said` something else.
    """
    reply, given = await compose(context, question, filters, said=said, asked_on=context.today)
    sent = await context.reply(update, reply)
    given = replace(given, chat_id=sent.chat_id, message_id=sent.message_id, user_id=context.reader)
    context.app.answers.add(given)


async def compose(
    context: BotContext, question: str, filters: Limits, *, said: str, asked_on: dt.date
) -> tuple[views.Message, GivenAnswer]:
    """The answer as a message, and what its buttons need once it is known where it was sent."""
    answer = await context.services.ask(question, limit=_QUOTES, filters=filters, now=asked_on)
    context.app.metrics.asked(answered=answer.answered)
    limits = answer.query.filters
    given = GivenAnswer(chats.new_answer_id(), 0, 0, 0, question, asked_on, limits, _places(answer))
    head = narrowing.head(question, filters, said, context.words)
    if answer.answered:
        shown = Shown(given.id, answer.quotes, await context.services.copies(), limits, answer.offers)
        head = join("\n", [head, views.reach(answer, context.words)])
        return pages.answer_page(shown, context.words, context.today, head=head), given
    nothing = views.answer(answer, await context.services.counts(), context.words)
    alert_me = views.Button(context.words("button.alertme"), Link("alertme", (given.id,)).data)
    offered = instead(question, answer)
    given = replace(given, instead=tuple(offered.values()))
    drop = tuple(narrowing.buttons(given.id, limits, Limits(), context.words))
    buttons = (*_other_words(given, tuple(offered), context), *([drop] if drop else []), (alert_me,))
    return views.Message(views.fitting([head, nothing.text]), buttons), given


def _places(answer: Answer) -> tuple[QuotePlace, ...]:
    return tuple(QuotePlace.of(quote) for quote in answer.quotes)


def instead(question: str, answer: Answer) -> dict[str, str]:
    """By a word that the articles have: the question with it in place of the unknown word most like it."""
    offered: dict[str, str] = {}
    for word in answer.suggestions:
        unknown = max(answer.unknown, key=lambda other: _likeness(word, other), default=None)
        if unknown and (found := re.search(rf"(?<!\w){re.escape(unknown)}(?!\w)", question)):
            offered[word] = question[: found.start()] + word + question[found.end() :]
    return dict(list(offered.items())[:_INSTEAD])


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, word.lower(), other.lower(), autojunk=False).ratio()


def _other_words(
    given: GivenAnswer, offered: Sequence[str], context: BotContext
) -> tuple[tuple[views.Button, ...], ...]:
    """Buttons that ask with a word that the articles have, one a row."""
    labels = [context.words("button.instead", word=views.short(word, 30)) for word in offered]
    return tuple((views.Button(label, Link("instead", (given.id, n)).data),) for n, label in enumerate(labels))


async def allowed_to_ask(update: Update, context: BotContext) -> bool:
    """Counts the question; over the limit, says so once and is False."""
    verdict = context.app.questions.take(context.sender)
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
    message = update.message
    if message and is_addressed(message, context.bot.id, context.bot.username):
        await ask(update, context)


COMMANDS = (Command("ask", ask),)
