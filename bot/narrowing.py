"""Limits as readers meet them: on buttons, above an answer, and as operators to type."""

from __future__ import annotations

from dataclasses import replace

from bot.links import Link
from bot.markup import EMPTY, Html, join
from bot.texts import Words
from bot.views import Button, short
from retrieval.types import DateRange, Limits, PartialDate

_LABEL = 30  # characters of a name on a button
FIELDS = {"speaker": "anyone", "dates": "anydate", "source": "anysource"}  # by the limit: what drops it


def buttons(answer_id: int, filters: Limits, offers: Limits, words: Words) -> list[Button]:
    """For each limit in force a button that drops it, for each one offered a button that sets it."""
    shown = []
    for number, (field, drop) in enumerate(FIELDS.items()):
        if getattr(filters, field):
            shown.append(Button(words(f"button.{drop}"), Link(drop, (answer_id,)).data))
        elif offer := getattr(offers, field):
            label = words("button.only", limit=short(_shown(offer, words), _LABEL))
            shown.append(Button(label, Link("only", (answer_id, number)).data))
    return shown


def narrowed(filters: Limits, offers: Limits, number: int) -> Limits | None:
    """The limits with the one offered on the button of this number; None when it is offered no more."""
    field = next(iter(list(FIELDS)[number : number + 1]), "")
    return replace(filters, **{field: getattr(offers, field)}) if getattr(offers, field, None) else None


def head(question: str, filters: Limits, said: str, words: Words) -> Html:
    """What stands above an answer to something else than was `said`: the question as understood, and its limits."""
    limits = [_shown(limit, words) for limit in (filters.speaker, filters.dates, filters.source) if limit]
    if question != said:
        return words("answer.understood", question=f"{question} ({', '.join(limits)})" if limits else question)
    return words("answer.limited", limits=" · ".join(limits)) if limits else EMPTY


def typed(offers: Limits, words: Words) -> list[Html]:
    """Each limit offered as the operators that set it, written so that they are read back as the same limit."""
    since, until = (offers.dates.since, offers.dates.until) if offers.dates else (None, None)
    limits: tuple[dict[str, str | PartialDate | None], ...] = (
        {"speaker": offers.speaker},
        {"since": since, "until": until},
        {"source": offers.source},
    )
    written = ([_operator(name, value, words) for name, value in limit.items() if value] for limit in limits)
    return [join(" ", operators) for operators in written if operators]


def _operator(name: str, value: str | PartialDate, words: Words) -> Html:
    if isinstance(value, PartialDate):
        value = words.stated_date(value) if value.year is None else str(value)
    return words(f"chat.{name}", value=f'"{value}"' if " " in value else value)


def _shown(limit: str | DateRange, words: Words) -> str:
    return words.days(limit) if isinstance(limit, DateRange) else limit
