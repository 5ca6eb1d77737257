"""The sources that are followed: how it stands with each, and what each has said of its articles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ArticleRow, EntryRow, OriginRow, SourceRow
from storage.saving import source_id
from storage.schedule import Schedule

_DAYS = 7  # over which articles a day are counted
_KEYS = 500  # to one query


@dataclass(frozen=True)
class Source:
    """A source as stored. `id` 0: not stored yet."""

    address: str
    id: int = 0
    kind: str | None = None
    schedule: Schedule = field(default_factory=Schedule)
    etag: str | None = None
    last_modified: str | None = None
    listed: int = 0  # articles named when it was last read to the end
    ttl_s: int = 0  # it asked then not to be looked at more often
    known: bool = False  # read to the end before


@dataclass(frozen=True)
class SourceHealth:
    """How a followed source does, for the people who run it."""

    address: str
    kind: str | None  # "feed", "sitemap", "page", "files"; null: not looked at yet
    articles: int  # findable, found there
    per_day: float  # new ones a day, in the last week
    last_success: dt.datetime | None
    error: str | None  # of the last look; null: it went well
    failures: int  # since the last success
    off_since: dt.datetime | None  # not looked at any more


@dataclass(frozen=True)
class Known:
    """What is stored of a listing's entry."""

    mark: str
    whole: bool
    tries: int
    retry_at: dt.datetime | None


async def find_sources(session: AsyncSession, addresses: Collection[str]) -> dict[str, Source]:
    """The stored sources of these addresses, by address."""
    rows = await session.scalars(select(SourceRow).where(SourceRow.address.in_(addresses)))
    return {row.address: _source(row) for row in rows}


async def followed(session: AsyncSession, configured: Sequence[str]) -> list[Source]:
    """The configured sources and those added by command, less those removed by command."""
    mine = or_(SourceRow.added_at.is_not(None), SourceRow.address.in_(configured))
    rows = {row.address: row for row in await session.scalars(select(SourceRow).where(mine).order_by(SourceRow.id))}
    return [
        _source(rows[address]) if address in rows else Source(address)
        for address in dict.fromkeys([*configured, *rows])
        if address not in rows or rows[address].removed_at is None
    ]


async def list_sources(session: AsyncSession, configured: Sequence[str], now: dt.datetime) -> list[SourceHealth]:
    """How each followed source does."""
    addresses = [source.address for source in await followed(session, configured)]
    rows = {
        row.address: row for row in await session.scalars(select(SourceRow).where(SourceRow.address.in_(addresses)))
    }
    week = ArticleRow.first_seen_at >= now - dt.timedelta(days=_DAYS)
    found = (
        select(
            OriginRow.source_id,
            func.count(ArticleRow.id.distinct()),
            func.count(ArticleRow.id.distinct()).filter(week),
        )
        .join(ArticleRow, ArticleRow.id == OriginRow.article_id)
        .where(OriginRow.source_id.in_([row.id for row in rows.values()]), ArticleRow.hidden_at.is_(None))
        .group_by(OriginRow.source_id)
    )
    counts = {source: (articles, new) for source, articles, new in await session.execute(found)}
    health = []
    for address in addresses:
        row = rows.get(address) or SourceRow(address=address, failures=0)
        articles, new = counts.get(row.id, (0, 0))
        health.append(
            SourceHealth(
                address,
                row.kind,
                articles,
                round(new / _DAYS, 1),
                row.last_read_at,
                row.last_error,
                row.failures,
                row.off_at,
            )
        )
    return health


async def save_source(
    session: AsyncSession, source: Source, *, now: dt.datetime | None = None, error: str | None = None
) -> None:
    """Stores how it stands with a source after a look; `now`, if it was read to the end."""
    schedule = source.schedule
    values: dict[str, Any] = {
        "kind": source.kind,
        "etag": source.etag,
        "last_modified": source.last_modified,
        "listed": source.listed,
        "ttl_s": source.ttl_s,
        "failures": schedule.failures,
        "failing_since": schedule.failing_since,
        "next_look_at": schedule.next_look_at,
        "off_at": schedule.off_at,
        "last_error": error,
        **({"last_read_at": now} if now else {}),
    }
    which = source.id or await source_id(session, source.address)
    await session.execute(update(SourceRow).where(SourceRow.id == which).values(**values))


async def add_source(session: AsyncSession, address: str, now: dt.datetime) -> None:
    """Follows the address from now on."""
    which = await source_id(session, address)
    fresh: dict[str, Any] = dict.fromkeys(("failing_since", "next_look_at", "off_at", "removed_at", "kind", "etag"))
    fresh["failures"] = 0
    await session.execute(update(SourceRow).where(SourceRow.id == which).values(added_at=now, **fresh))


async def remove_source(session: AsyncSession, address: str, configured: Sequence[str], now: dt.datetime) -> bool:
    """Follows the address no longer, even if it is configured; its articles stay. False when it was not followed."""
    if address not in [source.address for source in await followed(session, configured)]:
        return False
    which = await source_id(session, address)
    await session.execute(update(SourceRow).where(SourceRow.id == which).values(added_at=None, removed_at=now))
    return True


async def find_entries(session: AsyncSession, source: int, keys: Sequence[str]) -> dict[str, Known]:
    """What is stored of the source's entries, by key."""
    known: dict[str, Known] = {}
    for start in range(0, len(keys), _KEYS):
        chosen = EntryRow.key.in_(keys[start : start + _KEYS])
        for row in await session.scalars(select(EntryRow).where(EntryRow.source_id == source, chosen)):
            known[row.key] = Known(row.mark, row.whole, row.tries, row.retry_at)
    return known


async def save_entries(session: AsyncSession, source: int, entries: Mapping[str, Known]) -> None:
    """Stores what is now known of the entries, by key."""
    if entries:
        gone = delete(EntryRow).where(EntryRow.source_id == source, EntryRow.key.in_(list(entries)))
        await session.execute(gone)
        rows = [{"source_id": source, "key": key, **asdict(entry)} for key, entry in entries.items()]
        await session.execute(insert(EntryRow), rows)


async def any_retry_due(session: AsyncSession, source: int, now: dt.datetime) -> bool:
    """Whether a page that could not be read is to be tried again."""
    due = select(EntryRow.key).where(EntryRow.source_id == source, EntryRow.retry_at <= now).limit(1)
    return await session.scalar(due) is not None


def _source(row: SourceRow) -> Source:
    schedule = Schedule(row.failures, row.failing_since, row.next_look_at, row.off_at)
    known = row.kind is not None and row.last_read_at is not None
    return Source(row.address, row.id, row.kind, schedule, row.etag, row.last_modified, row.listed, row.ttl_s, known)
