"""Articles: reading what is stored. Hidden and superseded ones are never given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import Article
from storage.codec import ARTICLE_COLUMNS, decode_article
from storage.models import ArticleRow, QuotationRow, StateRow

CHUNK = 100  # articles fetched and decoded between two turns of the event loop: some 10 ms
FINDABLE: ColumnElement[bool] = ArticleRow.hidden_at.is_(None)
_COLUMNS = tuple(getattr(ArticleRow, name) for name in ARTICLE_COLUMNS)


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
    fingerprint: str  # of the state after them


async def find_article(session: AsyncSession, article_id: int) -> Article | None:
    """The article, or None when there is none that can be found."""
    found = await find_articles(session, [article_id])
    return found[0] if found else None


async def find_articles(session: AsyncSession, ids: Sequence[int]) -> list[Article]:
    """The articles that can be found, in the order of `ids`, each once."""
    wanted = list(dict.fromkeys(ids))
    found: dict[int, Article] = {}
    for start in range(0, len(wanted), CHUNK):
        chosen = ArticleRow.id.in_(wanted[start : start + CHUNK])
        for row in await session.execute(_select().where(chosen, FINDABLE)):
            found[row.id] = decode_article(row)
    return [found[article_id] for article_id in wanted if article_id in found]


async def latest(session: AsyncSession, limit: int = 5, offset: int = 0) -> list[Article]:
    """The newest articles, by when they were first seen, then by id."""
    newest = _select().where(FINDABLE).order_by(ArticleRow.first_seen_at.desc(), ArticleRow.id.desc())
    return [decode_article(row) for row in await session.execute(newest.limit(limit).offset(offset))]


async def stream_articles(session: AsyncSession) -> AsyncIterator[list[Article]]:
    """Every article that can be found, by id, in lists of up to `CHUNK`."""
    last = 0
    while rows := await _page(session, FINDABLE, last):
        last = rows[-1].id
        yield [decode_article(row) for row in rows]


async def count(session: AsyncSession) -> Counts:
    """How much can be found. Until near-duplicates are grouped, each article is a story."""
    totals = (
        await session.execute(
            select(
                func.count(),
                func.coalesce(func.sum(ArticleRow.paragraph_count), 0),
                func.coalesce(func.sum(ArticleRow.quote_count), 0),
            ).where(FINDABLE)
        )
    ).one()
    speakers = await session.scalar(select(func.count(QuotationRow.speaker_key.distinct())))
    articles, paragraphs, quotes = (int(number) for number in totals)
    return Counts(articles, paragraphs, quotes, speakers or 0, articles, await _dates(session))


async def fingerprint(session: AsyncSession) -> str:
    """A short text that is another one after every change of what can be found, and in every other database."""
    rows = (await session.execute(select(StateRow.name, StateRow.value))).all()
    values = {row.name: row.value for row in rows}
    return f"{values['database']}:{values['change']}"


async def changes_since(session: AsyncSession, known: str) -> AsyncIterator[Changes] | None:
    """What changed since the fingerprint was `known`, in parts; None when it is of another database: begin anew."""
    now = await fingerprint(session)
    database, _, number = known.rpartition(":")
    if database != now.rpartition(":")[0] or not number.isdecimal():
        return None
    return _changes(session, int(number), now)


async def _changes(session: AsyncSession, number: int, now: str) -> AsyncIterator[Changes]:
    last = 0
    while rows := await _page(session, ArticleRow.change > number, last, ArticleRow.hidden_at):
        last = rows[-1].id
        shown = tuple(decode_article(row[:-1]) for row in rows if row.hidden_at is None)
        yield Changes(shown, tuple(row.id for row in rows if row.hidden_at is not None), now)


async def _page(session: AsyncSession, which: ColumnElement[bool], last: int, *more: object) -> Sequence[Row[object]]:
    chosen = select(*_COLUMNS, *more).where(which, ArticleRow.id > last)
    return (await session.execute(chosen.order_by(ArticleRow.id).limit(CHUNK))).all()


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
