"""Reading: /latest, /article, /speakers, /speaker."""

from __future__ import annotations

from telegram import Update

from bot import pages, views
from bot.commands import Command
from bot.context import BotContext
from bot.links import Link, share_url
from bot.views import Button, Message
from retrieval.quoting import same_speaker
from retrieval.types import AnswerQuote, Kind, Speaker
from storage.chats import QuotePlace

_LATEST = 10
_ID_LIMIT = 2**31  # of the ids that a database has
_NAMED = 5


async def latest(update: Update, context: BotContext) -> None:
    """Shows the newest articles."""
    articles = await context.services.latest(_LATEST)
    await context.reply(update, views.latest(articles, context.words), quoting=False)


async def article(update: Update, context: BotContext) -> None:
    """Shows an article whole."""
    number = context.args[0] if context.args else ""
    if not number.isdecimal():
        await context.reply(update, Message(context.words("article.which")))
        return
    await context.reply(update, await article_page(context, int(number), 0))


async def article_page(context: BotContext, article_id: int, page: int) -> Message:
    """A page of the article, or that there is none."""
    found = await context.services.find_article(article_id) if article_id < _ID_LIMIT else None
    if found is None:
        return Message(context.words("article.none"))
    link = Link("article", (article_id,))
    return shared(pages.article_page(found, page, context.words, link), link, context)


def quote_link(quote: AnswerQuote) -> Link:
    """The link that `quote_page` reads: where the quote stands, and its checksum."""
    place = QuotePlace.of(quote)
    return Link("quote", (place.article_id, place.index, place.start, place.end, place.checksum))


async def quote_page(context: BotContext, article_id: int, index: int, start: int, end: int, checksum: int) -> Message:
    """The quote with what stands around it, or that it is not there (any more)."""
    found = await context.services.find_article(article_id) if article_id < _ID_LIMIT else None
    if found is None:
        return Message(context.words("article.none"))
    inside = (q for q in found.quotes if q.paragraph == index and q.start <= start and end <= q.end)
    said = next(inside, None)
    kind: Kind = said.kind if said else "statement"
    who = said.speaker if said else None
    quote = QuotePlace(article_id, index, start, end, kind, who, (), checksum).within(found)
    if quote is None or not quote.text:
        return Message(context.words("button.gone"))
    whole = Button(context.words("button.article"), Link("article", (article_id, 0)).data)
    text = pages.context_text(quote, context.words, context.today)
    return shared(Message(text, ((whole,),)), quote_link(quote), context)


def shared(message: Message, link: Link, context: BotContext) -> Message:
    """The message with a button that sends a link to the same place on."""
    share = Button(context.words("button.share"), url=share_url(context.bot.username, link))
    return Message(message.text, (*message.buttons, (share,)))


async def speakers(update: Update, context: BotContext) -> None:
    """Lists who is quoted."""
    await context.reply(update, await speakers_page(context, 0), quoting=False)


async def speakers_page(context: BotContext, page: int) -> Message:
    """A page of those quoted."""
    size = pages.SPEAKERS_PER_PAGE
    entries = await context.services.speakers(size + 1, page * size)
    if not entries:
        return Message(context.words("speaker.nobody"))
    return pages.speakers_page(entries[:size], context.words, page=page, more=len(entries) > size)


async def speaker(update: Update, context: BotContext) -> None:
    """Shows what one person said, newest first."""
    name = " ".join(context.args or [])
    if not name:
        most = await context.services.speakers(1)
        await context.reply(update, Message(context.words("speaker.which", name=most[0].name if most else "…")))
        return
    found = await context.services.find_speakers(name)
    if not found:
        await context.reply(update, Message(context.words("speaker.none")))
        return
    others = [entry.name for entry in found[1:] if not same_speaker(found[0].name, Speaker(entry.name))]
    page = await speaker_page(context, found[0].name, 0)
    if others:
        named = context.words("speaker.others", names=", ".join(dict.fromkeys(others[:_NAMED])))
        page = Message(views.fitting([page.text, named]), page.buttons)
    await context.reply(update, page)


async def speaker_page(
    context: BotContext, name: str, page: int, turn: Link | None = None, back: Link | None = None
) -> Message:
    """A page of what the speaker said. `turn`: the link that a page's number is added to."""
    said = await context.services.quotes_of(name, pages.PER_PAGE + 1, page * pages.PER_PAGE)
    if not said:
        return Message(context.words("speaker.none"))
    first, quotation = said[0]
    link = Link("said", (first.id, first.quotes.index(quotation)))
    turn = turn or link
    message = pages.speaker_page(
        name,
        said[: pages.PER_PAGE],
        context.words,
        context.today,
        page=page,
        more=len(said) > pages.PER_PAGE,
        turn=turn,
        back=back,
    )
    return shared(message, link, context)


async def said_page(context: BotContext, article_id: int, number: int, page: int) -> Message:
    """A page of what the speaker of the article's quotation of that number said: the name in few bytes."""
    found = await context.services.find_article(article_id)
    quotation = found.quotes[number] if found and number < len(found.quotes) else None
    if quotation is None or quotation.speaker is None or quotation.speaker.name is None:
        return Message(context.words("button.gone"))
    turn = Link("said", (article_id, number))
    return await speaker_page(context, quotation.speaker.name, page, turn)


COMMANDS = (
    Command("latest", latest),
    Command("article", article),
    Command("speakers", speakers),
    Command("speaker", speaker),
)
