"""Values -> messages: pure, everything from outside escaped, never over Telegram's limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType

from bot.markup import EMPTY, MESSAGE_LIMIT, Html, cut, escape, join, link, tag, visible_length
from bot.services import Stats
from bot.texts import Words
from retrieval.analysis import shared_analyzer
from retrieval.types import Answer, AnswerQuote, Article, PartialDate, Speaker
from storage.articles import Counts
from storage.ingest import LoadReport

_SHORT = 200  # for titles, roles, sources: what is longer is cut, as it is there to recognise something by
NONE: Mapping[int, int] = MappingProxyType({})
_REJECTED_SHOWN = 20
_MARKED = 20  # words in bold in one quote, at most: Telegram formats some 100 places of a message


@dataclass(frozen=True)
class Button:
    """Does `data` when pressed, or opens `url`."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Message:
    """What is sent: text, and rows of buttons below it."""

    text: Html
    buttons: tuple[tuple[Button, ...], ...] = ()


def answer(answer: Answer, stats: Counts | None, words: Words) -> Message:
    """The quotes that answer; or, when none does, what there is (by `stats`) and what to try."""
    if not answer.answered:
        return _nothing_found(answer, stats, words)
    return Message(cards(answer.quotes, words, head=reach(answer, words)))


def reach(answer: Answer, words: Words) -> Html:
    """That not all articles could be searched, if so."""
    return EMPTY if answer.whole else words("answer.newest_only")


def cards(
    quotes: Sequence[AnswerQuote],
    words: Words,
    today: dt.date | None = None,
    head: Html = EMPTY,
    copies: Mapping[int, int] = NONE,
) -> Html:
    """A card for each quote below the head; long ones are cut so that all fit into one message.

    Args: copies: by article, in how many others its story stands, too.
    """
    text = head
    for number, quote in enumerate(quotes):
        room = (MESSAGE_LIMIT - visible_length(text)) // (len(quotes) - number) - 2
        also = copies.get(quote.article.id, 0)
        text = join("\n\n", [text, card(quote, words, today, room, also)])
    return text


def card(
    quote: AnswerQuote, words: Words, today: dt.date | None = None, limit: int = MESSAGE_LIMIT, also: int = 0
) -> Html:
    """One quote in a blockquote, the words asked for in bold, with who said it, when and where."""
    copies = words("article.also", n=also) if also else EMPTY
    where = join(" · ", [source_line(quote.article, words, today), copies])
    about = Html("\n" + join("\n", [said_by(quote, words), where]))
    goes_on = Html("\n" + words("quote.goes_on"))
    end = cut(quote.text, max(1, limit - visible_length(Html(about + goes_on)) - 2))  # 2: the quotation marks
    text = mark(quote.text[:end], quote.terms, quote.article.language)
    shown = words("quote.direct", text=text) if quote.kind == "direct" else text
    return Html(tag("blockquote", shown) + (goes_on if end < len(quote.text) else "") + about)


def mark(text: str, terms: Sequence[str], language: str) -> Html:
    """The text with the words of these terms in bold."""
    found = shared_analyzer().tokens(text, language, terms) if terms else []
    parts, position = [], 0
    for token in found[:_MARKED]:
        parts += [escape(text[position : token.start]), tag("b", text[token.start : token.end])]
        position = token.end
    return Html("".join([*parts, escape(text[position:])]))


def said_by(quote: AnswerQuote, words: Words) -> Html:
    """Whose words they are, and how sure that is."""
    if quote.kind == "statement":
        return words("quote.statement")
    who = _who(quote.speaker)
    if not who:
        return words("quote.no_speaker" if quote.kind == "direct" else "quote.reported_no_speaker")
    key = {"direct": "quote.by", "mixed": "quote.partly", "indirect": "quote.reported"}[quote.kind]
    line = words(key, speaker=who)
    if quote.speaker and quote.speaker.certainty == "from_context":
        return Html(f"{line} <i>({words('quote.from_context')})</i>")
    return line


def _who(speaker: Speaker | None) -> Html:
    """Name and role; an unnamed speaker in the article's words."""
    if speaker is None:
        return EMPTY
    if speaker.name is None:
        return escape(short(speaker.as_written or ""))
    return join(", ", [tag("b", short(speaker.name)), short(speaker.role or "")])


def source_line(article: Article, words: Words, today: dt.date | None = None, *, title: bool = True) -> Html:
    """Date (and how long ago that is `today`), source and linked title."""
    when: object = words.date(article.date) if article.date else words("date.none")
    day = article.date.full if article.date else None
    if day and today and day < today:
        when = words("date.with_age", date=when, age=words.age(day, today))
    return join(" · ", [when, short(article.source or ""), _title(article, words) if title else EMPTY])


def _title(article: Article, words: Words) -> Html:
    return link(article.url, short(article.title) if article.title else words("article.untitled"))


def _nothing_found(answer: Answer, stats: Counts | None, words: Words) -> Message:
    if stats and not stats.articles:
        return Message(words("ask.nothing_loaded"))
    lines = [words("ask.nothing_found"), reach(answer, words)]
    if answer.unknown:
        lines.append(words("ask.unknown", words=_listed(answer.unknown)))
    if answer.suggestions:
        lines.append(words("ask.did_you_mean", words=_listed(answer.suggestions)))
    lines.append(join(" ", [covers(stats, words) if stats else "", words("ask.try")]))
    return Message(join("\n", lines))


def covers(stats: Counts, words: Words) -> Html:
    """How many articles there are, and of which dates."""
    if stats.dates is None:
        return words("ask.covers", n=stats.articles)
    first, last = (words.date(PartialDate.parse(date)) for date in stats.dates)
    return words("ask.covers_dates", n=stats.articles, first=first, last=last)


def latest(articles: Sequence[Article], words: Words) -> Message:
    """The newest articles, a paragraph each."""
    if not articles:
        return Message(words("ask.nothing_loaded"))
    return Message(fitting([words("article.latest"), *(_entry(article, words) for article in articles)]))


def _entry(article: Article, words: Words) -> Html:
    return join("\n", [source_line(article, words), words("article.open", id=str(article.id))])


def stats(stats: Stats, words: Words) -> Message:
    """The operator's figures."""
    text = words("admin.stats", **asdict(stats))
    if stats.dates:
        first, last = (words.date(PartialDate.parse(date)) for date in stats.dates)
        text = join("\n", [text, words("admin.stats_dates", first=first, last=last)])
    return Message(text)


def reload_report(report: LoadReport, words: Words) -> Message:
    """The counts, and the reason of each failure as far as they fit."""
    head = words("admin.reload_done", **asdict(report) | {"rejected": len(report.rejected)})
    shown = report.rejected[:_REJECTED_SHOWN]
    lines = [words("admin.rejected_item", source=short(s, 60), reason=short(r, 100)) for s, r in shown]
    if more := len(report.rejected) - len(shown):
        lines.append(words("admin.and_more", n=more))
    return Message(join("\n", [head, *lines]))


def fitting(parts: Iterable[object], between: str = "\n\n", limit: int = MESSAGE_LIMIT) -> Html:
    """The first parts that fit into one message."""
    text = EMPTY
    for part in parts:
        longer = join(between, [text, part])
        if text and visible_length(longer) > limit:
            break
        text = longer
    return text


def _listed(items: Iterable[str]) -> str:
    return short(", ".join(items))


def short(text: str, limit: int = _SHORT) -> str:
    end = cut(text, limit)
    return text if end == len(text) else text[:end] + "…"
