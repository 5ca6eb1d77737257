"""Subscriptions: what each chat, or forum topic, wants to be told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ArticleRow, ChatRow, SubscriptionRow

Follows = Literal["all", "source", "section", "speaker", "query"]
FOR_GOOD = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)  # paused until someone resumes it
_CHUNK = 500


@dataclass(frozen=True)
class Subscription:
    """One subscription. `text`: the name or the query; empty for all new articles."""

    id: int
    chat_id: int
    topic: int  # forum topic; 0: none
    user_id: int  # who made it
    follows: Follows
    text: str
    daily: bool  # in the daily digest; else at once
    paused_until: dt.datetime | None
    language: str = "en"  # of who made it

    def paused(self, now: dt.datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now


@dataclass(frozen=True)
class Receiver:
    """Where an alert of a subscription goes."""

    subscription_id: int
    chat_id: int
    topic: int
    daily: bool


@dataclass(frozen=True)
class Added:
    """What came of following something. Null: the user has as many subscriptions as are allowed."""

    subscription: Subscription | None
    new: bool = False  # False: it was followed already


async def add(
    session: AsyncSession,
    chat_id: int,
    topic: int,
    user_id: int,
    follows: Follows,
    text: str,
    *,
    language: str,
    limit: int,
    now: dt.datetime,
) -> Added:
    """Follows it from now on: of the articles that are stored it tells nothing."""
    text = " ".join(text.split())
    for known in await of_chat(session, chat_id, topic):
        if (known.follows, known.text.casefold()) == (follows, text.casefold()):
            await change(session, known.id, paused_until=None)
            return Added(known)
    mine = select(func.count()).select_from(SubscriptionRow).where(SubscriptionRow.user_id == user_id)
    if (await session.scalar(mine) or 0) >= limit:
        return Added(None)
    last = await session.scalar(select(func.max(ArticleRow.id))) or 0
    row = {"chat_id": chat_id, "topic": topic, "user_id": user_id, "follows": follows, "text": text}
    more = {"language": language, "daily": False, "paused_until": None, "after_article": last, "created_at": now}
    new = insert(SubscriptionRow).values(row | more).returning(SubscriptionRow.id)
    number = (await session.execute(new)).scalar_one()
    return Added(Subscription(number, chat_id, topic, user_id, follows, text, False, None, language), new=True)


async def find(session: AsyncSession, subscription_id: int) -> Subscription | None:
    """The subscription, or None when there is no such (any more)."""
    row = await session.get(SubscriptionRow, subscription_id)
    return _subscription(row) if row else None


async def of_chat(session: AsyncSession, chat_id: int, topic: int | None = None) -> list[Subscription]:
    """The chat's subscriptions (in the topic, when given), oldest first."""
    chosen = select(SubscriptionRow).where(SubscriptionRow.chat_id == chat_id).order_by(SubscriptionRow.id)
    if topic is not None:
        chosen = chosen.where(SubscriptionRow.topic == topic)
    return [_subscription(row) for row in await session.scalars(chosen)]


async def find_all(session: AsyncSession, ids: Iterable[int]) -> dict[int, Subscription]:
    """Those of the subscriptions that there still are, by id."""
    wanted = sorted(set(ids))
    found = {}
    for start in range(0, len(wanted), _CHUNK):
        chosen = SubscriptionRow.id.in_(wanted[start : start + _CHUNK])
        for row in await session.execute(select(*SubscriptionRow.__table__.columns).where(chosen)):
            found[row.id] = _subscription(row)
    return found


async def change(session: AsyncSession, subscription_id: int, **values: Any) -> None:
    """Sets `daily` or `paused_until`."""
    this = update(SubscriptionRow).where(SubscriptionRow.id == subscription_id)
    await session.execute(this.values(**values))


async def remove(session: AsyncSession, subscription_id: int) -> None:
    """Ends the subscription; what waits because of it alone is not sent."""
    await session.execute(delete(SubscriptionRow).where(SubscriptionRow.id == subscription_id))


async def remove_all(session: AsyncSession, chat_id: int) -> int:
    """Ends all of the chat's subscriptions, those of its topics too; gives how many."""
    done = await session.execute(delete(SubscriptionRow).where(SubscriptionRow.chat_id == chat_id))
    return int(done.rowcount)  # type: ignore[attr-defined]


async def count(session: AsyncSession) -> int:
    """How many there are, whether paused or not."""
    return await session.scalar(select(func.count()).select_from(SubscriptionRow)) or 0


async def since(session: AsyncSession, last: int) -> AsyncIterator[list[tuple[int, Follows, str]]]:
    """(id, what it follows, text) of the subscriptions with greater ids, in order, in parts."""
    columns = (SubscriptionRow.id, SubscriptionRow.follows, SubscriptionRow.text)
    page = select(*columns).order_by(SubscriptionRow.id).limit(5000)
    while rows := (await session.execute(page.where(SubscriptionRow.id > last))).all():
        last = rows[-1].id
        yield [(row.id, row.follows, row.text) for row in rows]


async def receivers(
    session: AsyncSession, ids: Sequence[int], article_id: int, now: dt.datetime
) -> AsyncIterator[Receiver]:
    """Where the article goes, of these subscriptions: those not paused, older than it, of chats that can be reached."""
    columns = (SubscriptionRow.id, SubscriptionRow.chat_id, SubscriptionRow.topic, SubscriptionRow.daily)
    awake = or_(SubscriptionRow.paused_until.is_(None), SubscriptionRow.paused_until <= now)
    reached: ColumnElement[bool] = func.coalesce(ChatRow.state, "active") == "active"
    chosen = (
        select(*columns)
        .outerjoin(ChatRow, ChatRow.id == SubscriptionRow.chat_id)
        .where(awake, reached, SubscriptionRow.after_article < article_id)
    )
    for start in range(0, len(ids), _CHUNK):
        for row in await session.execute(chosen.where(SubscriptionRow.id.in_(ids[start : start + _CHUNK]))):
            yield Receiver(*row)


async def names(session: AsyncSession, kind: Literal["source", "section"], limit: int = 12) -> dict[str, int]:
    """Sources or sections that there are articles of, those with most first, with an article of each."""
    column = ArticleRow.source_name if kind == "source" else ArticleRow.section
    found = select(column, func.max(ArticleRow.id)).where(column.is_not(None), ArticleRow.hidden_at.is_(None))
    most = found.group_by(column).order_by(func.count().desc(), column).limit(limit)
    return {str(name): article_id for name, article_id in await session.execute(most)}


def _subscription(row: Any) -> Subscription:
    return Subscription(
        row.id,
        row.chat_id,
        row.topic,
        row.user_id,
        row.follows,
        row.text,
        row.daily,
        row.paused_until,
        row.language,
    )
