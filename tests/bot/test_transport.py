"""The way to Telegram: connections used again, and what becomes of those that break."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
from telegram.error import NetworkError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.transport import Request
from bot.verdicts import judge

ANSWER = b'{"ok": true, "result": true}'


class Server:
    """Answers each POST on loopback, as it is told to."""

    def __init__(self) -> None:
        self.connections = 0  # that were opened
        self.bodies: asyncio.Queue[bytes] = asyncio.Queue()
        self.closes = False  # after each answer, without saying so
        self.open: asyncio.Event | None = None  # answers wait for it
        self.answer = ANSWER
        self.raw = b""  # in place of any answer
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/bot1:A/getMe"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._serving.add(asyncio.current_task())  # type: ignore[arg-type]
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
                await self.bodies.put(await reader.readexactly(length))
                if self.open:
                    await self.open.wait()
                if self.raw:
                    writer.write(self.raw)
                    break
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + self.answer)
                if self.closes or self.answer != ANSWER:
                    break


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


@pytest.fixture
async def request_() -> AsyncIterator[Request]:
    request = Request(connections=4)
    yield request
    await request.shutdown()


async def test_calls_one_after_another_share_a_connection(server: Server, request_: Request) -> None:
    data = RequestData([RequestParameter("text", "Привет", []), RequestParameter("n", [1, 2], [])])
    for _ in range(5):
        assert await request_.post(server.url, data) is True
    assert server.connections == 1
    assert json.loads(await server.bodies.get()) == {"text": "Привет", "n": "[1, 2]"}


async def test_no_more_calls_are_under_way_than_are_allowed(server: Server, request_: Request) -> None:
    server.open = asyncio.Event()
    calls = [asyncio.create_task(request_.post(server.url)) for _ in range(10)]
    for _ in range(4):
        await server.bodies.get()
    await asyncio.sleep(0.1)
    assert server.bodies.empty()
    server.open.set()
    assert await asyncio.gather(*calls) == [True] * 10
    assert server.connections == 4


async def test_a_connection_that_the_server_closed_is_not_used_again(server: Server, request_: Request) -> None:
    server.closes = True
    for _ in range(3):
        assert await request_.post(server.url) is True
        await asyncio.sleep(0.05)
    assert server.connections == 3


async def test_an_answer_that_breaks_off_and_one_that_does_not_come_are_told_apart(
    server: Server, request_: Request
) -> None:
    server.answer = ANSWER[:5]
    with pytest.raises(NetworkError) as broken:
        await request_.post(server.url)
    assert not isinstance(broken.value, TimedOut)
    server.open = asyncio.Event()
    with pytest.raises(TimedOut) as late:
        await request_.post(server.url, read_timeout=0.1)
    with pytest.raises(NetworkError, match="ClientConnectorError") as refused:
        await request_.post("http://127.0.0.1:1/bot1:A/getMe")
    assert [judge(e.value, 0, 0).unsure for e in (broken, late, refused)] == [True, True, False]
    server.open, server.answer = None, ANSWER
    assert await request_.post(server.url) is True


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>captive portal</html>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet Cookie: a=b; path=/ ; secure ; HttpOnly\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"",
    ],
)
async def test_no_failure_tells_the_address_which_holds_the_token(
    server: Server, request_: Request, raw: bytes
) -> None:
    server.raw = raw or b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
    with pytest.raises(NetworkError) as told:
        await request_.post(server.url)
    assert "bot1:A" not in str(told.value)
    with pytest.raises(NetworkError) as wrong:
        await request_.post("http://[/bot1:A/getMe")
    assert "bot1:A" not in str(wrong.value)


async def test_a_call_that_is_given_up_leaves_room_for_others(server: Server, request_: Request) -> None:
    server.open = asyncio.Event()
    calls = [asyncio.create_task(request_.post(server.url)) for _ in range(4)]
    for _ in calls:
        await server.bodies.get()
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    server.open = None
    assert await request_.post(server.url, pool_timeout=1) is True


async def test_who_waits_for_a_connection_in_vain_is_told_so(server: Server, request_: Request) -> None:
    server.open = asyncio.Event()
    calls = [asyncio.create_task(request_.post(server.url)) for _ in range(4)]
    for _ in calls:
        await server.bodies.get()
    with pytest.raises(TimedOut) as waited:
        await request_.post(server.url, pool_timeout=0.1)
    assert not judge(waited.value, 0, 0).unsure
    server.open.set()
    await asyncio.gather(*calls)
