"""Articles: reading what is stored. Hidden and superseded ones are never given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import Article
from storage.codec import ARTICLE_COLUMNS, decode_article
from storage.models import ArticleRow, QuotationRow, StateRow

CHUNK = 100  # articles fetched and decoded between two turns of the event loop: some 10 ms
FINDABLE: ColumnElement[bool] = ArticleRow.hidden_at.is_(None)
# Of the table, not of its class, and made once: finding ten articles takes a ms less.
_TABLE = ArticleRow.__table__.c
_COLUMNS = tuple(_TABLE[name] for name in ARTICLE_COLUMNS)
_OF_IDS = select(*_COLUMNS).where(_TABLE.id.in_(bindparam("ids", expanding=True)), _TABLE.hidden_at.is_(None))


@dataclass(frozen=True)
class Counts:
    """How much is stored and findable. `dates`: the first and the last, EDTF; null when no article has a date."""

    articles: int
    paragraphs: int
    quotes: int
    speakers: int
    stories: int
    dates: tuple[str, str] | None


@dataclass(frozen=True)
class Changes:
    """What became different for a search index: articles as they are now, and the ids of those gone."""

    articles: tuple[Article, ...]
    removed: tuple[int, ...]
    fingerprint: str  # of an index that took these in, and all before


async def find_article(session: AsyncSession, article_id: int) -> Article | None:
    """The article, or None when there is none that can be found."""
    found = await find_articles(session, [article_id])
    return found[0] if found else None


async def find_articles(session: AsyncSession, ids: Sequence[int]) -> list[Article]:
    """The articles that can be found, in the order of `ids`, each once."""
    wanted = list(dict.fromkeys(ids))
    found: dict[int, Article] = {}
    for start in range(0, len(wanted), CHUNK):
        for row in await session.execute(_OF_IDS, {"ids": wanted[start : start + CHUNK]}):
            found[row.id] = decode_article(row)
    return [found[article_id] for article_id in wanted if article_id in found]


async def latest(session: AsyncSession, limit: int = 5, offset: int = 0) -> list[Article]:
    """The newest articles, by when they were first seen, then by id."""
    newest = _select().where(FINDABLE).order_by(ArticleRow.first_seen_at.desc(), ArticleRow.id.desc())
    return [decode_article(row) for row in await session.execute(newest.limit(limit).offset(offset))]


async def stream_articles(session: AsyncSession, newest: int | None = None) -> AsyncIterator[list[Article]]:
    """Every article that can be found, or the `newest` of them, by id, in lists of up to `CHUNK`."""
    last = 0
    if newest is not None:
        ids = select(ArticleRow.id).where(FINDABLE).order_by(ArticleRow.id.desc())
        last = await session.scalar(ids.offset(newest).limit(1)) or 0
    page = _select().where(FINDABLE).order_by(ArticleRow.id).limit(CHUNK)
    while rows := (await session.execute(page.where(ArticleRow.id > last))).all():
        last = rows[-1].id
        yield [decode_article(row) for row in rows]


async def count(session: AsyncSession) -> Counts:
    """How much can be found. Copies of one dispatch are one story."""
    totals = (
        await session.execute(
            select(
                func.count(),
                func.coalesce(func.sum(ArticleRow.paragraph_count), 0),
                func.coalesce(func.sum(ArticleRow.quote_count), 0),
                func.count(func.coalesce(ArticleRow.story_id, ArticleRow.id).distinct()),
            ).where(FINDABLE)
        )
    ).one()
    speakers = await session.scalar(select(func.count(QuotationRow.speaker_key.distinct())))
    articles, paragraphs, quotes, stories = (int(number) for number in totals)
    return Counts(articles, paragraphs, quotes, speakers or 0, stories, await _dates(session))


async def fingerprint(session: AsyncSession) -> str:
    """A short text that is another one after every change of what can be found, and in every other database."""
    rows = (await session.execute(select(StateRow.name, StateRow.value))).all()
    values = {row.name: row.value for row in rows}
    return f"{values['database']}:{values['change']}"


async def changes_since(session: AsyncSession, known: str) -> AsyncIterator[Changes] | None:
    """What changed since the fingerprint was `known`, in parts, oldest first; an index that took in the parts so far
    has the last one's fingerprint. None when `known` is of another database, or ahead of this one: begin anew.
    """
    database, _, number = (await fingerprint(session)).rpartition(":")
    known_database, _, known_number = known.rpartition(":")
    if known_database != database or not known_number.isdecimal() or int(known_number) > int(number):
        return None
    return _changes(session, database, int(known_number), int(number))


async def _changes(session: AsyncSession, database: str, known: int, number: int) -> AsyncIterator[Changes]:
    place = ArticleRow.change > known
    order = (ArticleRow.change, ArticleRow.id)
    whole = False
    while not whole:
        page = select(*_COLUMNS, ArticleRow.change, ArticleRow.hidden_at).where(place).order_by(*order).limit(CHUNK)
        rows = (await session.execute(page)).all()
        whole = len(rows) < CHUNK
        if rows:
            shown = tuple(decode_article(row[:-2]) for row in rows if row.hidden_at is None)
            removed = tuple(row.id for row in rows if row.hidden_at is not None)
            # A change may go on in the next part.
            reached = number if whole else max(known, rows[-1].change - 1)
            yield Changes(shown, removed, f"{database}:{reached}")
            last = rows[-1]
            further = and_(ArticleRow.change == last.change, ArticleRow.id > last.id)
            place = or_(ArticleRow.change > last.change, further)


async def _dates(session: AsyncSession) -> tuple[str, str] | None:
    """The first and last date; dates without a year only count when there are no others."""
    for which in (ArticleRow.year.is_not(None), ArticleRow.month.is_not(None)):
        dates = select(ArticleRow.date).where(which, FINDABLE)
        order = (ArticleRow.year, ArticleRow.month, ArticleRow.day)
        first = await session.scalar(dates.order_by(*order).limit(1))
        last = await session.scalar(dates.order_by(*(column.desc() for column in order)).limit(1))
        if first and last:
            return first, last
    return None


def _select() -> Select[tuple[object, ...]]:
    return select(*_COLUMNS)
