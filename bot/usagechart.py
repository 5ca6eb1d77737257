"""The picture of /stats: questions and alerts over time."""

from __future__ import annotations

import io
from collections.abc import Sequence

from bot.texts import Words
from bot.trends import drawing
from storage.usage import Day


def draw(days: Sequence[Day], words: Words) -> bytes:
    """A PNG, 800 x 600: above, the questions of each day, those in vain apart; below, the alerts sent. Some 100 ms."""
    from matplotlib.figure import Figure  # slow to load, and seldom needed
    from matplotlib.ticker import MaxNLocator

    places = range(len(days))
    unanswered = [day.unanswered for day in days]
    with drawing:
        figure = Figure(figsize=(8, 6), dpi=100, layout="constrained")
        above, below = figure.subplots(2, sharex=True)
        above.bar(places, unanswered, label=str(words("operator.chart_unanswered")), color="#d9822b")
        answered = [day.questions - day.unanswered for day in days]
        above.bar(places, answered, bottom=unanswered, label=str(words("operator.chart_answered")), color="#1f5fa8")
        below.bar(places, [day.alerts for day in days], label=str(words("operator.chart_alerts")), color="#3d8f5f")
        shown = places[:: max(1, len(days) // 6)]
        below.set_xticks(list(shown), [words.short_date(days[n].date) for n in shown], rotation=30, ha="right")
        for axes in (above, below):
            axes.yaxis.set_major_locator(MaxNLocator(integer=True))
            axes.tick_params(labelsize=12)
            axes.legend(fontsize=12, frameon=False, loc="upper left")
            axes.spines[["top", "right"]].set_visible(False)
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
    return picture.getvalue()
