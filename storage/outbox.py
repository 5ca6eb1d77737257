"""The outbox: what is to be told, and its way to each chat.

Alerts are written in the transaction that stores their articles; deliveries are made of them in pages, and settled one
by one. Whatever stops the program, the next start goes on where the database stands: every delivery that was made
reaches its chat at least once, and more than once only what was in flight.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import Article, PartialDate
from storage.chats import QuotePlace, place_in, place_out
from storage.chatsettings import ChatSettings, settings_of
from storage.models import AlertRow, ArticleRow, ArticleVersionRow, ChatRow, DeliveryRow
from storage.plan import Action, Revise
from storage.subscriptions import Receiver

LIFE = dt.timedelta(hours=48)  # after which a delivery that could not be made is given up
_KEPT = dt.timedelta(days=30)  # what is settled, for corrections of what was sent, and for buttons
_CHUNK = 500

State = Literal["pending", "sending", "sent", "gone", "dead", "expired"]
Key = tuple[int, int, int]  # alert, chat, topic
_OPEN = ("pending", "sending")
_DELIVERIES = cast(Table, DeliveryRow.__table__)


@dataclass(frozen=True)
class AlertRule:
    """Which new articles are told of. `first_too`: also at the first load of a source."""

    max_age_days: int
    first_too: bool = False

    def tells(self, date: PartialDate | None, today: dt.date) -> bool:
        """Whether an article of this date is news: what does not state its year, or its date, is."""
        if date is None or date.year is None:
            return True
        last = dt.date(date.year, date.month or 12, date.day or 28)  # the last day that may be meant, or near it
        return (today - last).days <= self.max_age_days


@dataclass(frozen=True)
class Alert:
    """What is to be told."""

    id: int
    article_id: int
    version: int  # 1: the article is new; else it was corrected
    reached_chat: int | None


@dataclass(frozen=True)
class NewDelivery:
    """A delivery to be made."""

    receivers: tuple[Receiver, ...]  # of one chat and topic
    quote: QuotePlace | None
    was: str | None = None  # what the chat was sent before the article was corrected


@dataclass(frozen=True)
class Delivery:
    """An alert for a chat, now to be sent."""

    alert_id: int
    chat_id: int
    topic: int
    article_id: int
    version: int
    daily: bool
    held: bool
    attempts: int
    unsure: int
    expires_at: dt.datetime
    subscriptions: tuple[int, ...]
    quote: QuotePlace | None
    was: str | None  # in a correction: the quote that was sent before

    @property
    def key(self) -> Key:
        return self.alert_id, self.chat_id, self.topic


@dataclass(frozen=True)
class Settled:
    """What became of a delivery. Pending: to be tried again at `next_at`."""

    key: Key
    state: State
    at: dt.datetime
    attempts: int = 0
    unsure: int = 0
    message_id: int | None = None
    error: str | None = None
    held: bool = False


@dataclass(frozen=True)
class Queue:
    """How much waits. `oldest`: since when the longest waiting one is due; null: none is."""

    pending: int
    due: int
    dead: int
    oldest: dt.datetime | None
    states: Mapping[str, int] = field(default_factory=dict)  # deliveries by state, but for those sent or gone


async def write_alerts(
    session: AsyncSession, new: Sequence[Article], actions: Sequence[Action], now: dt.datetime, rule: AlertRule
) -> None:
    """Writes alerts of what a load just stored: new articles that the rule tells of, and corrected ones."""
    today = now.astimezone(dt.UTC).date()
    ids = [article.id for article in new if rule.tells(article.date, today)]
    ids += [a.article.id for a in actions if isinstance(a, Revise) and a.corrects and not a.stored.hidden]
    if ids:
        versions = select(ArticleRow.id, ArticleRow.version).where(ArticleRow.id.in_(ids))
        found = await session.execute(versions.order_by(ArticleRow.id))
        rows = [{"article_id": article_id, "version": version, "created_at": now} for article_id, version in found]
        await session.execute(insert(AlertRow), rows)


async def next_alert(session: AsyncSession) -> Alert | None:
    """The first alert of which not all deliveries are made."""
    first = select(AlertRow).where(AlertRow.fanned_out_at.is_(None)).order_by(AlertRow.id).limit(1)
    row = await session.scalar(first)
    return Alert(row.id, row.article_id, row.version, row.reached_chat) if row else None


async def told_of_story(session: AsyncSession, alert: Alert) -> set[tuple[int, int]]:
    """The chats and topics that another alert told, or will tell, of the same story."""
    story = await session.scalar(select(ArticleRow.story_id).where(ArticleRow.id == alert.article_id))
    if story is None:
        return set()
    told = (
        select(DeliveryRow.chat_id, DeliveryRow.topic)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .join(ArticleRow, ArticleRow.id == AlertRow.article_id)
        .where(ArticleRow.story_id == story, AlertRow.id != alert.id, DeliveryRow.state.in_((*_OPEN, "sent")))
    )
    return {(chat_id, topic) for chat_id, topic in await session.execute(told)}


async def sent_quotes(session: AsyncSession, article_id: int) -> list[Delivery]:
    """What chats were last sent of the article, whichever version."""
    chosen = _deliveries().where(AlertRow.article_id == article_id, DeliveryRow.state == "sent")
    rows = await session.execute(chosen.order_by(AlertRow.id))
    return list({(row.chat_id, row.topic): _delivery(row) for row in rows}.values())


async def words_sent(session: AsyncSession, delivery: Delivery) -> str | None:
    """The quote that was sent, from the version of the article that it stood in; None where that is not known."""
    kept = select(ArticleVersionRow.content)
    at = (ArticleVersionRow.article_id == delivery.article_id, ArticleVersionRow.version == delivery.version)
    content = await session.scalar(kept.where(*at))
    place = delivery.quote
    if content is None or place is None or place.index >= len(content["paragraphs"]):
        return None
    text = content["paragraphs"][place.index][0]
    return str(text[place.start : place.end]) or None


async def fan_out(
    session: AsyncSession, alert: Alert, page: Sequence[NewDelivery], now: dt.datetime, *, last: bool
) -> None:
    """Makes deliveries, in the order of chats; what is there already stays. `last`: these are all that were left."""
    there = set()
    chats = sorted({new.receivers[0].chat_id for new in page})
    settings: dict[int, ChatSettings] = {}
    for start in range(0, len(chats), _CHUNK):
        part = chats[start : start + _CHUNK]
        mine = select(DeliveryRow.chat_id, DeliveryRow.topic).where(DeliveryRow.alert_id == alert.id)
        there |= set((await session.execute(mine.where(DeliveryRow.chat_id.in_(part)))).all())
        settings |= {
            row.id: settings_of(row) for row in await session.scalars(select(ChatRow).where(ChatRow.id.in_(part)))
        }
    rows = []
    for new in page:
        first = new.receivers[0]
        if (first.chat_id, first.topic) not in there:
            daily = all(receiver.daily for receiver in new.receivers)
            next_at = settings.get(first.chat_id, ChatSettings()).next_digest(now) if daily else now
            rows.append(_new_row(alert, new, daily, next_at))
    if rows:
        await session.execute(insert(_DELIVERIES), rows)
    done = {"fanned_out_at": now} if last else {}
    reached = {"reached_chat": chats[-1]} if chats else {}
    if done or reached:
        await session.execute(update(AlertRow).where(AlertRow.id == alert.id).values(**done, **reached))


def _new_row(alert: Alert, new: NewDelivery, daily: bool, next_at: dt.datetime) -> dict[str, Any]:
    first = new.receivers[0]
    subscriptions = [receiver.subscription_id for receiver in new.receivers]
    quote = place_out(new.quote) if new.quote else None
    return {
        "alert_id": alert.id,
        "chat_id": first.chat_id,
        "topic": first.topic,
        "state": "pending",
        "daily": daily,
        "held": False,
        "attempts": 0,
        "unsure": 0,
        "next_at": next_at,
        "expires_at": next_at + LIFE,
        "content": {"subscriptions": subscriptions, "quote": quote, **({"was": new.was} if new.was else {})},
    }


async def any_due(session: AsyncSession, now: dt.datetime) -> bool:
    """Whether there is anything to send."""
    due = select(DeliveryRow.alert_id).where(DeliveryRow.state == "pending", DeliveryRow.next_at <= now).limit(1)
    return await session.scalar(due) is not None


async def claim(
    session: AsyncSession,
    now: dt.datetime,
    lanes: int,
    busy: Collection[int],
    pause: dt.timedelta,
    owner: int,
) -> list[list[Delivery]]:
    """What to send next, newest first: all that is due for up to `lanes` chats and topics, one of each chat.

    It is "sending" from now on, and the `owner`'s: no other program claims it, and none recovers it while the owner
    lives. What a chosen chat gets in other topics waits for the `pause`, so that they do not get
    ahead of it. `busy`: chats to leave alone. What has waited too long expires.
    """
    due = (DeliveryRow.state == "pending", DeliveryRow.next_at <= now)
    late = update(DeliveryRow).where(*due, DeliveryRow.expires_at <= now)
    newest = select(DeliveryRow.chat_id).where(*due, DeliveryRow.expires_at > now)
    newest = newest.where(DeliveryRow.chat_id.not_in(busy)).order_by(DeliveryRow.next_at.desc()).limit(4 * lanes)
    chats = list(dict.fromkeys(await session.scalars(newest)))[:lanes]
    if not chats:
        await session.execute(late.values(state="expired", next_at=now))
        return []
    chosen = _deliveries().where(*due, DeliveryRow.expires_at > now, DeliveryRow.chat_id.in_(chats))
    claimed: dict[int, list[Delivery]] = {}
    others: list[Delivery] = []
    for row in await session.execute(chosen.order_by(DeliveryRow.alert_id, DeliveryRow.topic)):
        delivery = _delivery(row)
        lane = claimed.setdefault(row.chat_id, [])
        (lane if not lane or lane[0].topic == row.topic else others).append(delivery)
    mine = [delivery.key for lane in claimed.values() for delivery in lane]
    await _set(session, mine, {"state": "sending", "owner": owner})
    await _set(session, [delivery.key for delivery in others], {"next_at": now + pause})
    return list(claimed.values())


async def hold(session: AsyncSession, deliveries: Sequence[Delivery], until: dt.datetime) -> None:
    """Keeps claimed deliveries for a summary at that time."""
    values = {"state": "pending", "held": True, "next_at": until, "expires_at": until + LIFE}
    await _set(session, [delivery.key for delivery in deliveries], values)


async def settle(session: AsyncSession, settled: Sequence[Settled]) -> None:
    """Notes what became of deliveries that were claimed."""
    if settled:
        rows = [
            _key(one.key)
            | {
                "new_state": one.state,
                "new_at": one.at,
                "new_attempts": one.attempts,
                "new_unsure": one.unsure,
                "new_message": one.message_id,
                "new_error": one.error,
                "new_held": one.held,
            }
            for one in settled
        ]
        names = ("state", "at", "attempts", "unsure", "message", "error", "held")
        columns = ("state", "next_at", "attempts", "unsure", "message_id", "last_error", "held")
        values = {c: bindparam(f"new_{n}", type_=_DELIVERIES.c[c].type) for c, n in zip(columns, names, strict=True)}
        await _update(session, values, rows)


async def recover(
    session: AsyncSession, now: dt.datetime, *, longest: dt.timedelta, living: Collection[int] = ()
) -> int:
    """After a start, or when the clock was set back: what was in flight is due again, and nothing waits too long.

    What `living` programs claimed stays theirs. Gives how many were in flight. They come last, so that the next crash
    does not meet the same ones again.
    """
    first = await session.scalar(select(func.min(DeliveryRow.next_at)).where(DeliveryRow.state == "pending"))
    last = min(first or now, now) - dt.timedelta(seconds=1)
    orphaned = (DeliveryRow.state == "sending", or_(DeliveryRow.owner.is_(None), DeliveryRow.owner.not_in(living)))
    flying = update(DeliveryRow).where(*orphaned).values(state="pending", next_at=last)
    count = int((await session.execute(flying)).rowcount)  # type: ignore[attr-defined]
    await release(session, now, longest=longest)
    return count


async def any_in_flight(session: AsyncSession, but: int) -> bool:
    """Whether any other program than this has claimed what is not settled yet."""
    theirs = (DeliveryRow.state == "sending", or_(DeliveryRow.owner.is_(None), DeliveryRow.owner != but))
    return await session.scalar(select(DeliveryRow.alert_id).where(*theirs).limit(1)) is not None


async def release(session: AsyncSession, now: dt.datetime, *, longest: dt.timedelta) -> None:
    """Has nothing wait longer than `longest` but for digests, quiet hours and Telegram's own word."""
    waits = (DeliveryRow.state == "pending", DeliveryRow.daily.is_(False), DeliveryRow.held.is_(False))
    stuck = and_(*waits, DeliveryRow.next_at > now + longest)
    ours = or_(DeliveryRow.last_error.is_(None), DeliveryRow.attempts > 0)
    await session.execute(update(DeliveryRow).where(stuck, ours).values(next_at=now))


