"""How a chat wants its alerts: time zone, quiet hours, hour of the digest, mute; and so when to send."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ChatRow, DeliveryRow

DIGEST_HOUR = 8
_OFFSET = re.compile(r"(?:UTC|GMT)(?:([+\-−])(\d{1,2})(?::?([03]0|45|15))?)?", re.IGNORECASE)


@dataclass(frozen=True)
class ChatSettings:
    """What a chat chose. Hours are of its own clock, 0 to 23."""

    timezone: str = "UTC"  # IANA name or "UTC+3"
    quiet_from: int | None = None  # quiet until `quiet_until`; null: never
    quiet_until: int | None = None
    digest_hour: int = DIGEST_HOUR
    muted_until: dt.datetime | None = None

    def held_until(self, now: dt.datetime) -> dt.datetime | None:
        """When alerts may be sent again; None: now."""
        muted = self.muted_until if self.muted_until and self.muted_until > now else None
        start, end = self.quiet_from, self.quiet_until
        hour = now.astimezone(zone(self.timezone)).hour
        quiet = None
        if start is not None and end is not None and (hour - start) % 24 < (end - start) % 24:
            quiet = self._next(now, end)
        return max(filter(None, (muted, quiet)), default=None)

    def next_digest(self, now: dt.datetime) -> dt.datetime:
        """When the next daily digest is sent."""
        return self._next(now, self.digest_hour)

    def _next(self, now: dt.datetime, hour: int) -> dt.datetime:
        """The next time that it is that hour there."""
        there = now.astimezone(zone(self.timezone))
        for day in (0, 1, 2):
            date = there.date() + dt.timedelta(day)
            at = dt.datetime.combine(date, dt.time(hour), there.tzinfo).astimezone(dt.UTC)
            if at > now:
                return at
        raise AssertionError("no day is longer than 48 hours")


def zone(name: str) -> dt.tzinfo:
    """The time zone; UTC for a name that this machine does not know."""
    return find_zone(name) or dt.UTC


def find_zone(name: str) -> dt.tzinfo | None:
    """The time zone of an IANA name ("Europe/Berlin") or an offset ("UTC+3")."""
    if match := _OFFSET.fullmatch(name.strip()):
        offset = dt.timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
        return dt.timezone(-offset if match[1] in ("-", "−") else offset) if offset.days < 1 else None
    try:
        return zoneinfo.ZoneInfo(name.strip())
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return None


async def find_settings(session: AsyncSession, chat_id: int) -> ChatSettings:
    """The chat's settings; the usual ones where it chose none."""
    row = await session.get(ChatRow, chat_id)
    return settings_of(row) if row else ChatSettings()


async def find_many(session: AsyncSession, chats: Collection[int]) -> dict[int, ChatSettings]:
    """The settings of those of the chats that chose any."""
    return {row.id: settings_of(row) for row in await session.scalars(select(ChatRow).where(ChatRow.id.in_(chats)))}


def settings_of(row: Any) -> ChatSettings:
    """The settings in a row that has the columns."""
    chosen = {field.name: getattr(row, field.name) for field in fields(ChatSettings)}
    return ChatSettings(**{name: value for name, value in chosen.items() if value is not None})


async def change_settings(session: AsyncSession, chat_id: int, now: dt.datetime, **changes: Any) -> None:
    """Changes some of the chat's settings; what waits for it is sent by the new ones."""
    row = await session.get(ChatRow, chat_id)
    if row is None:
        row = ChatRow(id=chat_id)
        session.add(row)
    for name, value in changes.items():
        setattr(row, name, value)
    settings = settings_of(row)
    waiting = update(DeliveryRow).where(DeliveryRow.chat_id == chat_id, DeliveryRow.state == "pending")
    at = {False: now, True: settings.next_digest(now)}
    for daily, when in at.items():
        await session.execute(waiting.where(DeliveryRow.daily == daily).values(next_at=when))
