"""Parsing what strangers wrote, where it can do no harm: in processes with a time and a memory limit.

A process is reused until it oversteps; then it is killed, and the next task starts another. What comes back is only
plain values and a few dataclasses: a parser that was taken over by its input cannot make us run code.
"""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from storage.exceptions import ParseError

T = TypeVar("T")

_START = "import sys; sys.path[:] = sys.argv[1:]; from storage.sources.worker import serve; serve()"
_LENGTH = struct.Struct("!Q")
_LIMITS = struct.Struct("!Qd")  # bytes of memory, seconds for a task
_MODULES = ("retrieval.types", "retrieval.reading.document", "storage.sources.listing")  # whose dataclasses are answers


@dataclass(frozen=True)
class WorkLimits:
    """What one task may cost."""

    time_s: float = 20.0
    memory_bytes: int = 1 << 30  # address space, the process itself included
    answer_bytes: int = 64 << 20


class Workers:
    """`async with Workers() as workers: await workers.run(parse_feed, body)`, at most one task a core at a time."""

    def __init__(self, *, limits: WorkLimits = WorkLimits(), count: int | None = None) -> None:
        self._limits = limits
        self._slots = asyncio.Semaphore(count or _cores())
        self._idle: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._idle:
            await _end(process)
        self._idle.clear()

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What the module-level function gives for the arguments, called in a worker.

        Raises: ParseError when it raises, takes too long, needs too much memory, or ends its process.
        """
        task = pickle.dumps((function, arguments))
        async with self._slots:
            process = self._idle.pop() if self._idle else await self._start()
            try:
                async with asyncio.timeout(self._limits.time_s):
                    reply = await self._exchange(process, task)
            except TimeoutError:
                await _end(process)
                raise ParseError(f"takes longer than {self._limits.time_s:g} s to read") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                await _end(process)
                raise ParseError("cannot be read: its parser broke down") from None
            except BaseException:
                await _end(process)
                raise
            self._idle.append(process)
        try:
            done, value = _Unpickler(io.BytesIO(reply)).load()
        except (pickle.UnpicklingError, ValueError, TypeError) as error:
            raise ParseError(f"cannot be read: {error}") from error
        if done:
            return value  # type: ignore[no-any-return]
        raise ParseError(value)

    async def _exchange(self, process: asyncio.subprocess.Process, task: bytes) -> bytes:
        assert process.stdin is not None  # noqa: S101 (opened as pipes)
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(_LENGTH.pack(len(task)) + task)
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        if length > self._limits.answer_bytes:
            raise ConnectionError
        return await process.stdout.readexactly(length)

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _START, *sys.path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us to handle
        )
        assert process.stdin is not None  # noqa: S101
        process.stdin.write(_LIMITS.pack(self._limits.memory_bytes, self._limits.time_s))
        return process


def _cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in _MODULES and isinstance(found := getattr(sys.modules[module], name), type):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no answer")


def serve() -> None:
    """The worker's side: reads tasks from standard input until it ends."""
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the answers
    memory, time_s = _LIMITS.unpack(tasks.read(_LIMITS.size))
    with suppress(ImportError, OSError, ValueError):  # no such limit on this system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    alarm = getattr(signal, "setitimer", lambda *_: None)
    while header := tasks.read(_LENGTH.size):
        task = tasks.read(_LENGTH.unpack(header)[0])
        alarm(0, time_s + 5)  # ends the process even when the parent, which should have, is gone; 0: of real time
        answer = pickle.dumps(_answer(task))
        alarm(0, 0)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _answer(task: bytes) -> tuple[bool, Any]:
    try:
        function, arguments = pickle.loads(task)  # noqa: S301 (our own parent wrote it)
        return True, function(*arguments)
    except MemoryError:
        return False, "needs too much memory to read"
    except Exception as error:
        return False, " ".join(f"cannot be read: {error}".split())[:300]
