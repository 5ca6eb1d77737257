"""Whether chats can be reached: blocked, gone, moved; and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Literal

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.models import ChatRow, DeliveryRow, SubscriptionRow

_STRIKES, _STRIKES_SPAN = 3, dt.timedelta(days=1)


async def unreachable(session: AsyncSession) -> set[int]:
    """The chats that no alert is sent to."""
    return set(await session.scalars(select(ChatRow.id).where(ChatRow.state != "active")))


async def find_known(session: AsyncSession, chats: Collection[int]) -> tuple[dict[int, str], set[int]]:
    """Of the chats: the languages of those that chose one, and those that no alert is sent to."""
    known = select(ChatRow.id, ChatRow.language, ChatRow.state).where(ChatRow.id.in_(chats))
    found = (await session.execute(known)).all()
    return {row.id: row.language for row in found if row.language}, {row.id for row in found if row.state != "active"}


async def close(session: AsyncSession, chat_id: int, state: Literal["blocked", "gone"], now: dt.datetime) -> None:
    """No alerts for the chat until it shows a sign of life; what waits for it is not sent. It keeps what it chose."""
    row = await _row(session, chat_id)
    row.state = state
    await drop(session, chat_id, None, now, state)


async def drop(session: AsyncSession, chat_id: int, topic: int | None, now: dt.datetime, why: str) -> None:
    """What waits for the chat (for the topic, when given) is not sent."""
    waiting = update(DeliveryRow).where(DeliveryRow.chat_id == chat_id, DeliveryRow.state.in_(("pending", "sending")))
    if topic is not None:
        waiting = waiting.where(DeliveryRow.topic == topic)
    await session.execute(waiting.values(state="gone", next_at=now, last_error=why))


async def reopen(session: AsyncSession, chat_id: int) -> None:
    """Alerts for the chat again, from the next one on."""
    row = await _row(session, chat_id)
    row.state, row.strikes, row.struck_at = "active", 0, None


async def reached(session: AsyncSession, chats: Collection[int]) -> None:
    """Something was sent to the chats: Telegram knows them."""
    struck = update(ChatRow).where(ChatRow.id.in_(chats), ChatRow.strikes > 0)
    await session.execute(struck.values(strikes=0, struck_at=None))


async def strike(session: AsyncSession, chat_id: int, now: dt.datetime) -> None:
    """Telegram does not know the chat. Three times in a day or more, and it is gone."""
    row = await _row(session, chat_id)
    row.strikes += 1
    row.struck_at = row.struck_at or now
    if row.strikes >= _STRIKES and now - row.struck_at >= _STRIKES_SPAN:
        await close(session, chat_id, "gone", now)


async def move(session: AsyncSession, old: int, new: int) -> None:
    """A group became a supergroup: all that was the old chat's is the new one's."""
    if old == new:
        return
    row = await _row(session, old)
    target = await session.get(ChatRow, new)
    if target is None:
        target = ChatRow(id=new, state="active", strikes=0)
        session.add(target)
        for name in ("language", "timezone", "quiet_from", "quiet_until", "digest_hour", "muted_until"):
            setattr(target, name, getattr(row, name))
    row.state, row.migrated_to = "migrated", new
    await session.flush()
    mine = SubscriptionRow.chat_id == old
    await session.execute(update(SubscriptionRow).where(mine).values(chat_id=new))
    twin = aliased(DeliveryRow)
    both = exists().where(twin.alert_id == DeliveryRow.alert_id, twin.chat_id == new, twin.topic == DeliveryRow.topic)
    await session.execute(delete(DeliveryRow).where(DeliveryRow.chat_id == old, both))
    await session.execute(update(DeliveryRow).where(DeliveryRow.chat_id == old).values(chat_id=new))


async def _row(session: AsyncSession, chat_id: int) -> ChatRow:
    row = await session.get(ChatRow, chat_id)
    if row is None:
        row = ChatRow(id=chat_id, state="active", strikes=0)
        session.add(row)
    return row
