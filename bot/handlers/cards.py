"""Buttons below answers, articles and lists of speakers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from telegram import CallbackQuery, Update
from telegram.constants import ChatID

from bot import narrowing, pages
from bot.context import BotContext
from bot.handlers import about, admin, alerts, articles, ask, broadcast, chatsettings, privacy, trend
from bot.links import Link, read_data
from bot.pages import Shown
from bot.views import Message
from retrieval.offers import offered
from retrieval.operators import read_operators
from retrieval.question import understand
from retrieval.timewords import without_times
from retrieval.types import Article, Limits
from storage import chats, stories
from storage.chats import GivenAnswer

View = Callable[..., Coroutine[Any, Any, Message | str]]
_NUMBER_LIMIT = 2**31  # of what is in callback data, answers' ids apart


async def press(update: Update, context: BotContext) -> None:
    """Shows what a button leads to; one that we never made, or of what is gone, says that it is too old."""
    query = update.callback_query
    if query is None:
        return
    shown = await _follow(update, context, query, read_data(query.data or ""))
    if isinstance(shown, Message) and query.message:
        await context.edit(query.message, shown)
    await context.pop_up(query, shown if isinstance(shown, str) else "")


async def _follow(update: Update, context: BotContext, query: CallbackQuery, link: Link | None) -> Message | str:
    """What the button shows: a message in place of its own, or words that pop up."""
    too_old = context.words("button.too_old")
    if link is None or query.message is None:
        return too_old
    if link.name in PAGES:
        page, numbers = PAGES[link.name]
        if len(link.numbers) != numbers or max(link.numbers, default=0) >= _NUMBER_LIMIT:
            return too_old
        return await page(update, context, *link.numbers)
    view, numbers = ANSWER_VIEWS.get(link.name, (None, 0))
    if view is None or len(link.numbers) != 1 + numbers or max(link.numbers[1:], default=0) >= _NUMBER_LIMIT:
        return too_old
    answer = await context.app.answers.find(link.numbers[0])
    if answer is None or answer.chat_id != query.message.chat.id:
        return too_old
    if answer.user_id not in (query.from_user.id, ChatID.ANONYMOUS_ADMIN):  # they press under their own name
        return context.words("button.not_yours")
    return await view(update, context, answer, *link.numbers[1:])


async def _shown(context: BotContext, answer: GivenAnswer) -> Shown:
    async with context.services.database.reading() as session:
        quotes = tuple(await chats.quotes_at(session, answer.quotes))
    query = understand(answer.question, now=answer.asked_on, filters=answer.filters)
    offers = offered(query, [quote for quote in quotes if quote])
    return Shown(answer.id, quotes, await context.services.copies(), answer.filters, offers)


async def _list(update: Update, context: BotContext, answer: GivenAnswer, page: int) -> Message:
    return pages.answer_page(await _shown(context, answer), context.words, context.today, page=page)


async def _newest(update: Update, context: BotContext, answer: GivenAnswer, page: int) -> Message:
    shown = await _shown(context, answer)
    return pages.answer_page(shown, context.words, context.today, page=page, newest=True)


async def _context(update: Update, context: BotContext, answer: GivenAnswer, n: int) -> Message:
    shown = await _shown(context, answer)
    quote = shown.quotes[n] if n < len(shown.quotes) else None
    story: list[Article] = []
    if quote and quote.article.id in shown.copies:
        async with context.services.database.reading() as session:
            story = await stories.story_of(session, quote.article.id)
    page = pages.context_page(shown, n, context.words, context.today, story)
    return articles.shared(page, articles.quote_link(quote), context) if quote else page


async def _article(update: Update, context: BotContext, answer: GivenAnswer, n: int, page: int) -> Message | str:
    found = await context.services.find_article(answer.quotes[n].article_id) if n < len(answer.quotes) else None
    if found is None:
        return context.words("button.gone")
    turn, back = Link("whole", (answer.id, n)), Link("context", (answer.id, n))
    page_shown = pages.article_page(found, page, context.words, turn, back)
    return articles.shared(page_shown, Link("article", (found.id,)), context)


async def _speaker(update: Update, context: BotContext, answer: GivenAnswer, n: int, page: int) -> Message | str:
    who = answer.quotes[n].speaker if n < len(answer.quotes) else None
    if who is None or who.name is None:
        return context.words("button.gone")
    turn, back = Link("speaker", (answer.id, n)), Link("context", (answer.id, n))
    return await articles.speaker_page(context, who.name, page, turn, back)


async def _good(update: Update, context: BotContext, answer: GivenAnswer) -> str:
    return await _vote(context, answer, 1)


async def _bad(update: Update, context: BotContext, answer: GivenAnswer) -> str:
    return await _vote(context, answer, -1)


async def _vote(context: BotContext, answer: GivenAnswer, value: int) -> str:
    await context.app.answers.store()
    async with context.services.database.writing() as session:
        await chats.vote(session, answer.id, answer.user_id, value)
    return context.words("button.thanks")


async def _trend(update: Update, context: BotContext, answer: GivenAnswer) -> str:
    """Charts what was asked about, whoever spoke of it and when."""
    asked = understand(answer.question, now=answer.asked_on)
    await trend.send_trend(update, context, asked.words or answer.question)
    return ""


async def _only(update: Update, context: BotContext, answer: GivenAnswer, number: int) -> Message | str:
    limits = narrowing.narrowed(answer.filters, (await _shown(context, answer)).offers, number)
    return await _again(context, answer, answer.question, limits) if limits else context.words("button.too_old")


def _any(limit: str) -> View:
    """Asks again without the limit, whether a button or an operator set it."""

    async def without(update: Update, context: BotContext, answer: GivenAnswer) -> Message:
        question = read_operators(answer.question, answer.asked_on).unlimited
        if limit == "dates" and understand(question, now=answer.asked_on).filters.dates:  # nothing else was asked
            question = without_times(question, answer.asked_on)
        return await _again(context, answer, question, replace(answer.filters, **{limit: None}))

    return without


async def _instead(update: Update, context: BotContext, answer: GivenAnswer, n: int) -> Message | str:
    if n >= len(answer.instead):
        return context.words("button.too_old")
    return await _again(context, answer, answer.instead[n], answer.filters)


async def _again(context: BotContext, answer: GivenAnswer, question: str, filters: Limits) -> Message:
    """The answer with other words or limits, in place of the old one and for the same reader."""
    shown, given = await ask.compose(context, question, filters, said=answer.question, asked_on=answer.asked_on)
    context.app.answers.add(
        replace(given, chat_id=answer.chat_id, message_id=answer.message_id, user_id=answer.user_id)
    )
    return shown


# By the link's name: what shows it, and how many numbers it needs after the answer's id.
ANSWER_VIEWS: dict[str, tuple[View, int]] = {
    "list": (_list, 1),
    "newest": (_newest, 1),
    "context": (_context, 1),
    "whole": (_article, 2),
    "speaker": (_speaker, 2),
    "good": (_good, 0),
    "bad": (_bad, 0),
    **{drop: (_any(limit), 0) for limit, drop in narrowing.FIELDS.items()},
    "only": (_only, 1),
    "instead": (_instead, 1),
    "trend": (_trend, 0),
    "alertme": (alerts.alert_me, 0),
}


def _page(show: View) -> View:
    async def page(update: Update, context: BotContext, *numbers: int) -> Message | str:
        return await show(context, *numbers)

    return page


# What belongs to no answer: anyone in the chat may press these; the operators' look for themselves who does.
PAGES: dict[str, tuple[View, int]] = {
    "article": (_page(articles.article_page), 2),
    "speakers": (_page(articles.speakers_page), 1),
    "said": (_page(articles.said_page), 3),
    "forget": (_page(privacy.forgotten_page), 2),
    "example": (about.ask_example, 2),
    **alerts.PAGES,
    **chatsettings.PAGES,
    **admin.PAGES,
    **broadcast.PAGES,
}
