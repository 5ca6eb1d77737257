"""People: who is quoted in the articles that can be found, and where."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.reading.names import group_names, same_person
from retrieval.types import Article, Quotation
from storage.articles import find_articles
from storage.identity import normalised
from storage.models import ArticleRow, QuotationRow


@dataclass(frozen=True)
class SpeakerEntry:
    """One who is quoted. `name`, `role`: as last printed."""

    name: str
    role: str | None
    quotes: int


@dataclass(frozen=True)
class Person:
    """One who is quoted, under every spelling of the name."""

    name: str  # the fullest
    names: tuple[str, ...]
    keys: tuple[str, ...]
    quotes: int

    def answers_to(self, name: str) -> bool:
        """Whether the name may mean this person: by surname, and no first name against it; across scripts."""
        return same_person(name, self.name)


def speaker_key(name: str) -> str:
    """The same text for spellings of one name: case, marks and ё apart."""
    return normalised(name).replace("ё", "е")[:200]


async def everyone(session: AsyncSession) -> tuple[Person, ...]:
    """All who are quoted, the most quoted first, then by name; "Berg", "Ada Berg" and «Берг» are one, if one fits."""
    columns = (QuotationRow.speaker_name, QuotationRow.speaker_key, func.count())
    chosen = select(*columns).where(QuotationRow.speaker_key.is_not(None)).group_by(*columns[:2])
    rows = [(name or "", key, number) for name, key, number in await session.execute(chosen)]
    return await asyncio.to_thread(_people, rows)


def _people(rows: Sequence[tuple[str, str, int]]) -> tuple[Person, ...]:
    fullest = group_names(name for name, _, number in rows for _ in range(number))
    groups: dict[str, list[tuple[str, str, int]]] = {}
    for row in rows:
        groups.setdefault(fullest[row[0]], []).append(row)
    people = (
        Person(
            name,
            tuple(dict.fromkeys(row[0] for row in group)),
            tuple(dict.fromkeys(row[1] for row in group)),
            sum(row[2] for row in group),
        )
        for name, group in groups.items()
    )
    return tuple(sorted(people, key=lambda person: (-person.quotes, person.name)))


async def with_roles(session: AsyncSession, people: Sequence[Person]) -> list[SpeakerEntry]:
    """The people as entries of a list, each with the role last printed."""
    keys = [key for person in people for key in person.keys]
    columns = (QuotationRow.speaker_key, QuotationRow.speaker_role)
    chosen = select(*columns).where(QuotationRow.speaker_key.in_(keys), QuotationRow.speaker_role.is_not(None))
    newest = chosen.order_by(QuotationRow.article_id.desc(), QuotationRow.number)
    roles: dict[str, str] = {}
    owner = {key: person.name for person in people for key in person.keys}
    for key, role in await session.execute(newest):
        roles.setdefault(owner[key], role or "")
    return [SpeakerEntry(p.name, roles.get(p.name), p.quotes) for p in people]


async def where_quoted(session: AsyncSession, limit: int = 10) -> dict[str, tuple[int, ...]]:
    """The names of those most quoted, each with an article and the number of their quotation in it."""
    most = (await everyone(session))[:limit]
    owner = {key: person.name for person in most for key in person.keys}
    columns = (QuotationRow.speaker_key, QuotationRow.article_id, QuotationRow.number)
    chosen = select(*columns).where(QuotationRow.speaker_key.in_(list(owner)))
    rows = await session.execute(chosen.order_by(QuotationRow.article_id, QuotationRow.number.desc()))
    places = {owner[key]: (article_id, number) for key, article_id, number in rows}
    return {person.name: places[person.name] for person in most}


async def quotes_of(
    session: AsyncSession, keys: Sequence[str], limit: int = 5, offset: int = 0
) -> list[tuple[Article, Quotation]]:
    """What the speaker said, by the article's date, newest first; where the year or the date is not stated, last.

    `keys`: of all spellings of the name, from `speaker_key`.
    """
    said = (
        select(QuotationRow.article_id, QuotationRow.number)
        .join(ArticleRow, ArticleRow.id == QuotationRow.article_id)
        .where(QuotationRow.speaker_key.in_(keys))
        .order_by(
            *(
                column.desc().nulls_last()
                for column in (ArticleRow.year, ArticleRow.month, ArticleRow.day, ArticleRow.id)
            ),
            QuotationRow.number,
        )
    )
    places = (await session.execute(said.limit(limit).offset(offset))).all()
    articles = {article.id: article for article in await find_articles(session, [place[0] for place in places])}
    return [(articles[article_id], articles[article_id].quotes[number]) for article_id, number in places]
