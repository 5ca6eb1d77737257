"""All passages -> parts of an index, on all cores, a block at a time."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
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
    blocks = in_blocks(passages, BLOCK)
    first: list[Passage] = await anext(blocks, [])
    if len(first) < BLOCK:  # not worth other processes
        if first:
            yield Part(await asyncio.to_thread(build, first, _vocabulary()))
        if progress:
            progress(len(first))
        return
    workers, done = os.cpu_count() or 1, 0
    # Not forked: a copy of a process with threads may find their locks held for ever.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), signal.signal, _UNHEARD)
    waiting: list[tuple[int, Path | None, asyncio.Future[Mapping[str, Array] | None]]] = []
    block: list[Passage] | None = first
    try:
        while block or waiting:
            while block and len(waiting) <= workers:
                path = new_path() if new_path else None
                submitted = await asyncio.to_thread(_submit, pool, block, path)  # it may have to start a process
                waiting.append((len(block), path, asyncio.wrap_future(submitted)))
                block = await anext(blocks, None)
            size, path, job = waiting.pop(0)
            arrays = await job
            done += size
            if progress:
                progress(done)
            yield Part(load(path) if path else Segment(arrays or {}))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def in_blocks(passages: Iterable[Passage] | AsyncIterable[Passage], size: int) -> AsyncIterator[list[Passage]]:
    """The passages in lists of at least `size`, the last one apart; no article is divided."""
    block: list[Passage] = []
    async for passage in passages if isinstance(passages, AsyncIterable) else _each(passages):
        if len(block) >= size and passage.article_id != block[-1].article_id:
            yield block
            block = []
        block.append(passage)
    if block:
        yield block


async def _each(passages: Iterable[Passage]) -> AsyncIterator[Passage]:
    for number, passage in enumerate(passages):
        if number % 1000 == 0:
            await asyncio.sleep(0)  # others have their turn
        yield passage


def _submit(
    pool: ProcessPoolExecutor, block: Sequence[Passage], path: Path | None
) -> Future[Mapping[str, Array] | None]:
    # Pickled in pieces: to do it at once would keep every other thread waiting for a third of a second.
    pieces = [pickle.dumps(list(map(_ROW, block[start : start + 500]))) for start in range(0, len(block), 500)]
    return pool.submit(_build_block, pieces, path)


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(Analyzer())  # one for each process: it remembers the words it has seen


def _build_block(pieces: list[bytes], path: Path | None) -> Mapping[str, Array] | None:
    passages = [Passage(*row) for piece in pieces for row in pickle.loads(piece)]  # noqa: S301  # we wrote it
    segment = build(passages, _vocabulary())
    if path is None:
        return segment.arrays
    write(segment.arrays, path)
    return None