async def find_delivery(session: AsyncSession, alert_id: int, chat_id: int) -> Delivery | None:
    """What the chat was sent for the alert."""
    chosen = _deliveries().where(DeliveryRow.alert_id == alert_id, DeliveryRow.chat_id == chat_id).limit(1)
    row = (await session.execute(chosen)).first()
    return _delivery(row) if row else None


async def queue(session: AsyncSession, now: dt.datetime) -> Queue:
    """How much waits."""
    open_or_bad = DeliveryRow.state.in_((*_OPEN, "dead", "expired"))  # those that were sent are too many to count
    counts = select(DeliveryRow.state, func.count()).where(open_or_bad).group_by(DeliveryRow.state)
    states = dict((await session.execute(counts)).all())
    due = select(func.count(), func.min(DeliveryRow.next_at))
    due = due.where(DeliveryRow.state == "pending", DeliveryRow.next_at <= now)
    number, oldest = (await session.execute(due)).one()
    unmade = select(func.count()).select_from(AlertRow).where(AlertRow.fanned_out_at.is_(None))
    pending = sum(states.get(state, 0) for state in _OPEN) + (await session.scalar(unmade) or 0)
    return Queue(pending, number, states.get("dead", 0), oldest, states)


async def purge(session: AsyncSession, now: dt.datetime) -> None:
    """Forgets what was settled long ago."""
    before = now - _KEPT
    old = delete(DeliveryRow).where(DeliveryRow.state.not_in(_OPEN), DeliveryRow.next_at < before)
    await session.execute(old)
    left = select(DeliveryRow.alert_id).where(DeliveryRow.alert_id == AlertRow.id).exists()
    await session.execute(delete(AlertRow).where(AlertRow.fanned_out_at < before, ~left))


