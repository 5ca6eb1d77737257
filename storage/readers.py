"""Reading articles off the event loop: a few in a thread, many in a process for each core."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Self, TypeVar

from retrieval.reading import Document, ReadingError, read, reread
from retrieval.types import Article
from storage.identity import text_hash, url_key

IN_THREAD = 200  # documents that are read in a thread before processes are started, which takes a second or two
_CHUNK = 25  # documents handed to a process at a time

Outcome = tuple[Article, str, str | None] | str  # the article, its text hash and URL key; or why it cannot be read
T = TypeVar("T")
R = TypeVar("R")


class Readers:
    """Reads documents. An async context manager: the processes end with it."""

    def __init__(self, today: dt.date) -> None:
        self._today = today
        self._taken = 0
        self._pool: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    async def read(self, documents: Sequence[Document]) -> list[Outcome]:
        """The outcome for each document, in order."""
        return await self._spread(_read_all, documents, self._today)

    async def reread(self, articles: Sequence[Article]) -> list[Article]:
        """The articles, with the quotations that today's reader finds."""
        return await self._spread(_reread_all, articles)

    async def _spread(self, work: Callable[..., list[R]], values: Sequence[T], *more: object) -> list[R]:
        self._taken += len(values)
        cores = os.cpu_count() or 1
        if self._taken <= IN_THREAD or cores == 1:
            return await asyncio.to_thread(work, values, *more)
        if self._pool is None:
            # Not forked: a fork of a process with threads may hang.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(cores, mp_context=context, initializer=_set_up_process)
        loop = asyncio.get_running_loop()
        chunks = [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
        results = await asyncio.gather(*(loop.run_in_executor(self._pool, work, chunk, *more) for chunk in chunks))
        return [result for chunk in results for result in chunk]


def _read_all(documents: Sequence[Document], today: dt.date) -> list[Outcome]:
    return [_read_one(document, today) for document in documents]


def _read_one(document: Document, today: dt.date) -> Outcome:
    try:
        article = read(document, today)
    except ReadingError as error:
        return str(error)
    except Exception as error:  # a defect in the reader costs one article, not the load
        return f"the reader failed on it ({type(error).__name__}: {error})"
    return article, text_hash(article), url_key(article.url)


def _reread_all(articles: Sequence[Article]) -> list[Article]:
    return [_reread_one(article) for article in articles]


def _reread_one(article: Article) -> Article:
    try:
        return reread(article)
    except Exception:  # as above: what it was stays
        return article


def _set_up_process() -> None:
    """Leaves Ctrl-C to the parent, and ends with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
