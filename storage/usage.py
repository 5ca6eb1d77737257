"""What was asked and told, over time; and what was asked in vain. Nothing here says who asked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.identity import normalised
from storage.models import AnswerRow, DeliveryRow

_PARTS = 1000


@dataclass(frozen=True)
class Day:
    """One day, in UTC."""

    date: dt.date
    questions: int
    unanswered: int
    alerts: int  # sent


@dataclass(frozen=True)
class Unanswered:
    """A question that nothing answered, in all its spellings that differ in case, spaces and marks only."""

    question: str  # as it was written most often
    times: int
    last: dt.datetime


async def days(session: AsyncSession, last: dt.date, number: int) -> list[Day]:
    """What happened on each of `number` days up to the last, oldest first."""
    first = last - dt.timedelta(days=number - 1)
    asked = AnswerRow.given_at
    found = []
    for start in (dt.datetime.combine(first, dt.time(), dt.UTC) + dt.timedelta(days=n) for n in range(number)):
        end = start + dt.timedelta(days=1)
        counted = select(func.count(), func.count().filter(AnswerRow.answered.is_(False)))
        questions, vain = (await session.execute(counted.where(asked >= start, asked < end))).one()
        sent = and_(DeliveryRow.state == "sent", DeliveryRow.next_at >= start, DeliveryRow.next_at < end)
        alerts = await session.scalar(select(func.count()).select_from(DeliveryRow).where(sent)) or 0
        found.append(Day(start.date(), questions, vain, alerts))
    return found


async def unanswered(session: AsyncSession, since: dt.datetime) -> list[Unanswered]:
    """What was asked in vain since then, the most frequent first."""
    columns = (AnswerRow.question, func.count().label("times"), func.max(AnswerRow.given_at).label("last"))
    vain = select(*columns).where(AnswerRow.answered.is_(False), AnswerRow.given_at >= since)
    spellings: dict[str, Counter[str]] = {}
    latest: dict[str, dt.datetime] = {}
    rows = await session.stream(vain.group_by(AnswerRow.question), execution_options={"yield_per": _PARTS})
    async for question, times, last in rows:
        key = normalised(question)
        spellings.setdefault(key, Counter())[question] += times
        latest[key] = max(last, latest.get(key, last))
    groups = [Unanswered(s.most_common(1)[0][0], s.total(), latest[key]) for key, s in spellings.items()]
    return sorted(groups, key=lambda group: (-group.times, group.question))


def total(days: Sequence[Day]) -> tuple[int, int, int]:
    """(questions, unanswered, alerts) of all the days."""
    return sum(d.questions for d in days), sum(d.unanswered for d in days), sum(d.alerts for d in days)
