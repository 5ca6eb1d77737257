"""Small stand-ins with verbs, for tests that need no database."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.services import Services, Stats
from bot.settings import Secret, Settings
from retrieval.offers import offered
from retrieval.question import understand
from retrieval.types import (
    Answer,
    AnswerQuote,
    Article,
    Hit,
    IndexStats,
    Limits,
    Paragraph,
    PartialDate,
    SearchResult,
    Speaker,
)
from storage import stories
from storage.articles import Counts
from storage.database import Database
from storage.followed import SourceHealth
from storage.ingest import LoadReport
from storage.polling import PollReport

SPEAKER = Speaker("Dana Orlik", "Minister of Water", "she", "stated")


def article(*paragraphs: str, **fields: Any) -> Article:
    """An article of these paragraphs, stored."""
    given = {"title": "Rivers to be cleaned", "source": "Northern Post", "date": PartialDate(2024, 5, 3), "id": 1}
    return Article(tuple(Paragraph(text) for text in paragraphs), **(given | fields))


def quote(
    text: str, *, of: Article | None = None, kind: Any = "direct", speaker: Speaker | None = SPEAKER
) -> AnswerQuote:
    """The quote `text` out of an article that has it."""
    source = of or article(f"“{text}” she said.")
    index, start = next((i, p.text.find(text)) for i, p in enumerate(source.paragraphs) if text in p.text)
    return AnswerQuote(source, index, start, start + len(text), kind, speaker, 1.0)


class FakeServices(Services):
    """Answers what it was taught, by a word of the question; remembers what it was asked."""

    def __init__(self, database: Database) -> None:
        self.settings = Settings()
        self.database = database
        self.articles: list[Article] = [article("The river is clean.")]
        self.asked: list[tuple[str, Limits]] = []
        self.loads: list[Sequence[str] | None] = []
        self.report = LoadReport(unchanged=1)
        self.failure: Exception | None = None
        self.whole = True  # all articles are searched
        self.gate: asyncio.Event | None = None  # asking and loading wait for it
        self._answers: dict[str, tuple[AnswerQuote, ...]] = {}
        self._finds: dict[str, Sequence[Article]] = {}
        self._suggests: tuple[tuple[str, ...], tuple[str, ...]] = (), ()

    @property
    def version(self) -> str:
        return str(len(self.loads))

    @property
    def questions(self) -> list[str]:
        return [question for question, _ in self.asked]

    def answers(self, word: str, *quotes: AnswerQuote) -> None:
        """From now on a question with the word gets these quotes."""
        self._answers[word] = quotes

    def suggests(self, unknown: Sequence[str], *words: str) -> None:
        """From now on a question that nothing answers has these unknown words, and these are near them."""
        self._suggests = tuple(unknown), words

    def finds(self, word: str, articles: Sequence[Article]) -> None:
        """From now on a search with the word finds the second paragraph of each, or its only one."""
        self._finds[word] = articles

    async def search(
        self, question: str, *, limit: int = 10, filters: Limits = Limits(), now: dt.date | None = None
    ) -> tuple[SearchResult, dict[int, Article]]:
        found = next((articles for word, articles in self._finds.items() if word in question), ())
        hits = tuple(Hit(a.id, min(1, len(a.paragraphs) - 1), 1.0) for a in found[:limit])
        return SearchResult(hits), {article.id: article for article in found}

    async def ask(
        self, question: str, *, limit: int = 3, filters: Limits = Limits(), now: dt.date | None = None
    ) -> Answer:
        self.asked.append((question, filters))
        await self._pause()
        quotes = next((quotes for word, quotes in self._answers.items() if word in question), ())
        query = understand(question, now=now or dt.date(2024, 6, 1), filters=filters)
        return Answer(
            query,
            quotes[:limit],
            offers=offered(query, quotes[:limit]),
            unknown=() if quotes else (self._suggests[0] or ("xylophone",)),
            suggestions=() if quotes else self._suggests[1],
            whole=self.whole,
        )

    async def load(
        self,
        sources: Sequence[str] | None = None,
        *,
        alert: bool = False,
        progress: Callable[[int, str], None] | None = None,
    ) -> LoadReport:
        self.loads.append(sources)
        if progress:
            progress(1, "articles/")
        await self._pause()
        return self.report

    async def poll(self, *, alert: bool) -> PollReport:
        return PollReport(await self.load())

    async def copies(self) -> Mapping[int, int]:
        async with self.database.reading() as session:
            return await stories.copies(session)

    async def warm_up(self) -> None:
        """It has no index."""

    async def refresh(self, *, whole: bool = False, others: bool = True) -> None:
        """It has no index."""

    async def latest(self, limit: int = 5, offset: int = 0) -> list[Article]:
        return self.articles[offset : offset + limit]

    async def find_article(self, article_id: int) -> Article | None:
        return next((a for a in self.articles if a.id == article_id), None)

    async def health(self) -> tuple[IndexStats, list[SourceHealth]]:
        return IndexStats(len(self.articles), 12, 100, "1"), []

    async def counts(self) -> Counts:
        dates = ("2024-05-03", "2024-06-01") if self.articles else None
        return Counts(len(self.articles), 12, 5, 2, len(self.articles), dates)

    async def stats(self) -> Stats:
        dates = ("2024-05-03", "2024-06-01") if self.articles else None
        return Stats(len(self.articles), 12, 5, 2, len(self.articles), 0, 0, dates)

    async def _pause(self) -> None:
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure


def bot_settings(url: str, token: str, **changes: Any) -> Settings:
    """Settings for a bot that talks to the Bot API at `url`, as fast as it can."""
    unlimited = {"send_rate_s": 1e4, "send_rate_chat_s": 1e4, "send_rate_group_min": 1e6}
    return Settings(telegram_bot_token=Secret(token), telegram_api_url=url, **(unlimited | changes))
