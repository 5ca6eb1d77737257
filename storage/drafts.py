"""What an operator has written and still has to agree to, by a number that a button can carry."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import DraftRow

_KEPT = dt.timedelta(days=1)


async def add(session: AsyncSession, text: str, now: dt.datetime) -> int:
    """Keeps the text for a day; gives its number, which nobody can guess."""
    await session.execute(delete(DraftRow).where(DraftRow.created_at < now - _KEPT))
    number = secrets.randbits(30)
    session.add(DraftRow(id=number, text=text, created_at=now))
    await session.flush()
    return number


async def take(session: AsyncSession, number: int) -> str | None:
    """The text, once."""
    taken = delete(DraftRow).where(DraftRow.id == number).returning(DraftRow.text)
    return (await session.scalars(taken)).first()
