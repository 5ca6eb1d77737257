"""Articles lately quoted, at hand: reading ten of them from the database takes longer than choosing among them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from retrieval.types import Article
from storage.articles import find_articles
from storage.database import Database

_PARAGRAPHS = 50_000  # remembered, at most: some 40 MB; who was asked for longest ago is forgotten first
_PATIENCE_S = 0.2  # with a reading under way, before another begins beside it
_Read = asyncio.Task[dict[int, Article]]


class ArticleCache:
    """The articles that can be found, as of a state of the search index."""

    def __init__(self, database: Database, paragraphs: int = _PARAGRAPHS) -> None:
        self._database = database
        self._room = self._most = paragraphs
        self._articles: OrderedDict[int, Article] = OrderedDict()
        self._state = ""
        self._asked: set[int] = set()  # what the next reading reads
        self._next: _Read | None = None  # has not begun yet
        self._last: _Read | None = None  # has begun

    async def find(self, ids: Iterable[int], state: str) -> dict[int, Article]:
        """By id, those that can be found. `state`: the index's fingerprint now; with another one all is read anew."""
        if state != self._state:
            self._articles.clear()
            self._room, self._state = self._most, state
        wanted = dict.fromkeys(ids)
        found = {number: self._articles[number] for number in wanted if number in self._articles}
        for number in found:
            self._articles.move_to_end(number)
        if missing := [number for number in wanted if number not in found]:
            read = await self._together(missing)
            found |= {number: read[number] for number in missing if number in read}
        return found

    async def _together(self, missing: Sequence[int]) -> dict[int, Article]:
        """Those and others, read together with what others ask for, which costs less; alone when that fails."""
        asked = self._asked
        asked.update(missing)
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._read_next())
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())  # may be of no interest
        try:
            return await asyncio.shield(self._next)
        except Exception:
            if len(asked) == len(missing):
                raise
            return await self._read(missing)

    async def _read_next(self) -> dict[int, Article]:
        if self._last and not self._last.done():
            await asyncio.wait([self._last], timeout=_PATIENCE_S)
        asked, self._asked = self._asked, set()
        self._last, self._next = self._next, None
        return await self._read(sorted(asked))

    async def _read(self, ids: Sequence[int]) -> dict[int, Article]:
        state = self._state
        async with self._database.reading() as session:
            read = await find_articles(session, ids)
        if state == self._state:
            self._keep(read)
        return {article.id: article for article in read}

    def _keep(self, articles: Iterable[Article]) -> None:
        for article in articles:
            if article.id not in self._articles:
                self._room -= len(article.paragraphs)
            self._articles[article.id] = article
        while self._room < 0:
            _, oldest = self._articles.popitem(last=False)
            self._room += len(oldest.paragraphs)
