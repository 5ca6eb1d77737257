"""How the work of a function grows with the length of its text."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

_TIMES = 8  # how much longer the longer text is; the work of a quadratic function grows by the square of this
_RUNS = 10


def assert_linear(work: Callable[[str], object], junk: str, length: int = 4096) -> None:
    """Fails if the work on `length` characters of repeated `junk` grows faster than their number from an eighth of it.

    What runs in Python is counted, line by line, the same in every run. What runs in C, as regular expressions do, can
    only be timed: by the thread's own clock, without garbage collection, by the best of several runs, and with a bound
    half way to the square.
    """
    short, long = ((junk * size)[:size] for size in (length // _TIMES, length))
    work(long)  # fills the caches of words
    few, many = _lines(work, short), _lines(work, long)
    assert many <= 1.5 * _TIMES * few, f"{few} lines for {len(short)} characters, {many} for {len(long)}"
    times = [(_seconds(work, short), _seconds(work, long)) for _ in range(_RUNS)]
    least_s, most_s = map(min, zip(*times, strict=True))
    assert most_s <= _TIMES**2 / 2 * least_s, f"{least_s} s for {len(short)} characters, {most_s} s for {len(long)}"


def _lines(work: Callable[[str], object], text: str) -> int:
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return count


def _seconds(work: Callable[[str], object], text: str) -> float:
    gc.disable()
    try:
        before = time.thread_time()
        work(text)
        return time.thread_time() - before
    finally:
        gc.enable()
