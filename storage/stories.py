"""Stories: articles that tell the same, being copies of one dispatch, cut, extended or rewritten word by word.

Copies are found by MinHash over pairs of neighbouring words (Broder 1997, "On the resemblance and containment of
documents"), in bands (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3) kept as a table, so
that any number of articles needs no memory; and then compared word by word.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from zlib import crc32

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from retrieval.types import Article, PartialDate
from storage.articles import FINDABLE, find_articles
from storage.identity import normalised
from storage.models import ArticleRow, StoryBandRow

# Of pairs of articles with that share of pairs of words in common, 0.5: 80 %, 0.6: 94 %, 0.8: all share a band;
# 0.2: 9 %, 0.1: 1 %.
_BANDS, _ROWS = 12, 3
_LEAST = 20  # pairs of words, about two sentences: shorter articles are alike by chance
_ALIKE = 0.5  # share of the pairs in either that are in both
_PART = 0.8  # share of the shorter one's that are in the longer: an article cut short
_NEAR_DAYS = 3  # between the dates of copies; the same bulletin of another day is another story
_CANDIDATES = 20  # articles compared with one, at most
_QUERY = 500  # values to one query

_NUMBER = re.compile(r"\d+")


async def group_stories(session: AsyncSession, articles: Sequence[Article]) -> None:
    """Finds the stories of articles just stored or corrected: each joins the story of an earlier copy, if any."""
    if not articles:
        return
    bands = await asyncio.to_thread(_bands_of, articles)
    await _store(session, bands)
    pairs = await _candidates(session, bands)
    if not pairs:
        return
    own = {article.id: article for article in articles}
    others = {other for found in pairs.values() for other in found} - own.keys()
    own |= {article.id: article for article in await find_articles(session, sorted(others))}
    words = {number: _pairs(article) for number, article in own.items()}
    stories = await _stories(session, own)
    before = dict(stories)
    for number, found in sorted(pairs.items()):
        for other in found:
            if other not in own or stories[number] == stories[other]:
                continue
            if _same_story(own[number], own[other], words[number], words[other]):
                joined = {stories[number], stories[other]}
                stories |= {member: min(joined) for member, story in stories.items() if story in joined}
    for story in {story for number, story in stories.items() if story != before[number]}:
        parts = {before[number] for number, now in stories.items() if now == story}
        which = or_(ArticleRow.story_id.in_(parts), ArticleRow.id.in_(parts))
        await session.execute(update(ArticleRow).where(which).values(story_id=story))


async def story_of(session: AsyncSession, article_id: int) -> list[Article]:
    """The articles of the article's story that can be found, itself too, the earliest (by date, then seen) first."""
    story = await session.scalar(select(ArticleRow.story_id).where(ArticleRow.id == article_id))
    which = ArticleRow.id == article_id if story is None else ArticleRow.story_id == story
    ids = list(await session.scalars(select(ArticleRow.id).where(which, FINDABLE)))
    return sorted(await find_articles(session, ids), key=_earliest)


async def copies(session: AsyncSession) -> dict[int, int]:
    """For each article that has any: how many others of its story can be found."""
    told = select(ArticleRow.story_id, func.count().label("n")).where(FINDABLE).group_by(ArticleRow.story_id).subquery()
    several = select(ArticleRow.id, told.c.n - 1).join(told, told.c.story_id == ArticleRow.story_id)
    return dict((await session.execute(several.where(told.c.n > 1, FINDABLE))).all())


def _earliest(article: Article) -> tuple[str, str, int]:
    day = article.date.full if article.date else None
    return day.isoformat() if day else "9999", article.first_seen.isoformat() if article.first_seen else "", article.id


def _bands_of(articles: Sequence[Article]) -> dict[int, list[int]]:
    """By article, the hashes of its bands; none for a short one."""
    from datasketch import MinHash  # takes half a second to load

    empty = MinHash(_BANDS * _ROWS, hashfunc=crc32, scheme="affine32")
    found: dict[int, list[int]] = {}
    for article in articles:
        pairs = _pairs(article)
        if len(pairs) < _LEAST:
            found[article.id] = []
            continue
        sketch = empty.copy()
        sketch.update_batch([pair.encode() for pair in pairs])
        rows = [sketch.hashvalues[start : start + _ROWS].tobytes() for start in range(0, _BANDS * _ROWS, _ROWS)]
        digests = (blake2b(row, digest_size=8, salt=bytes([band])) for band, row in enumerate(rows))
        found[article.id] = [int.from_bytes(digest.digest(), signed=True) for digest in digests]
    return found


def _pairs(article: Article) -> set[str]:
    """The pairs of neighbouring words in its paragraphs."""
    found: set[str] = set()
    for paragraph in article.paragraphs:
        words = normalised(paragraph.text).split()
        found.update(map(" ".join, pairwise(words)))
    return found


def _same_story(one: Article, other: Article, words: Collection[str], others: Collection[str]) -> bool:
    if min(len(words), len(others)) < _LEAST or _days_apart(one.date, other.date) > _NEAR_DAYS:
        return False
    common = len(set(words) & set(others))
    if common < _ALIKE * (len(words) + len(others) - common) and common < _PART * min(len(words), len(others)):
        return False
    # Bulletins of rates and weather differ in nothing but their numbers.
    figures, other_figures = (set(_NUMBER.findall(" ".join(found))) for found in (words, others))
    shared = len(figures & other_figures)
    return min(len(figures), len(other_figures)) < 3 or shared >= _ALIKE * min(len(figures), len(other_figures))


def _days_apart(one: PartialDate | None, other: PartialDate | None) -> int:
    """0 where either does not name its day."""
    first, second = one and one.full, other and other.full
    return abs((first - second).days) if first and second else 0


async def _store(session: AsyncSession, bands: Mapping[int, Sequence[int]]) -> None:
    ids = list(bands)
    for start in range(0, len(ids), _QUERY):
        await session.execute(delete(StoryBandRow).where(StoryBandRow.article_id.in_(ids[start : start + _QUERY])))
    rows = [{"band": band, "article_id": number} for number, found in bands.items() for band in found]
    if rows:
        await session.execute(insert(StoryBandRow), rows)


async def _candidates(session: AsyncSession, bands: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    """By article, the earlier ones that share a band with it, those that share most first."""
    holders: dict[int, list[int]] = defaultdict(list)
    values = sorted({band for found in bands.values() for band in found})
    for start in range(0, len(values), _QUERY):
        chosen = StoryBandRow.band.in_(values[start : start + _QUERY])
        for band, number in await session.execute(select(StoryBandRow.band, StoryBandRow.article_id).where(chosen)):
            holders[band].append(number)
    pairs = {}
    for number, found in bands.items():
        shared: dict[int, int] = defaultdict(int)
        for band in found:
            for other in holders[band]:
                shared[other] += other < number
        best = sorted((other for other, times in shared.items() if times), key=lambda other: (-shared[other], other))
        if best:
            pairs[number] = best[:_CANDIDATES]
    return pairs


async def _stories(session: AsyncSession, ids: Collection[int]) -> dict[int, int]:
    """The articles' stories; one that is alone is its own."""
    found: dict[int, int] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _QUERY):
        chosen = ArticleRow.id.in_(wanted[start : start + _QUERY])
        for number, story in await session.execute(select(ArticleRow.id, ArticleRow.story_id).where(chosen)):
            found[number] = story or number
    return found
