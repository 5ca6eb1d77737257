"""The terminal chat: a question a line, answered on the same path and in the same words as in Telegram."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TextIO

from rich.console import Console

from bot import narrowing, pages, views
from bot.markup import EMPTY, join, tag
from bot.services import Services
from bot.terminal import print_message
from bot.texts import Words, words_for
from retrieval.types import Answer

_SHOWN = 20  # speakers, quotes
_LARGEST_ID = 2**31 - 1  # of the ids that a database has
_Reply = Callable[[Services, str, Words], Awaitable[views.Message]]


async def chat(services: Services, source: TextIO, target: TextIO) -> None:
    """Answers each line until the input ends. A terminal gets a greeting and a prompt, a pipe only the answers."""
    console = Console(file=target, highlight=False)
    at_terminal = source.isatty()
    if at_terminal:
        print_message(words_for("en")("chat.hello"), console)
    while True:
        if at_terminal:
            console.print("\n> ", end="", style="bold")
        line = await asyncio.to_thread(source.readline)  # in a thread: background work goes on meanwhile
        if not line:
            return
        if line.strip():
            message = await reply(services, line.strip())
            print_message(message.text, console)
            console.print()


async def reply(services: Services, line: str) -> views.Message:
    """The message for one line: a reading command, or a question."""
    words = words_for("ru" if _cyrillic(line) else "en")
    if not line.startswith("/"):
        return await answer_message(services, await services.ask(line), words)
    name, _, rest = line[1:].partition(" ")
    command = COMMANDS.get(name.lower())
    if command is None:
        return views.Message(words("about.unknown_command"))
    return await command(services, rest.strip(), words)


async def answer_message(services: Services, answer: Answer, words: Words) -> views.Message:
    """The answer as a message; what is loaded is looked up only where the reply tells it."""
    if answer.answered:
        operators = join(" · ", (tag("code", limit) for limit in narrowing.typed(answer.offers, words)))
        more = words("chat.narrow", operators=operators) if operators else EMPTY
        return views.Message(join("\n\n", [views.answer(answer, None, words).text, more]))
    counts = await services.counts()
    return views.answer(answer, counts, words) if counts.articles else views.Message(words("chat.nothing_loaded"))


async def _help(services: Services, rest: str, words: Words) -> views.Message:
    return views.Message(words("chat.help"))


async def _latest(services: Services, rest: str, words: Words) -> views.Message:
    articles = await services.latest()
    return views.latest(articles, words) if articles else views.Message(words("chat.nothing_loaded"))


async def _article(services: Services, rest: str, words: Words) -> views.Message:
    if not rest.isdecimal():
        return views.Message(words("article.which"))
    article = await services.find_article(int(rest)) if int(rest) <= _LARGEST_ID else None
    if article is None:
        return views.Message(words("article.none"))
    return views.Message(join("\n\n", pages.article_parts(article, words)))


async def _speakers(services: Services, rest: str, words: Words) -> views.Message:
    entries = await services.speakers(_SHOWN)
    if not entries:
        return views.Message(words("speaker.nobody"))
    return views.Message(pages.speakers_page(entries, words, page=0, more=False).text)


async def _speaker(services: Services, rest: str, words: Words) -> views.Message:
    if not rest:
        most = await services.speakers(1)
        return views.Message(words("speaker.which", name=most[0].name if most else "…"))
    found = await services.find_speakers(rest)
    said = await services.quotes_of(found[0].name, _SHOWN) if found else []
    if not said:
        return views.Message(words("speaker.none"))
    today = dt.datetime.now().astimezone().date()
    cards = [views.card(pages.quoted(article, quotation), words, today) for article, quotation in said]
    return views.Message(join("\n\n", [words("speaker.said", name=views.short(found[0].name)), *cards]))


COMMANDS: dict[str, _Reply] = {
    "help": _help,
    "latest": _latest,
    "article": _article,
    "speakers": _speakers,
    "speaker": _speaker,
}


def _cyrillic(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return 2 * sum("\u0400" <= c <= "\u04ff" for c in letters) > len(letters)
