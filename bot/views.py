"""Values -> messages: pure, everything from outside escaped, never over Telegram's limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.markup import MESSAGE_LIMIT, Html, cut, escape, join, link, tag, visible_length
from bot.services import Stats
from bot.texts import Words
from retrieval.types import Answer, AnswerQuote, Article, PartialDate, Speaker
from storage.ingest import LoadReport

_SHORT = 300  # for titles, roles, sources: what is longer is cut, as it is there to recognise something by
_REJECTED_SHOWN = 20


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


def answer(answer: Answer, stats: Stats | None, words: Words) -> Message:
    """The quotes that answer, as many as fit; or, when none does, what there is (by `stats`) and what to try."""
    if not answer.answered:
        return _nothing_found(answer, stats, words)
    return Message(_fitting([card(quote, words) for quote in answer.quotes]))


def card(quote: AnswerQuote, words: Words, limit: int = MESSAGE_LIMIT) -> Html:
    """One quote in a blockquote, with who said it, when and where."""
    about = Html("\n" + join("\n", [said_by(quote, words), source_line(quote.article, words)]))
    goes_on = Html("\n" + words("quote.goes_on"))
    end = cut(quote.text, limit - visible_length(Html(about + goes_on)) - 2)  # 2: the quotation marks
    text = escape(quote.text[:end])
    shown = words("quote.direct", text=text) if quote.kind == "direct" else text
    return Html(tag("blockquote", shown) + (goes_on if end < len(quote.text) else "") + about)


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
        return Html()
    if speaker.name is None:
        return escape(_short(speaker.as_written or ""))
    return join(", ", [tag("b", _short(speaker.name)), _short(speaker.role or "")])


def source_line(article: Article, words: Words) -> Html:
    """Date, source and linked title."""
    when = words.date(article.date) if article.date else words("date.none")
    return join(" · ", [when, _short(article.source or ""), _title(article, words)])


def _title(article: Article, words: Words) -> Html:
    return link(article.url, _short(article.title) if article.title else words("article.untitled"))


def _nothing_found(answer: Answer, stats: Stats | None, words: Words) -> Message:
    if stats and not stats.articles:
        return Message(words("ask.nothing_loaded"))
    lines = [words("ask.nothing_found")]
    if answer.unknown:
        lines.append(words("ask.unknown", words=_listed(answer.unknown)))
    if answer.suggestions:
        lines.append(words("ask.did_you_mean", words=_listed(answer.suggestions)))
    lines.append(join(" ", [covers(stats, words) if stats else "", words("ask.try")]))
    return Message(join("\n", lines))


def covers(stats: Stats, words: Words) -> Html:
    """How many articles there are, and of which dates."""
    if stats.dates is None:
        return words("ask.covers", n=stats.articles)
    first, last = (words.date(PartialDate.parse(date)) for date in stats.dates)
    return words("ask.covers_dates", n=stats.articles, first=first, last=last)


def latest(articles: Sequence[Article], words: Words) -> Message:
    """The newest articles, a paragraph each."""
    if not articles:
        return Message(words("ask.nothing_loaded"))
    return Message(_fitting([words("article.latest"), *(source_line(article, words) for article in articles)]))


def stats(stats: Stats, words: Words) -> Message:
    """The operator's figures."""
    text = words(
        "admin.stats",
        articles=stats.articles,
        paragraphs=stats.paragraphs,
        quotes=stats.quotes,
        speakers=stats.speakers,
        stories=stats.stories,
        subscriptions=stats.subscriptions,
        alerts=stats.alerts_pending,
    )
    if stats.dates:
        first, last = (words.date(PartialDate.parse(date)) for date in stats.dates)
        text = join("\n", [text, words("admin.stats_dates", first=first, last=last)])
    return Message(text)


def reload_report(report: LoadReport, words: Words) -> Message:
    """The counts, and the reason of each failure as far as they fit."""
    head = words(
        "admin.reload_done",
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        removed=report.removed,
        rejected=len(report.rejected),
    )
    shown = report.rejected[:_REJECTED_SHOWN]
    lines = [words("admin.rejected_item", source=_short(s, 60), reason=_short(r, 100)) for s, r in shown]
    if more := len(report.rejected) - len(shown):
        lines.append(words("admin.and_more", n=more))
    return Message(join("\n", [head, *lines]))


def _fitting(parts: Iterable[Html]) -> Html:
    """The first parts that fit into one message, with blank lines between."""
    text = Html()
    for part in parts:
        longer = join("\n\n", [text, part])
        if text and visible_length(longer) > MESSAGE_LIMIT:
            break
        text = longer
    return text


def _listed(items: Iterable[str]) -> str:
    return _short(", ".join(items))


def _short(text: str, limit: int = _SHORT) -> str:
    end = cut(text, limit)
    return text if end == len(text) else text[:end] + "…"
