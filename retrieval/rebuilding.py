"""All passages -> parts of an index, on all cores, a block at a time."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from operator import attrgetter
from pathlib import Path

from retrieval.analysis import Analyzer
from retrieval.building import Vocabulary, build
from retrieval.index import Part
from retrieval.segment import Array, Segment, load, write
from retrieval.types import Passage

BLOCK = 20_000  # passages built at a time; a process takes some 100 MB for them
_UNHEARD = signal.SIGINT, signal.SIG_IGN  # Ctrl-C is for the process that waits for the others
_ROW = attrgetter(*Passage.__slots__)  # plain tuples go between processes three times as fast


async def built(
    passages: Iterable[Passage] | AsyncIterable[Passage],
    new_path: Callable[[], Path] | None,
    progress: Callable[[int], None] | None,
) -> AsyncGenerator[Part]:
    """Parts that together hold the passages (those of one article stand together), in order, as they are ready.

    Args: new_path, where to write each, None to keep them in memory; progress, called with the passages so far.
    """
    blocks = _blocks(passages)
    first: list[Passage] = await anext(blocks, [])
    if len(first) < BLOCK:  # not worth other processes
        if first:
            yield Part(await asyncio.to_thread(build, first, _vocabulary()))
        if progress:
            progress(len(first))
        return
    loop, workers, done = asyncio.get_running_loop(), os.cpu_count() or 1, 0
    # Not forked: a copy of a process with threads may find their locks held for ever.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), signal.signal, _UNHEARD)
    waiting: list[tuple[int, Path | None, asyncio.Future[Mapping[str, Array] | None]]] = []
    block: list[Passage] | None = first
    try:
        while block or waiting:
            while block and len(waiting) <= workers:
                path = new_path() if new_path else None
                job = loop.run_in_executor(pool, _build_block, list(map(_ROW, block)), path)
                waiting.append((len(block), path, job))
                block = await anext(blocks, None)
            size, path, job = waiting.pop(0)
            arrays = await job
            done += size
            if progress:
                progress(done)
            yield Part(load(path) if path else Segment(arrays or {}))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def _blocks(passages: Iterable[Passage] | AsyncIterable[Passage]) -> AsyncIterator[list[Passage]]:
    """The passages in lists of at least `BLOCK`, the last one apart; no article is divided."""
    block: list[Passage] = []
    async for passage in passages if isinstance(passages, AsyncIterable) else _each(passages):
        if len(block) >= BLOCK and passage.article_id != block[-1].article_id:
            yield block
            block = []
        block.append(passage)
    if block:
        yield block


async def _each(passages: Iterable[Passage]) -> AsyncIterator[Passage]:
    for passage in passages:
        yield passage


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(Analyzer())  # one for each process: it remembers the words it has seen


def _build_block(rows: list[tuple[object, ...]], path: Path | None) -> Mapping[str, Array] | None:
    segment = build([Passage(*row) for row in rows], _vocabulary())  # type: ignore[arg-type]
    if path is None:
        return segment.arrays
    write(segment.arrays, path)
    return None
