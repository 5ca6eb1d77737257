"""What buttons lead to: pages of an answer, of an article, of speakers and their words. Pure, like the views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot import narrowing
from bot.links import Link
from bot.markup import EMPTY, Html, cut, escape, join, link, tag, visible_length
from bot.texts import Words
from bot.views import Button, Message, cards, said_by, short, source_line
from retrieval.quoting import same_speaker
from retrieval.types import AnswerQuote, Article, Limits, Paragraph, PartialDate, Quotation
from storage.people import SpeakerEntry

PER_PAGE = 3
SPEAKERS_PER_PAGE = 15
_ARTICLE_LIMIT = 3500  # of a page of an article's text
_CONTEXT_LIMIT = 400  # of each of the four pieces of text around a quote
_QUOTE_LIMIT = 1500
_COPIES_SHOWN = 5


@dataclass(frozen=True)
class Shown:
    """An answer on show: its id, and its quotes in the order of relevance. Those whose article changed are None."""

    answer_id: int
    quotes: tuple[AnswerQuote | None, ...]
    copies: Mapping[int, int] = field(default_factory=dict)  # by article: in how many others its story stands, too
    filters: Limits = Limits()
    offers: Limits = Limits()


def answer_page(
    shown: Shown, words: Words, today: dt.date, *, page: int = 0, newest: bool = False, head: Html = EMPTY
) -> Message:
    """Some quotes of the answer, with buttons to the rest of them and around each."""
    order = [n for n, quote in enumerate(shown.quotes) if quote]
    if newest:
        order.sort(key=lambda n: _recency(shown.quotes[n]), reverse=True)
    here = order[page * PER_PAGE : (page + 1) * PER_PAGE]
    if not here:
        return Message(words("button.gone"))
    quotes = [quote for n in here if (quote := shown.quotes[n])]
    name = "newest" if newest else "list"
    newer = None if newest or page else newer_statement([quote for quote in shown.quotes if quote])
    text = cards(quotes, words, today, head, shown.copies)
    if newer and newer.article.date:
        more = words("answer.newer", date=words.date(newer.article.date))
        text = join("\n\n", [text, more]) if visible_length(text) + visible_length(more) < 4000 else text
    labels = [words("button.context_of", n=i) for i in range(1, 1 + len(here))]
    labels = labels if len(here) > 1 else [words("button.context")]
    around = [Button(label, _data(shown, "context", n)) for label, n in zip(labels, here, strict=True)]
    turn = turning(page, len(order) > (page + 1) * PER_PAGE, words, Link(name, (shown.answer_id,)))
    if len(order) > 1:
        other = ("list", "button.relevant") if newest else ("newest", "button.newest")
        turn.append(Button(words(other[1]), _data(shown, other[0], 0)))
    votes = [Button("👍", _data(shown, "good")), Button("👎", _data(shown, "bad"))]
    votes.append(Button(words("button.trend"), _data(shown, "trend")))
    alert_me = [Button(words("button.alertme"), _data(shown, "alertme"))]
    limits = narrowing.buttons(shown.answer_id, shown.filters, shown.offers, words)
    return message(text, around, turn, limits, votes, alert_me)


def newer_statement(quotes: Sequence[AnswerQuote]) -> AnswerQuote | None:
    """What the speaker of the first quote said later on the matter, as far as the answer has it: the newest."""
    first = quotes[0]
    day = first.article.date.full if first.article.date else None
    if not day or not first.speaker or not first.speaker.name:
        return None
    later = [
        (other_day, n)
        for n, quote in enumerate(quotes)
        if same_speaker(first.speaker.name, quote.speaker)
        and quote.article.date
        and (other_day := quote.article.date.full)
        and other_day > day
    ]
    return quotes[max(later)[1]] if later else None


def context_page(shown: Shown, n: int, words: Words, today: dt.date, story: Sequence[Article] = ()) -> Message:
    """The quote in bold within its paragraph, and the paragraphs around it; and the articles of the same story."""
    quote = shown.quotes[n] if n < len(shown.quotes) else None
    back = [Button(words("button.back"), _data(shown, "list", n // PER_PAGE))]
    if quote is None:
        return message(words("button.gone"), back)
    more = [Button(words("button.article"), _data(shown, "whole", n, 0))]
    if quote.speaker and quote.speaker.name:
        more.append(Button(words("button.same_speaker"), _data(shown, "speaker", n, 0)))
    return message(context_text(quote, words, today, story), more, back)


def context_text(quote: AnswerQuote, words: Words, today: dt.date, story: Sequence[Article] = ()) -> Html:
    """The quote in bold within its paragraph, and the paragraphs around it; and the articles of the same story."""
    paragraphs, text = quote.article.paragraphs, quote.paragraph.text
    said = quote.text[: cut(quote.text, _QUOTE_LIMIT)]
    here = [_end(text[: quote.start]), tag("b", said), _start(text[quote.start + len(said) :])]
    around = [
        _end(paragraphs[quote.index - 1].text) if quote.index else EMPTY,
        Html("".join(here)),
        _start(paragraphs[quote.index + 1].text) if quote.index + 1 < len(paragraphs) else EMPTY,
    ]
    text_around = tag("blockquote expandable", join("\n\n", around))
    others = [article for article in story if article.id != quote.article.id][:_COPIES_SHOWN]
    also = [Html(f"• {source_line(article, words, today)}") for article in others]
    about = [said_by(quote, words), source_line(quote.article, words, today)]
    return join("\n", [text_around, *about, words("article.also_list") if also else EMPTY, *also])


def article_page(article: Article, page: int, words: Words, turn: Link, back: Link | None = None) -> Message:
    """A page of the article's whole text. `turn`: the link that a page's number is added to."""
    pages = article_parts(article, words)
    page = min(page, len(pages) - 1)
    buttons = turning(page, page + 1 < len(pages), words, turn)
    number = words("article.page", page=page + 1, pages=len(pages)) if len(pages) > 1 else EMPTY
    return message(join("\n\n", [pages[page], number]), buttons, _back(words, back))


def speaker_page(
    name: str,
    said: Sequence[tuple[Article, Quotation]],
    words: Words,
    today: dt.date,
    *,
    page: int,
    more: bool,
    turn: Link,
    back: Link | None = None,
) -> Message:
    """Words of one speaker, newest first."""
    quotes = [quoted(article, quotation) for article, quotation in said]
    text = cards(quotes, words, today, words("speaker.said", name=short(name)))
    buttons = turning(page, more, words, turn)
    return message(text, buttons, _back(words, back))


def quoted(article: Article, q: Quotation) -> AnswerQuote:
    """The quotation for a card; one that stands in the title as if that were the article's text."""
    if q.paragraph is None:
        article = replace(article, paragraphs=(Paragraph(article.title or ""),))
    return AnswerQuote(article, q.paragraph or 0, q.start, q.end, q.kind, q.speaker, 0.0)


