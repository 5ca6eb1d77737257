"""Inline mode: `@bot question` in any chat gives quotes to send there."""

from __future__ import annotations

import asyncio

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest

from bot import pages, views
from bot.context import BotContext
from bot.handlers.articles import quote_link
from bot.links import question_payload, start_url
from bot.markup import plain
from bot.questions import readable
from retrieval.types import AnswerQuote, Article

_TYPING_S = 0.25  # who types on asks anew: only what they stop at is searched for
_AT_ONCE = 9
_LATEST_PAGE = 10
_CACHED_S = 30  # by Telegram, for all who ask the same
_OFFSET_LIMIT = 10_000


async def ask_inline(update: Update, context: BotContext) -> None:
    """Answers with a card for each quote; nothing typed: what was said in the newest articles, paged."""
    query = update.inline_query
    if query is None:
        return
    context.app.newest_inline[context.reader] = query.id
    await asyncio.sleep(_TYPING_S)
    if context.app.newest_inline.get(context.reader) != query.id:
        return
    del context.app.newest_inline[context.reader]
    question = readable(query.query)
    offset = int(query.offset) if query.offset.isdecimal() and int(query.offset) < _OFFSET_LIMIT else 0
    key = question, offset, context.words.language, context.today, context.services.version
    kept = context.app.inline_answers.find(key)
    results, more = kept or context.app.inline_answers.keep(key, await _results(question, offset, context))
    button = InlineQueryResultsButton(
        context.words("inline.ask"), start_parameter=(question and question_payload(question)) or "inline"
    )
    try:
        await query.answer(results, cache_time=_CACHED_S, next_offset=more, button=button)
    except BadRequest as error:
        if "query is too old" not in str(error).lower():
            raise


async def _results(
    question: str | None, offset: int, context: BotContext
) -> tuple[list[InlineQueryResultArticle], str | None]:
    """A card for each quote, and the offset of the next page, if any."""
    more = None
    if question:
        answer = await context.services.ask(question, limit=_AT_ONCE, now=context.today)
        quotes = list(answer.quotes)
    else:
        articles = await context.services.latest(_LATEST_PAGE, offset)
        quotes = [quote for article in articles if (quote := first_quote(article))]
        more = str(offset + _LATEST_PAGE) if len(articles) == _LATEST_PAGE else None
    return [_result(quote, context) for quote in quotes], more


def first_quote(article: Article) -> AnswerQuote | None:
    """The first quotation of an article with a speaker, else its first."""
    quotes = [q for q in article.quotes if q.paragraph is not None]
    found = next((q for q in quotes if q.speaker and q.speaker.name), quotes[0] if quotes else None)
    return pages.quoted(article, found) if found else None


def _result(quote: AnswerQuote, context: BotContext) -> InlineQueryResultArticle:
    words, date = context.words, quote.article.date
    who = quote.speaker and (quote.speaker.name or quote.speaker.as_written)
    when = words.date(date) if date else words("date.none")
    around = InlineKeyboardButton(words("button.context"), url=start_url(context.bot.username, quote_link(quote)))
    return InlineQueryResultArticle(
        id=f"{quote.article.id}.{quote.index}.{quote.start}.{quote.end}",
        title=views.short(quote.text, 120),
        description=plain(words("inline.by", speaker=who, date=when)) if who else str(when),
        input_message_content=InputTextMessageContent(views.card(quote, words, context.today)),
        reply_markup=InlineKeyboardMarkup([[around]]),
    )