def _deliveries() -> Any:
    return select(*DeliveryRow.__table__.columns, AlertRow.article_id, AlertRow.version).join(
        AlertRow, AlertRow.id == DeliveryRow.alert_id
    )


def _delivery(row: Any) -> Delivery:
    quote = row.content["quote"]
    return Delivery(
        row.alert_id,
        row.chat_id,
        row.topic,
        row.article_id,
        row.version,
        row.daily,
        row.held,
        row.attempts,
        row.unsure,
        row.expires_at,
        tuple(row.content["subscriptions"]),
        place_in(quote) if quote else None,
        row.content.get("was"),
    )


async def _set(session: AsyncSession, keys: Sequence[Key], values: dict[str, Any]) -> None:
    if keys:
        await _update(session, values, [_key(key) for key in keys])


async def _update(session: AsyncSession, values: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """One statement for many rows, each found by its primary key."""
    columns = _DELIVERIES.c
    this = and_(*(columns[name] == bindparam(f"at_{name}") for name in ("alert_id", "chat_id", "topic")))
    connection = await session.connection()
    await connection.execute(update(_DELIVERIES).where(this).values(values), rows)


def _key(key: Key) -> dict[str, Any]:
    return dict(zip(("at_alert_id", "at_chat_id", "at_topic"), key, strict=True))
