"""People: who is quoted in the articles that can be found, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import Article, Quotation
from storage.articles import find_articles
from storage.identity import normalised
from storage.models import ArticleRow, QuotationRow


@dataclass(frozen=True)
class SpeakerEntry:
    """One who is quoted. `name`, `role`: as last printed."""

    key: str
    name: str
    role: str | None
    quotes: int


def speaker_key(name: str) -> str:
    """The same text for spellings of one name: case, marks and ё apart."""
    return normalised(name).replace("ё", "е")[:200]


async def speakers(
    session: AsyncSession, limit: int = 10, offset: int = 0, *, part: str | None = None
) -> list[SpeakerEntry]:
    """Those quoted (whose name has this `part`, when given), the most quoted first, then by name."""
    quotes = func.count()
    most = select(QuotationRow.speaker_key, quotes).group_by(QuotationRow.speaker_key)
    if part:
        most = most.where(QuotationRow.speaker_key.contains(speaker_key(part), autoescape=True))
    most = most.order_by(quotes.desc(), QuotationRow.speaker_key).limit(limit).offset(offset)
    counts = dict((await session.execute(most)).all())
    names: dict[str, str] = {}
    roles: dict[str, str] = {}
    chosen = select(QuotationRow.speaker_key, QuotationRow.speaker_name, QuotationRow.speaker_role)
    chosen = chosen.where(QuotationRow.speaker_key.in_(counts))
    for key, name, role in await session.execute(chosen.order_by(QuotationRow.article_id.desc(), QuotationRow.number)):
        names.setdefault(key, name)
        if role:
            roles.setdefault(key, role)
    return [SpeakerEntry(key, names[key], roles.get(key), number) for key, number in counts.items()]


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
