"""Doing what plan.py decided, inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, Table, delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import Article
from storage.codec import ARTICLE_COLUMNS, decode_article, encode_article
from storage.models import ArticleRow, ArticleVersionRow, OriginRow, QuotationRow, SourceRow, StateRow
from storage.people import speaker_key
from storage.plan import Action, Add, Join, Known, Note, Read, Revise, Stored
from storage.stories import group_stories

# Many rows are inserted by table: by class, rows are sent in groups that have the same columns null.
_ARTICLES, _ORIGINS, _QUOTATIONS = (cast(Table, row.__table__) for row in (ArticleRow, OriginRow, QuotationRow))


@dataclass(frozen=True)
class Saved:
    """What a transaction changed."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    new: tuple[Article, ...] = ()  # those of the added that were never stored before


async def source_id(session: AsyncSession, address: str) -> int:
    """The source's id; a new one is written down."""
    found = await session.scalar(select(SourceRow.id).where(SourceRow.address == address))
    if found is None:
        found = (await session.execute(insert(SourceRow).values(address=address).returning(SourceRow.id))).scalar_one()
    return found


async def was_read(session: AsyncSession, source: int) -> bool:
    """Whether the source has been read to the end before."""
    return await session.scalar(select(SourceRow.last_read_at).where(SourceRow.id == source)) is not None


async def note_health(session: AsyncSession, source: int, now: dt.datetime, error: str | None) -> None:
    """Remembers how the source's last reading went."""
    values: dict[str, Any] = {"last_error": error} if error else {"last_error": None, "last_read_at": now}
    await session.execute(update(SourceRow).where(SourceRow.id == source).values(**values))


async def find_known(session: AsyncSession, source: int, keys: Collection[str]) -> dict[str, Known]:
    """What is stored of the origins, by key; of those seen in several sources, what this source saw comes first."""
    rows = await session.execute(
        select(
            OriginRow.key,
            OriginRow.source_id,
            OriginRow.id,
            OriginRow.article_id,
            OriginRow.content_hash,
            ArticleRow.lead_key == OriginRow.key,
            OriginRow.gone_at.is_not(None),
            ArticleRow.hidden_at.is_not(None),
            ArticleRow.reader_version,
        )
        .join(ArticleRow, ArticleRow.id == OriginRow.article_id)
        .where(OriginRow.key.in_(keys))
        .order_by(OriginRow.id)
    )
    known: dict[str, Known] = {}
    for key, seen_in, origin, *rest in rows:
        if seen_in == source or key not in known:
            known[key] = Known(origin if seen_in == source else None, *rest)  # type: ignore[arg-type]
    return known


async def find_stored(session: AsyncSession, reads: Sequence[Read], known: Mapping[str, Known]) -> list[Stored]:
    """The articles that `plan.plan` asks for."""
    unknown = [read for read in reads if read.key not in known]
    wanted = or_(
        ArticleRow.id.in_({known[read.key].article_id for read in reads if read.key in known}),
        ArticleRow.text_hash.in_({read.text_hash for read in unknown}),
        ArticleRow.url_key.in_({read.url_key for read in unknown if read.url_key}),
    )
    columns = (ArticleRow.text_hash, ArticleRow.url_key, ArticleRow.hidden_at)
    rows = (await session.execute(_articles(*columns).where(wanted).order_by(ArticleRow.id))).all()
    sources: dict[int, set[int]] = {row.id: set() for row in rows}
    living = select(OriginRow.article_id, OriginRow.source_id).where(
        OriginRow.article_id.in_(sources), OriginRow.gone_at.is_(None)
    )
    for article_id, source in await session.execute(living):
        sources[article_id].add(source)
    return [
        Stored(
            decode_article(row[:-3]), row.text_hash, row.url_key, row.hidden_at is not None, frozenset(sources[row.id])
        )
        for row in rows
    ]


async def find_held(session: AsyncSession, source: int) -> AsyncIterator[str]:
    """The keys of all that the source held when it was last read."""
    last = 0
    held = select(OriginRow.id, OriginRow.key).where(OriginRow.source_id == source, OriginRow.gone_at.is_(None))
    while rows := (await session.execute(held.where(OriginRow.id > last).order_by(OriginRow.id).limit(5000))).all():
        last = rows[-1].id
        for row in rows:
            yield row.key


