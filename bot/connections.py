"""Connections to one server that are kept alive between calls, with little work for each call."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from functools import cached_property
from ssl import SSLContext
from urllib.parse import urlsplit

import httpcore
import httpx

_IDLE_S = 5.0  # after which a server may have closed a connection that nothing used


class Connections:
    """Up to `most` calls at a time. The connection used last is used first, so that few stay open.

    The pool of httpcore looks at each of its connections before and after each call, which among 32 calls at a time
    takes 1.5 of 1.9 ms.
    """

    def __init__(self, most: int) -> None:
        self._slots = asyncio.Semaphore(most)
        self._idle: deque[tuple[float, httpcore.AsyncHTTPConnection]] = deque()  # and since when, longest first

    async def post(
        self, url: str, content: bytes, headers: Mapping[str, str], timeouts_s: Mapping[str, float | None]
    ) -> tuple[int, bytes]:
        """Status and body of the answer. `timeouts_s`: for pool, connect, write, read; None: none.

        Raises: TimeoutError when no connection gets free in time; the exceptions of httpcore.
        """
        head = [("Host", urlsplit(url).netloc), ("Content-Length", str(len(content))), *headers.items()]
        call = httpcore.Request("POST", url, headers=head, content=content, extensions={"timeout": timeouts_s})
        async with asyncio.timeout(timeouts_s["pool"]):
            await self._slots.acquire()
        try:
            connection = await self._take(call.url.origin)
            try:
                response = await connection.handle_async_request(call)
                try:
                    body = await response.aread()
                finally:
                    await response.aclose()
            finally:
                if connection.is_idle():  # otherwise httpcore closed it
                    self._idle.append((time.monotonic(), connection))
        finally:
            self._slots.release()
        return response.status, body

    async def close(self) -> None:
        """Closes those that nothing uses."""
        while self._idle:
            await self._idle.popleft()[1].aclose()

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        while self._idle and self._idle[0][0] < time.monotonic() - _IDLE_S:
            await self._idle.popleft()[1].aclose()
        while self._idle:
            connection = self._idle.pop()[1]
            if connection.can_handle_request(origin) and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(origin, self._certificates if origin.scheme == b"https" else None)

    @cached_property
    def _certificates(self) -> SSLContext:
        return httpx.create_ssl_context()
