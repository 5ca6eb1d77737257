"""From an alert to its deliveries: who wants to be told of the article, and which of its words matched."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from retrieval.analysis import Analyzer
from retrieval.matching import Match, Matcher, follow, nearest_quote, quote_of
from retrieval.types import Article
from storage import outbox, subscriptions
from storage.articles import find_article
from storage.chats import QuotePlace
from storage.database import Database
from storage.outbox import Alert, NewDelivery
from storage.subscriptions import Receiver

_PAGE = 500  # deliveries made in one transaction


class FanOut:
    """Makes deliveries of alerts. Knows every subscription's query; those that ended meanwhile are passed over."""

    def __init__(self, database: Database, analyzer: Analyzer) -> None:
        self._database = database
        self._matcher = Matcher(analyzer)
        self._last = 0  # subscription known

    async def next(self, now: dt.datetime) -> bool:
        """Makes the deliveries of one alert; False when there is none. Raises: DatabaseError.

        Interrupted, it goes on after the last page that was made.
        """
        async with self._database.reading() as session:
            alert = await outbox.next_alert(session)
            if alert is None:
                return False
            article = await find_article(session, alert.article_id)
            async for part in subscriptions.since(session, self._last):
                await asyncio.to_thread(self._learn, part)
                self._last = part[-1][0]
        made = await (self._news(alert, article, now) if alert.version == 1 else self._correction(alert, article))
        left = sorted(made, key=lambda new: (new.receivers[0].chat_id, new.receivers[0].topic))
        if alert.reached_chat is not None:
            left = [new for new in left if new.receivers[0].chat_id > alert.reached_chat]
        for page, last in _pages(left):
            async with self._database.writing() as session:
                await outbox.fan_out(session, alert, page, now, last=last)
        return True

    def _learn(self, part: Sequence[tuple[int, str, str]]) -> None:
        for subscription_id, follows, text in part:
            self._matcher.add(subscription_id, follow(follows, text, self._matcher.analyzer))

    async def _news(self, alert: Alert, article: Article | None, now: dt.datetime) -> list[NewDelivery]:
        """A delivery for each chat and topic that wants the article and was not told of its story before."""
        if article is None:
            return []
        matches = await asyncio.to_thread(self._matcher.match, article)
        # What asks for more says more of why.
        matches.sort(key=lambda m: (not (m.query.words or m.query.phrases or m.query.any_of), not m.query.speaker))
        by_place: dict[tuple[int, int], list[tuple[Receiver, Match]]] = defaultdict(list)
        async with self._database.reading() as session:
            told = await outbox.told_of_story(session, alert)
            for match in matches:
                async for receiver in subscriptions.receivers(session, match.ids, article.id, now):
                    if (receiver.chat_id, receiver.topic) not in told:
                        by_place[receiver.chat_id, receiver.topic].append((receiver, match))
        quotes: dict[int, QuotePlace | None] = {}  # by match
        made = []
        for found in by_place.values():
            first = found[0][1]
            if id(first) not in quotes:
                quote = quote_of(article, first, self._matcher.analyzer)
                quotes[id(first)] = QuotePlace.of(quote) if quote else None
            made.append(NewDelivery(tuple(receiver for receiver, _ in found), quotes[id(first)]))
        return made

    async def _correction(self, alert: Alert, article: Article | None) -> list[NewDelivery]:
        """A delivery for each chat that was sent a quote which the article no longer has."""
        if article is None:
            return []
        made = []
        changed: dict[tuple[int, QuotePlace | None], tuple[str | None, QuotePlace | None]] = {}  # (was, is now)
        async with self._database.reading() as session:
            for sent in await outbox.sent_quotes(session, article.id):
                place = sent.version, sent.quote
                if place not in changed:
                    was = await outbox.words_sent(session, sent)
                    if was is not None and any(was in paragraph.text for paragraph in article.paragraphs):
                        was = None
                    now = nearest_quote(article, was, self._matcher.analyzer) if was else None
                    changed[place] = was, QuotePlace.of(now) if now else None
                was, is_now = changed[place]
                if was is not None:
                    receivers = [Receiver(number, sent.chat_id, sent.topic, False) for number in sent.subscriptions]
                    made.append(NewDelivery(tuple(receivers), is_now, was))
        return made


def _pages(made: Sequence[NewDelivery]) -> list[tuple[list[NewDelivery], bool]]:
    """Parts of about a page, none of which ends in the middle of a chat; the last one is marked."""
    pages: list[list[NewDelivery]] = [[]]
    for new in made:
        page = pages[-1]
        if len(page) >= _PAGE and page[-1].receivers[0].chat_id != new.receivers[0].chat_id:
            pages.append(page := [])
        page.append(new)
    return [(page, page is pages[-1]) for page in pages]
