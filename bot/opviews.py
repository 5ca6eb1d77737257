"""What operators see: values -> messages, pure, like the views."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict

from bot.links import Link
from bot.markup import Html, join
from bot.texts import Words
from bot.views import Button, Message, fitting, short
from storage.broadcasts import Progress
from storage.followed import SourceHealth
from storage.polling import Found
from storage.usage import Day, Unanswered, total

_CAPTION_LIMIT = 1000  # Telegram takes 1,024
# A cell that begins so is computed: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def usage_lines(days: Sequence[Day], words: Words) -> Html:
    """The sums below the picture of /stats."""
    questions, unanswered, alerts = total(days)
    return words("operator.usage", days=len(days), questions=questions, unanswered=unanswered, sent=alerts)


def sources(health: Sequence[SourceHealth], words: Words) -> Message:
    """The sources, a paragraph each."""
    if not health:
        return Message(words("operator.no_sources"))
    return Message(fitting([words("operator.sources"), *(_source(one, words) for one in health)]))


def _source(one: SourceHealth, words: Words) -> Html:
    looked = f"{one.last_success:%Y-%m-%d %H:%M} UTC" if one.last_success else "—"
    counts = words("operator.source_counts", n=one.articles, per_day=f"{one.per_day:g}", looked=looked)
    lines: list[object] = [f"• {short(one.address)}", counts]
    if one.error:
        lines.append(words("operator.source_error", n=one.failures, reason=short(one.error)))
    if one.off_since:
        lines.append(words("operator.source_off", date=words.date(one.off_since.date())))
    return join("\n", lines)


def found(found: Found, draft: int, words: Words) -> Message:
    """What an address holds, and whether to follow it."""
    lines: list[object] = [words("operator.found", kind=words(f"kind.{found.kind}"), n=found.articles)]
    lines += [short(title) for title in (found.title, *(f"• {t}" for t in found.newest)) if title]
    if found.feeds:
        lines.append(words("operator.better_feeds", feeds=short(", ".join(found.feeds))))
    yes = Button(words("operator.follow"), Link("follow", (draft, 1)).data)
    no = Button(words("operator.drop"), Link("follow", (draft, 0)).data)
    return Message(join("\n", [*lines, words("operator.follow_question")]), ((yes, no),))


def unanswered(groups: Sequence[Unanswered], days: int, words: Words) -> Html:
    """The most frequent of what was asked in vain, as far as they fit below a file."""
    lines = (f"{group.times} × {short(group.question, 100)}" for group in groups)
    return fitting([words("operator.unanswered", n=len(groups), days=days), *lines], "\n", _CAPTION_LIMIT)


def table(groups: Sequence[Unanswered]) -> bytes:
    """The same, all of it, as CSV for a spreadsheet: question, times, last day."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("question", "times", "last asked"))
    for group in groups:
        question = f"'{group.question}" if group.question.startswith(_FORMULA) else group.question
        rows.writerow((question, group.times, f"{group.last:%Y-%m-%d}"))
    return out.getvalue().encode("utf-8-sig", "replace")  # with the mark by which spreadsheets know UTF-8


def broadcast_question(chats: int, draft: int, words: Words) -> Message:
    """Whether to send what stands above."""
    yes = Button(words("operator.broadcast_send"), Link("tell", (draft, 1)).data)
    no = Button(words("operator.drop"), Link("tell", (draft, 0)).data)
    return Message(words("operator.broadcast_question", n=chats), ((yes, no),))


def broadcast_progress(number: int, progress: Progress, words: Words) -> Message:
    """How far a broadcast is, with buttons to look again and to stop it while it goes on."""
    text = words("operator.broadcast_progress", **asdict(progress))
    if not progress.waiting:
        return Message(text)
    look = Button(words("operator.broadcast_look"), Link("told", (number,)).data)
    stop = Button(words("operator.broadcast_stop"), Link("hush", (number,)).data)
    return Message(text, ((look, stop),))
