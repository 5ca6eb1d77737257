"""Articles lately quoted, at hand: reading ten of them from the database takes longer than choosing among them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from retrieval.types import Article
from storage.articles import find_articles
from storage.database import Database

_PARAGRAPHS = 50_000  # remembered, at most: some 40 MB; who was asked for longest ago is forgotten first


class ArticleCache:
    """The articles that can be found, as of a state of the search index."""

    def __init__(self, database: Database, paragraphs: int = _PARAGRAPHS) -> None:
        self._database = database
        self._room = self._most = paragraphs
        self._articles: OrderedDict[int, Article] = OrderedDict()
        self._state = ""
        self._asked: set[int] = set()  # to be read next
        self._next: asyncio.Task[dict[int, Article]] | None = None  # reads them
        self._turn = asyncio.Lock()

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
            self._asked.update(missing)
            self._next = self._next or asyncio.create_task(self._read())
            read = await asyncio.shield(self._next)  # others may wait for it, too
            found |= {number: read[number] for number in missing if number in read}
        return found

    async def _read(self) -> dict[int, Article]:
        """By id, those asked for until the reading before has ended: a crowd's are read together, which costs less."""
        async with self._turn:
            asked, state = sorted(self._asked), self._state
            self._asked, self._next = set(), None
            async with self._database.reading() as session:
                read = await find_articles(session, asked)
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
