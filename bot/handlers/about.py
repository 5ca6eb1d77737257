"""Getting to know the bot: /start with its deep links, /help; and what is none of its commands."""

from __future__ import annotations

from telegram import Update

from bot import commands, handlers, views
from bot.commands import Command
from bot.context import BotContext
from bot.handlers import articles, ask
from bot.links import Link, read_payload, read_question
from bot.markup import join, plain
from bot.questions import readable
from bot.texts import words_for
from retrieval.types import Article, Limits

_LOOKED_AT = 20  # newest articles, for a question to tap


async def start(update: Update, context: BotContext) -> None:
    """Explains the bot in three lines; with a deep link, goes where it leads."""
    payload = context.args[0] if context.args else ""
    question, link = readable(read_question(payload) or ""), read_payload(payload)
    if question:
        if await ask.allowed_to_ask(update, context):
            await ask.answer(update, context, question, Limits(), said=question)
    elif link and link.name == "article" and len(link.numbers) == 1:
        await context.reply(update, await articles.article_page(context, link.numbers[0], 0), quoting=False)
    elif link and link.name == "quote" and len(link.numbers) == 5:
        await context.reply(update, await articles.quote_page(context, *link.numbers), quoting=False)
    elif link and link.name == "said" and len(link.numbers) == 2:
        await context.reply(update, await articles.said_page(context, *link.numbers, 0), quoting=False)
    else:
        words = context.words
        text = join("\n\n", [words("about.start"), words("about.your_id", id=str(context.reader))])
        await context.reply(update, views.Message(text, await _example_button(context)), quoting=False)


async def _example_button(context: BotContext) -> tuple[tuple[views.Button, ...], ...]:
    """A button that asks about someone quoted lately, in the reader's language if possible; none where nobody is."""
    newest = await context.services.latest(_LOOKED_AT)
    for article in sorted(newest, key=lambda article: article.language != context.words.language):
        for number in range(len(article.quotes)):
            if question := example(article, number):
                return ((views.Button(views.short(question, 60), Link("example", (article.id, number)).data),),)
    return ()


def example(article: Article, number: int) -> str | None:
    """A question that the article's quotation of this number answers; None when nobody is named there."""
    speaker = article.quotes[number].speaker if number < len(article.quotes) else None
    name = speaker.name if speaker else None
    return str(plain(words_for(article.language)("about.example", name=name))) if name else None


async def ask_example(update: Update, context: BotContext, article_id: int, number: int) -> str:
    """Asks the example."""
    article = await context.services.find_article(article_id)
    question = example(article, number) if article else None
    if question is None:
        return context.words("button.gone")
    if await ask.allowed_to_ask(update, context):
        await ask.answer(update, context, question, Limits(), said=question)
    return ""


async def help(update: Update, context: BotContext) -> None:
    """Lists the commands that this user has here."""
    private = update.effective_chat is not None and update.effective_chat.id == context.reader
    admin = private and context.reader in context.app.settings.admin_ids
    text = commands.help_text(handlers.COMMANDS, context.words, admin=admin)
    await context.reply(update, views.Message(text), quoting=False)


async def unknown_command(update: Update, context: BotContext) -> None:
    """Says that there is no such command, whether there is none or it is not for this user."""
    await context.reply(update, views.Message(context.words("about.unknown_command")))


async def not_text(update: Update, context: BotContext) -> None:
    """Says that only text is read."""
    await context.reply(update, views.Message(context.words("about.text_only")))


COMMANDS = (
    Command("start", start, groups=False),
    Command("help", help),
)
