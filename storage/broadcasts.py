"""What the operator tells everyone, and its deliveries: a row for each chat, so that none is missed or told twice.

A row is "sending" from just before the call until its outcome is known. What a crash leaves so is sent again: at most
one message, as they go out one by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, Update, and_, func, insert, literal, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import AnswerRow, BroadcastDeliveryRow, BroadcastRow, ChatRow, SubscriptionRow

OPEN = ("pending", "sending")


@dataclass(frozen=True)
class Due:
    """A message to be sent now."""

    broadcast_id: int
    chat_id: int
    text: str  # as the operator wrote it
    attempts: int  # that failed


@dataclass(frozen=True)
class Progress:
    """How far a broadcast is: chats by state."""

    waiting: int
    sent: int
    failed: int  # nobody is there, or Telegram refuses it
    cancelled: int


async def count_receivers(session: AsyncSession) -> int:
    """How many chats a broadcast would go to now."""
    return await session.scalar(select(func.count()).select_from(_receivers().subquery())) or 0


async def start(session: AsyncSession, text: str, user_id: int, now: dt.datetime) -> int:
    """Puts a broadcast before the sender; gives its id."""
    new = insert(BroadcastRow).values(text=text, user_id=user_id, created_at=now).returning(BroadcastRow.id)
    number = (await session.execute(new)).scalar_one()
    chats = _receivers().subquery()
    rows = select(
        literal(number), chats.c.id, literal("pending"), literal(0), literal(now, BroadcastRow.created_at.type)
    )
    columns = ("broadcast_id", "chat_id", "state", "attempts", "next_at")
    await session.execute(insert(BroadcastDeliveryRow).from_select(columns, rows))
    return number


async def recover(session: AsyncSession, living: Collection[int] = ()) -> None:
    """Makes due again what was in flight when the last program ended; what `living` programs claimed stays theirs."""
    row = BroadcastDeliveryRow
    orphaned = (row.state == "sending", or_(row.owner.is_(None), row.owner.not_in(living)))
    await session.execute(update(row).where(*orphaned).values(state="pending"))


async def claim(session: AsyncSession, now: dt.datetime, owner: int) -> Due | None:
    """Takes the next message that is due, and marks it as in flight, the `owner`'s; None: nothing is."""
    row = BroadcastDeliveryRow
    due = select(row).where(row.state == "pending", row.next_at <= now).order_by(row.next_at, row.chat_id).limit(1)
    found = await session.scalar(due)
    if found is None:
        return None
    found.state, found.owner = "sending", owner
    text = await session.scalar(select(BroadcastRow.text).where(BroadcastRow.id == found.broadcast_id))
    return Due(found.broadcast_id, found.chat_id, text or "", found.attempts)


async def settle(session: AsyncSession, due: Due, state: str) -> None:
    """Records how it ended: "sent", "gone" or "dead"."""
    await session.execute(_this(due).values(state=state))


async def retry(session: AsyncSession, due: Due, at: dt.datetime, *, failed: bool) -> None:
    """Makes it due again at that time, unless the broadcast has been cancelled. `failed`: count it as an attempt."""
    ended = select(BroadcastRow.cancelled_at).where(BroadcastRow.id == due.broadcast_id)
    state = "cancelled" if await session.scalar(ended) else "pending"
    await session.execute(_this(due).values(state=state, next_at=at, attempts=due.attempts + failed))


async def cancel(session: AsyncSession, broadcast_id: int, now: dt.datetime) -> None:
    """Sends no more of it."""
    row = BroadcastDeliveryRow
    await session.execute(update(BroadcastRow).where(BroadcastRow.id == broadcast_id).values(cancelled_at=now))
    waiting = and_(row.broadcast_id == broadcast_id, row.state == "pending")
    await session.execute(update(row).where(waiting).values(state="cancelled"))


async def progress(session: AsyncSession, broadcast_id: int) -> Progress:
    """How far it is."""
    row = BroadcastDeliveryRow
    states = select(row.state, func.count()).where(row.broadcast_id == broadcast_id).group_by(row.state)
    counts: dict[str, int] = dict((await session.execute(states)).all())
    return Progress(
        waiting=sum(counts.get(state, 0) for state in OPEN),
        sent=counts.get("sent", 0),
        failed=counts.get("gone", 0) + counts.get("dead", 0),
        cancelled=counts.get("cancelled", 0),
    )


def _this(due: Due) -> Update:
    row = BroadcastDeliveryRow
    return update(row).where(row.broadcast_id == due.broadcast_id, row.chat_id == due.chat_id)


def _receivers() -> Select[tuple[int]]:
    """Private chats that asked or chose something, and chats with subscriptions; not those that cannot be reached."""
    known = union(
        select(AnswerRow.chat_id.label("id")).where(AnswerRow.chat_id > 0),
        select(ChatRow.id.label("id")).where(ChatRow.id > 0),
        select(SubscriptionRow.chat_id.label("id")),
    ).subquery()
    return select(known.c.id).where(known.c.id.not_in(select(ChatRow.id).where(ChatRow.state != "active")))
