"""What the people who run Quotewire did, and what others tried in their name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import AuditRow

COMMAND_LINE = 0  # as `user_id`
_SUBJECT_LIMIT = 500
_OUTCOME_LIMIT = 200


@dataclass(frozen=True)
class Act:
    """One act: who did what, to what, when, and what came of it."""

    at: dt.datetime
    user_id: int
    name: str  # the command, without the slash
    subject: str
    outcome: str


async def record(session: AsyncSession, act: Act) -> None:
    """Keeps the act."""
    session.add(
        AuditRow(
            at=act.at,
            user_id=act.user_id,
            name=act.name,
            subject=_storable(act.subject)[:_SUBJECT_LIMIT],
            outcome=_storable(act.outcome)[:_OUTCOME_LIMIT],
        )
    )
    await session.flush()


async def newest(session: AsyncSession, limit: int) -> list[Act]:
    """The last acts, the newest first."""
    rows: Iterable[AuditRow] = await session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))
    return [Act(row.at, row.user_id, row.name, row.subject, row.outcome) for row in rows]


def _storable(text: str) -> str:
    """In one line, without what PostgreSQL cannot keep."""
    return " ".join(text.encode("utf-8", "replace").decode().replace("\0", "").split())
