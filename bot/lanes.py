"""What is to be sent next, to whom, and how it reads."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bot import alertviews
from bot.alertviews import Told
from bot.context import BotApplication
from bot.markup import Html
from bot.texts import Words
from bot.views import Message
from retrieval.analysis import Analyzer
from retrieval.matching import Match, StandingQuery, quote_of
from retrieval.types import Article
from storage import chatsettings, outbox, subscriptions
from storage.articles import find_articles
from storage.outbox import Delivery, Settled
from storage.subscriptions import Subscription

_ALONE = 3  # alerts for a chat that are sent each for itself; more are merged
_KEPT_S = 2.0  # articles and texts


@dataclass(frozen=True)
class Lane:
    """What goes to a chat (and topic) now, and how each alert reads."""

    chat_id: int
    topic: int
    language: str
    deliveries: tuple[Delivery, ...]
    told: tuple[Told, ...]

    def batches(self) -> list[tuple[Sequence[Delivery], Sequence[Told]]]:
        """What makes one message each."""
        summary = len(self.told) > _ALONE or any(d.daily or d.held for d in self.deliveries)
        size = alertviews.IN_DIGEST if summary else 1
        places = range(0, len(self.told), size)
        return [(self.deliveries[at : at + size], self.told[at : at + size]) for at in places]


class Lanes:
    """Claims what is due. Keeps articles and texts for a moment: mostly many chats get the same."""

    def __init__(self, app: BotApplication, analyzer: Analyzer, owner: int) -> None:
        self._app = app
        self._owner = owner
        self._analyzer = analyzer
        self._articles: dict[tuple[int, int], Article] = {}  # by article and alert
        self._texts: dict[object, Html] = {}
        self._since = 0.0

    async def claim(self, session: Any, now: dt.datetime, free: int, busy: Collection[int]) -> list[Lane]:
        """Up to `free` lanes, none of a busy chat. What may not be sent now, or no longer, is settled."""
        pause = dt.timedelta(seconds=1 / self._app.settings.send_rate_chat_s)
        claimed = await outbox.claim(session, now, free, busy, pause, self._owner)
        everything = [delivery for lane in claimed for delivery in lane]
        if not everything:
            return []
        settings = await chatsettings.find_many(session, {delivery.chat_id for delivery in everything})
        followed = await subscriptions.find_all(session, (n for d in everything for n in d.subscriptions))
        await self._fetch(session, everything)
        lanes, gone = [], []
        for deliveries in claimed:
            until = settings.get(deliveries[0].chat_id, chatsettings.ChatSettings()).held_until(now)
            if until is not None:
                await outbox.hold(session, deliveries, until)
                continue
            read = [(delivery, self._read(delivery, followed, now)) for delivery in deliveries]
            gone += [Settled(delivery.key, "gone", now) for delivery, told in read if told is None]
            kept = [(delivery, told) for delivery, told in read if told is not None]
            if kept:
                first, why = kept[0][0], kept[0][1].because[0]
                language = self._app.languages.get(first.chat_id) or why.language
                lanes.append(Lane(first.chat_id, first.topic, language, *map(tuple, zip(*kept, strict=True))))
        await outbox.settle(session, gone)
        return lanes

    def alert(self, told: Told, words: Words, today: dt.date) -> Message:
        """The alert as one message."""
        why = tuple((one.follows, one.text) for one in told.because)
        place = told.quote and (told.quote.index, told.quote.start, told.quote.end)
        key = told.alert_id, place, told.was, why, words.language, today
        if key not in self._texts:
            self._texts[key] = alertviews.alert_text(told, words, today)
        return Message(self._texts[key], alertviews.alert_buttons(told, words))

    async def _fetch(self, session: Any, deliveries: Sequence[Delivery]) -> None:
        if time.monotonic() - self._since > _KEPT_S:
            self._articles, self._texts, self._since = {}, {}, time.monotonic()
        missing = {(d.article_id, d.alert_id) for d in deliveries} - self._articles.keys()
        found = {a.id: a for a in await find_articles(session, sorted({article_id for article_id, _ in missing}))}
        self._articles |= {place: found[place[0]] for place in missing if place[0] in found}

    def _read(self, delivery: Delivery, followed: dict[int, Subscription], now: dt.datetime) -> Told | None:
        """How the alert reads; None when it is no longer wanted, or the article is gone."""
        known = [followed[n] for n in delivery.subscriptions if n in followed]
        because = [one for one in known if not one.paused(now) and self._welcome(one)]
        article = self._articles.get((delivery.article_id, delivery.alert_id))
        if not because or article is None:
            return None
        quote = delivery.quote.within(article) if delivery.quote else None
        if quote is None and delivery.version == 1:  # the article was corrected before the alert was sent
            quote = quote_of(article, Match((), StandingQuery(), None), self._analyzer)
        return Told(delivery.alert_id, article, quote, tuple(because), delivery.was, delivery.version > 1)

    def _welcome(self, one: Subscription) -> bool:
        """Whether the chat can be reached, and the operator lets it, and who subscribed, use the bot."""
        if one.chat_id in self._app.unreachable:
            return False
        ids, settings = {one.chat_id, one.user_id}, self._app.settings
        allowed = settings.allowed_ids | settings.admin_ids
        return not ids & self._app.banned.keys() and (not settings.allowed_ids or bool(ids & allowed))