async def find_outdated(session: AsyncSession, reader_version: int, limit: int) -> list[Article]:
    """Articles that an older reader has read, hidden ones too."""
    outdated = _articles().where(ArticleRow.reader_version < reader_version).order_by(ArticleRow.id).limit(limit)
    return [decode_article(row) for row in await session.execute(outdated)]


async def save(
    session: AsyncSession, source: int, actions: Sequence[Action], now: dt.datetime, reader_version: int
) -> Saved:
    """Carries out a plan."""
    additions = [action for action in actions if isinstance(action, Add)]
    revisions = [action for action in actions if isinstance(action, Revise)]
    shown = [action for action in revisions if action.differs or action.stored.hidden]
    number = await _next_change(session) if additions or shown else 0
    ids: dict[int, int] = {}  # of an Add, by its place in memory
    origins: list[dict[str, Any]] = []

    def found(read: Read, article_id: int) -> None:
        origins.append(_origin(source, read.key, article_id, read.content_hash))

    if additions:
        # Numbered here (one writes at a time): SQLite gives back the numbers of many new rows only one by one.
        last = await session.scalar(select(func.max(ArticleRow.id))) or 0
        ids = {id(add): last + place for place, add in enumerate(additions, start=1)}
        rows = [
            _columns(add.read, add.read.article, reader_version)
            | {"id": ids[id(add)], "change": number, "version": 1, "hidden_at": None, "first_seen_at": now}
            for add in additions
        ]
        await session.execute(insert(_ARTICLES), rows)
    added = [add.read.article.with_id(ids[id(add)], now) for add in additions]
    for action in actions:
        match action:
            case Add():
                found(action.read, ids[id(action)])
            case Join():
                found(action.read, action.article_id or ids[id(action.earlier)])
            case Note():
                if action.known.origin_id is None:
                    origins.append(_origin(source, action.key, action.known.article_id, action.content_hash))
                else:
                    await _seen(session, action.known.origin_id, action.content_hash)
            case Revise():
                await _revise(session, action, number, now, reader_version)
                if action.origin_id is None:
                    found(action.read, action.article.id)
                else:
                    await _seen(session, action.origin_id, action.read.content_hash)
    if origins:
        await session.execute(insert(_ORIGINS), origins)
    changed = [*added, *(action.article for action in shown)]
    await index_quotations(session, changed)
    await group_stories(session, changed)
    back = sum(action.stored.hidden for action in shown)
    return Saved(len(added) + back, len(shown) - back, new=tuple(added))


async def save_reread(session: AsyncSession, pairs: Iterable[tuple[Article, Article]], reader_version: int) -> Saved:
    """Stores what a newer reader found: (the article as it was read again, and as it is now). What another process
    changed meanwhile is left alone; it is read again in its turn.
    """
    now = {before.id: (before, after) for before, after in pairs}
    rows = await session.execute(_articles(ArticleRow.hidden_at).where(ArticleRow.id.in_(now)))
    hidden = {row.id: row.hidden_at is not None for row in rows if now[row.id][0] == decode_article(row[:-1])}
    different = [after for before, after in now.values() if after.id in hidden and before != after]
    number = await _next_change(session) if different else 0
    for article in different:
        this = update(ArticleRow).where(ArticleRow.id == article.id)
        await session.execute(this.values(change=number, **encode_article(article)))
    done = update(ArticleRow).where(ArticleRow.id.in_(hidden))
    await session.execute(done.values(reader_version=reader_version))
    findable = [after for _, after in now.values() if hidden.get(after.id) is False]
    await index_quotations(session, findable)  # all: the speakers' keys may be made in a new way
    return Saved(updated=sum(not hidden[article.id] for article in different))


