"""What Telegram and the terminal share: the database, the search index, answering and loading."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.articlecache import ArticleCache
from bot.indexing import Indexing, open_engine
from bot.settings import Settings
from retrieval.answer import choose
from retrieval.engine import SearchEngine
from retrieval.question import understand
from retrieval.reading.transliteration import name_key
from retrieval.threads import in_answering_thread
from retrieval.types import Answer, Article, IndexStats, Limits, Query, Quotation, SearchResult
from storage import articles as stored
from storage import outbox, people, stories, subscriptions
from storage.articles import Counts
from storage.database import Database
from storage.followed import SourceHealth
from storage.ingest import LoadReport as LoadReport
from storage.outbox import AlertRule
from storage.people import Person, SpeakerEntry
from storage.polling import Polling, PollReport, open_web

_CONSIDERED = 10  # passages from which an answer is chosen: as many as `choose` looks at
_NAMESAKES = 50  # names looked at for one that is asked for


@dataclass(frozen=True)
class Stats:
    """What Quotewire holds."""

    articles: int
    paragraphs: int
    quotes: int
    speakers: int
    stories: int
    subscriptions: int
    alerts_pending: int
    dates: tuple[str, str] | None  # EDTF, first and last


class Services:
    """Everything that a callback or a command needs. Made by `open_services`."""

    _copies: tuple[str, Mapping[int, int]] = ("", {})  # as of a state of the index
    _counts: tuple[str, Counts | None] = ("", None)
    _people: tuple[str, tuple[Person, ...]] = ("", ())  # who is quoted, as of a state of the database

    def __init__(self, settings: Settings, database: Database, engine: SearchEngine, polling: Polling) -> None:
        self.settings = settings
        self.database = database
        self.engine = engine
        self.polling = polling
        self._indexing = Indexing(engine, database, settings.index_dir)
        self._articles = ArticleCache(database)

    async def ask(
        self, question: str, *, limit: int = 3, filters: Limits = Limits(), now: dt.date | None = None
    ) -> Answer:
        """The answer to one question, whole from one snapshot of the index."""
        query, result = await self._find(question, max(limit, _CONSIDERED), filters, now)
        articles = await self._articles.find([hit.article_id for hit in result.hits], self.engine.fingerprint)
        answer = await in_answering_thread(choose, query, result, articles, limit=limit)
        return answer if answer.answered else replace(answer, suggestions=await self._did_you_mean(result))

    async def search(
        self, question: str, *, limit: int = 10, filters: Limits = Limits(), now: dt.date | None = None
    ) -> tuple[SearchResult, dict[int, Article]]:
        """The ranked passages, and their articles by id."""
        _, result = await self._find(question, limit, filters, now)
        async with self.database.reading() as session:
            found = await stored.find_articles(session, [hit.article_id for hit in result.hits])
        return result, {article.id: article for article in found}

    async def _find(
        self, question: str, limit: int, filters: Limits, now: dt.date | None
    ) -> tuple[Query, SearchResult]:
        query = understand(question, now=now or dt.datetime.now().astimezone().date(), filters=filters)
        result = await self.engine.search(query, limit)
        if unknown := _unknown(result):
            other = await self.engine.respelled(query, unknown)
            if other != query:
                return other, await self.engine.search(other, limit)
        return query, result

    async def _did_you_mean(self, result: SearchResult) -> tuple[str, ...]:
        """Words of the articles near those that no article has, as they are written there."""
        near = await self.engine.near(_unknown(result))
        articles = await self._articles.find([one.article_id for one in near], self.engine.fingerprint)
        words = []
        for one in near:
            if article := articles.get(one.article_id):
                text = article.paragraphs[one.index].text
                tokens = self.engine.analyzer.tokens(text, article.language)
                words += [text[token.start : token.end] for token in tokens if token.term == one.term][:1]
        return tuple(words)

    async def load(
        self,
        sources: Sequence[str] | None = None,
        *,
        alert: bool = False,
        first_too: bool = False,
        progress: Callable[[int, str], None] | None = None,
    ) -> LoadReport:
        """Reads the sources (all that are followed when None). `progress(articles so far, source)`.

        `alert`: subscribers are told of what is new; of a source's first articles only when `first_too`.
        """
        rule = replace(self._alert_rule, first_too=first_too) if alert else None
        report = await self.polling.load(sources, progress=progress, alert=rule)
        await self.refresh(whole=True)
        return report.loaded

    async def poll(self, *, alert: bool) -> PollReport:
        """Looks at the followed sources whose time has come."""
        report = await self.polling.poll_due(alert=self._alert_rule if alert else None)
        await self.refresh()
        return report

    @property
    def _alert_rule(self) -> AlertRule:
        return AlertRule(self.settings.alert_max_age_days)

    async def warm_up(self) -> None:
        """Makes ready for many questions."""
        await self.engine.warm_up()

    async def close(self) -> None:
        """Leaves off bringing the search in line."""
        await self._indexing.close()

    async def refresh(self, *, whole: bool = False, others: bool = True) -> None:
        """Brings the search to the database's state, whoever changed it; at once when it is there already.

        `whole`: waits for an engine elsewhere, too, which is brought there behind the readers' backs otherwise.
        `others` False: another process does that.
        """
        await self._indexing.catch_up(whole=whole, others=others)

    @property
    def version(self) -> str:
        """Another one after every change of what can be found."""
        return self.engine.version

    async def copies(self) -> Mapping[int, int]:
        """By article that has any: how many others of its story can be found, as of a state of the index."""
        if self._copies[0] != self.engine.fingerprint:
            async with self.database.reading() as session:
                self._copies = self.engine.fingerprint, await stories.copies(session)
        return self._copies[1]

    async def counts(self) -> Counts:
        """How much can be found, as of a state of the index."""
        state, counts = self.engine.fingerprint, self._counts[1]
        if counts is None or self._counts[0] != state:
            async with self.database.reading() as session:
                counts = await stored.count(session)
            self._counts = state, counts
        return counts

    async def latest(self, limit: int = 5, offset: int = 0) -> list[Article]:
        """The newest articles, by when they were first seen."""
        async with self.database.reading() as session:
            return await stored.latest(session, limit, offset)

    async def find_article(self, article_id: int) -> Article | None:
        """The stored article that can be found, or None."""
        async with self.database.reading() as session:
            return await stored.find_article(session, article_id)

    async def speakers(self, limit: int = 15, offset: int = 0) -> list[SpeakerEntry]:
        """Who is quoted, the most quoted first."""
        return await self._entries((await self._everyone())[offset : offset + limit])

    async def find_speakers(self, name: str) -> list[SpeakerEntry]:
        """Those whom the name, or a part of it, may mean, the most quoted first."""
        everyone = await self._everyone()
        found = [person for person in everyone if person.answers_to(name)]
        if not found and (words := name_key(name).split()):
            # Whoever has such a word in the name; the last letters of a Russian one change with its case.
            part = max(words, key=len)
            part = part[: max(4, len(part) - 2)]
            found = [person for person in everyone if any(w.startswith(part) for w in name_key(person.name).split())]
        return await self._entries(found[:_NAMESAKES])

    async def quotes_of(self, name: str, limit: int = 3, offset: int = 0) -> list[tuple[Article, Quotation]]:
        """What the speaker of this name said, under any spelling of it, newest first."""
        everyone = await self._everyone()
        person = next((p for p in everyone if name in p.names), None)
        person = person or next((p for p in everyone if p.answers_to(name)), None)
        if person is None:
            return []
        async with self.database.reading() as session:
            return await people.quotes_of(session, person.keys, limit, offset)

    async def _everyone(self) -> tuple[Person, ...]:
        async with self.database.reading() as session:
            now = await stored.fingerprint(session)
            if self._people[0] != now:
                self._people = (now, await people.everyone(session))
        return self._people[1]

    async def _entries(self, found: Sequence[Person]) -> list[SpeakerEntry]:
        async with self.database.reading() as session:
            return await people.with_roles(session, found)

    async def health(self) -> tuple[IndexStats, list[SourceHealth]]:
        """What can be found now, and how each followed source does."""
        return await self.engine.stats(), await self.polling.list_sources()

    async def stats(self) -> Stats:
        """What is loaded."""
        async with self.database.reading() as session:
            counts = await stored.count(session)
            followed = await subscriptions.count(session)
            waiting = await outbox.queue(session, dt.datetime.now(dt.UTC))
        return Stats(
            articles=counts.articles,
            paragraphs=counts.paragraphs,
            quotes=counts.quotes,
            speakers=counts.speakers,
            stories=counts.stories,
            subscriptions=followed,
            alerts_pending=waiting.pending,
            dates=counts.dates,
        )


def _unknown(result: SearchResult) -> list[str]:
    return [term for term, idf in result.idf.items() if not idf]


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Opens the database (brought to the newest schema) and the index (rebuilt when it does not fit); closes both."""
    async with Database(settings.database_url.reveal()) as database:
        await database.upgrade()
        async with open_engine(settings) as engine, open_web(settings.fetch_allow) as web:
            polling = Polling(database, web, configured=settings.sources, interval_s=settings.poll_interval_s)
            services = Services(settings, database, engine, polling)
            try:
                await services.refresh()
                yield services
            finally:
                await services.close()