def speakers_page(entries: Sequence[SpeakerEntry], words: Words, *, page: int, more: bool) -> Message:
    """Who is quoted, the most quoted first."""
    lines = [
        words("speaker.entry", n=entry.quotes, who=join(", ", [short(entry.name, 80), short(entry.role or "", 80)]))
        for entry in entries
    ]
    text = join("\n\n", [words("speaker.list"), join("\n", lines), words("speaker.hint")])
    return message(text, turning(page, more, words, Link("speakers")))


def article_parts(article: Article, words: Words) -> list[Html]:
    """The article's whole text, in parts that fit into a message each."""
    title = short(article.title) if article.title else words("article.untitled")
    page = join("\n", [tag("b", link(article.url, title)), source_line(article, words, title=False)])
    pages, heading = [], None
    for paragraph in article.paragraphs:
        text = paragraph.text
        if paragraph.heading and paragraph.heading != heading:
            page = join("\n\n", [page, tag("b", short(paragraph.heading))])
        heading = paragraph.heading
        while text:
            room = _ARTICLE_LIMIT - visible_length(page)
            if len(text) > room and room < _ARTICLE_LIMIT // 2:
                pages.append(page)
                page, room = Html(), _ARTICLE_LIMIT
            end = cut(text, room)
            page = join("\n\n", [page, text[:end]])
            text = text[end:].lstrip()
    return [*pages, page]


def turning(page: int, more: bool, words: Words, turn: Link) -> list[Button]:
    """Buttons to the page before and the page after; `turn` is the link that a page's number is added to."""
    turns = [("button.previous", page - 1)] if page else []
    turns += [("button.more", page + 1)] if more else []
    return [Button(words(label), Link(turn.name, (*turn.numbers, to)).data) for label, to in turns]


def _back(words: Words, link: Link | None) -> list[Button]:
    return [Button(words("button.back"), link.data)] if link else []


def _start(text: str) -> Html:
    end = cut(text, _CONTEXT_LIMIT)
    return escape(text[:end] + ("…" if end < len(text) else ""))


def _end(text: str) -> Html:
    if len(text) <= _CONTEXT_LIMIT:
        return escape(text)
    between = text.find(" ", len(text) - _CONTEXT_LIMIT)
    return escape("…" + text[between + 1 if between >= 0 else len(text) - _CONTEXT_LIMIT :])


def _recency(quote: AnswerQuote | None) -> tuple[bool, tuple[int, int, int]]:
    """For sorting: dated with a year first, then by date as far as it is stated."""
    date = (quote.article.date if quote else None) or PartialDate()
    return date.year is not None, (date.year or 0, date.month or 0, date.day or 0)


def _data(shown: Shown, name: str, *numbers: int) -> str:
    return Link(name, (shown.answer_id, *numbers)).data


def message(text: Html, *rows: Sequence[Button]) -> Message:
    """The text with these rows of buttons, as far as they have any."""
    return Message(text, tuple(tuple(row) for row in rows if row))
