"""How often, and by whom, a matter was spoken of over time: counted, and drawn."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.markup import Html, plain
from bot.texts import Words
from retrieval.types import Article, Hit

_BARS = 24  # at most, so that one can read them on a phone
_WIDEST = 6  # room for so many bars at least, so that a few are not as wide as the picture
_SPEAKERS = 4  # shown by name
drawing = threading.Lock()  # matplotlib is not made for threads


@dataclass(frozen=True)
class Trend:
    """Paragraphs by day and by who is quoted in them (None: nobody), and how many have no full date."""

    counts: Mapping[tuple[dt.date, str | None], int]
    undated: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def count_mentions(hits: Sequence[Hit], articles: Mapping[int, Article]) -> Trend:
    """The paragraphs found, by date and first speaker."""
    counts: Counter[tuple[dt.date, str | None]] = Counter()
    undated = 0
    for hit in hits:
        article = articles.get(hit.article_id)
        if article is None:
            continue
        day = article.date.full if article.date else None
        if day is None:
            undated += 1
            continue
        said = (q.speaker.name for q in article.quotes if q.paragraph == hit.index and q.speaker and q.speaker.name)
        counts[day, next(said, None)] += 1
    return Trend(counts, undated)


def periods(days: Sequence[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """The time from the first day to the last as at most `_BARS` spans of whole days, weeks, months or years."""
    first, last = min(days), max(days)
    length = (last - first).days + 1
    step = next((step for step in (1, 7, 30, 91, 365) if length <= step * _BARS), -(-length // _BARS))
    starts = [first + dt.timedelta(days=n) for n in range(0, length, step)]
    return [(start, start + dt.timedelta(days=step - 1)) for start in starts]


def draw(trend: Trend, words: Words, title: Html) -> bytes:
    """A PNG, 800 x 600, of stacked bars: a bar a period, a colour a speaker. Blocks for some 100 ms."""
    from matplotlib.figure import Figure  # slow to load, and seldom needed
    from matplotlib.ticker import MaxNLocator

    spans = periods([day for day, _ in trend.counts])
    totals: Counter[str | None] = Counter()
    for (_, who), n in trend.counts.items():
        totals[who] += n
    named = [who for who, _ in totals.most_common() if who][:_SPEAKERS]
    labels = [*named, str(words("trend.others")), str(words("trend.nobody"))]
    rows = {label: [0] * len(spans) for label in labels}
    for (day, who), n in trend.counts.items():
        label = labels[-1] if who is None else who if who in named else labels[-2]
        rows[label][next(i for i, (start, end) in enumerate(spans) if start <= day <= end)] += n
    with drawing:
        figure = Figure(figsize=(8, 6), dpi=100, layout="constrained")
        axes = figure.add_subplot()
        bottom = [0] * len(spans)
        colours = ["#1f5fa8", "#d9822b", "#3d8f5f", "#8e4fa3", "#8a8f98", "#cfd3d8"]
        for (label, heights), colour in zip(rows.items(), colours[-len(labels) :], strict=True):
            if any(heights):
                axes.bar(range(len(spans)), heights, bottom=bottom, label=label.replace("$", r"\$"), color=colour)
                bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
        shown = range(0, len(spans), max(1, len(spans) // 6))
        axes.set_xticks(list(shown), [words.short_date(spans[i][0]) for i in shown], rotation=30, ha="right")
        axes.set_title(plain(title).replace("$", r"\$"), fontsize=16, wrap=True)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.tick_params(labelsize=12)
        axes.set_xlim(-0.6, max(len(spans), _WIDEST) - 0.4)
        figure.legend(loc="outside lower center", ncols=2, fontsize=12, frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
    return picture.getvalue()
