"""Who may not use the bot: users and chats, by Telegram id."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import BanRow


async def bans(session: AsyncSession) -> dict[int, bool]:
    """The banned ids, and whether each has been told."""
    return {row.id: row.told for row in await session.scalars(select(BanRow))}


async def ban(session: AsyncSession, banned: int, now: dt.datetime) -> bool:
    """Bans the id; False when it was banned already."""
    if await session.get(BanRow, banned):
        return False
    session.add(BanRow(id=banned, banned_at=now, told=False))
    await session.flush()
    return True


async def told(session: AsyncSession, banned: int) -> None:
    """Remembers that they have had their notice."""
    await session.execute(update(BanRow).where(BanRow.id == banned).values(told=True))


async def unban(session: AsyncSession, banned: int) -> bool:
    """Lets the id in again; False when it was not banned."""
    done = await session.scalars(delete(BanRow).where(BanRow.id == banned).returning(BanRow.id))
    return done.first() is not None