async def hide_gone(session: AsyncSession, keys: Collection[str], now: dt.datetime) -> Saved:
    """Notes that the places are gone: articles found nowhere else are hidden, others follow another place."""
    ids = set(await session.scalars(select(OriginRow.article_id).where(OriginRow.key.in_(keys))))
    await session.execute(
        update(OriginRow).where(OriginRow.key.in_(keys), OriginRow.gone_at.is_(None)).values(gone_at=now)
    )
    others: dict[int, str] = {}
    living = select(OriginRow.article_id, OriginRow.key).where(
        OriginRow.article_id.in_(ids), OriginRow.gone_at.is_(None)
    )
    for article_id, key in await session.execute(living.order_by(OriginRow.id)):
        others.setdefault(article_id, key)
    for article_id, key in others.items():
        leads = select(ArticleRow.lead_key).where(ArticleRow.id == article_id)
        if await session.scalar(leads) in keys:
            await session.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(lead_key=key))
            # What it says is read at the next load, though it has not changed.
            await session.execute(update(OriginRow).where(OriginRow.key == key).values(content_hash=""))
    findable = select(ArticleRow.id).where(ArticleRow.id.in_(ids - others.keys()), ArticleRow.hidden_at.is_(None))
    hidden = list(await session.scalars(findable))
    if hidden:
        number = await _next_change(session)
        gone = update(ArticleRow).where(ArticleRow.id.in_(hidden))
        await session.execute(gone.values(hidden_at=now, change=number))
        await session.execute(delete(QuotationRow).where(QuotationRow.article_id.in_(hidden)))
    return Saved(removed=len(hidden))


async def index_quotations(session: AsyncSession, articles: Sequence[Article]) -> None:
    """Makes the rows of the articles' named speakers anew."""
    ids = [article.id for article in articles]
    if not ids:
        return
    await session.execute(delete(QuotationRow).where(QuotationRow.article_id.in_(ids)))
    rows = [
        {
            "article_id": article.id,
            "number": number,
            "speaker_key": speaker_key(quotation.speaker.name),
            "speaker_name": quotation.speaker.name,
            "speaker_role": quotation.speaker.role,
        }
        for article in articles
        for number, quotation in enumerate(article.quotes)
        if quotation.speaker is not None and quotation.speaker.name
    ]
    if rows:
        await session.execute(insert(_QUOTATIONS), rows)


async def _revise(session: AsyncSession, action: Revise, number: int, now: dt.datetime, reader_version: int) -> None:
    article = action.article
    this = ArticleRow.id == article.id
    values: dict[str, Any] = {"lead_key": action.read.key, "reader_version": reader_version}
    if action.differs:
        values |= _columns(action.read, article, reader_version)
    if action.differs or action.stored.hidden:
        values |= {"change": number, "hidden_at": None}
    if action.corrects:
        columns = (ArticleRow.title, ArticleRow.date, ArticleRow.content)
        old = select(ArticleRow.id, ArticleRow.version, literal(now, OriginRow.gone_at.type), *columns).where(this)
        kept = ("article_id", "version", "superseded_at", "title", "date", "content")
        await session.execute(insert(ArticleVersionRow).from_select(kept, old))
        values["version"] = ArticleRow.version + 1
    await session.execute(update(ArticleRow).where(this).values(**values))


async def _seen(session: AsyncSession, origin_id: int, content_hash: str) -> None:
    seen = update(OriginRow).where(OriginRow.id == origin_id)
    await session.execute(seen.values(content_hash=content_hash, gone_at=None))


def _columns(read: Read, article: Article, reader_version: int) -> dict[str, Any]:
    return encode_article(article) | {
        "lead_key": read.key,
        "text_hash": read.text_hash,
        "url_key": read.url_key,
        "reader_version": reader_version,
    }


def _origin(source: int, key: str, article_id: int, content_hash: str) -> dict[str, Any]:
    return {"source_id": source, "key": key, "article_id": article_id, "content_hash": content_hash, "gone_at": None}


async def _next_change(session: AsyncSession) -> int:
    row = await session.get_one(StateRow, "change")
    number = int(row.value) + 1
    row.value = str(number)
    return number


def _articles(*more: Any) -> Select[tuple[Any, ...]]:
    return select(*(getattr(ArticleRow, name) for name in ARTICLE_COLUMNS), *more)
