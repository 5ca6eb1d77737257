"""What Telegram and the terminal share: the database, the search index, answering and loading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.settings import Settings
from retrieval.engine import SearchEngine
from retrieval.types import Answer, Article, Limits


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `rejected`: (source, reason) of each article or source that could not be read."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: tuple[tuple[str, str], ...] = ()


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

    settings: Settings
    engine: SearchEngine

    async def ask(
        self, question: str, *, limit: int = 3, filters: Limits = Limits(), now: dt.date | None = None
    ) -> Answer:
        """The answer to one question, whole from one snapshot of the index."""
        raise NotImplementedError

    async def load(
        self,
        sources: Sequence[str] | None = None,
        *,
        alert: bool = False,
        progress: Callable[[int, str], None] | None = None,
    ) -> LoadReport:
        """Reads the sources (those of the settings when None). `progress(articles so far, source)`."""
        raise NotImplementedError

    async def latest(self, limit: int = 5, offset: int = 0) -> list[Article]:
        """The newest articles, by when they were first seen."""
        raise NotImplementedError

    async def find_article(self, article_id: int) -> Article | None:
        """The stored article that can be found, or None."""
        raise NotImplementedError

    async def stats(self) -> Stats:
        """What is loaded."""
        raise NotImplementedError
