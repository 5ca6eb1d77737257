"""The webhook takes what Telegram sends, once, and nothing else; health and metrics are there on loopback."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.exceptions import UserError
from bot.settings import Secret
from bot.web import SECRET_HEADER, serve_health
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.fakes import FakeServices

SECRET = "a-long-random-text"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Hook:
    """Telegram's side of the webhook."""

    def __init__(self, port: int, api: BotApi, http: aiohttp.ClientSession) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._api = api
        self._http = http

    async def post(self, body: Any, *, secret: str | None = SECRET, path: str = "/hook") -> int:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        data = {"data": io.BytesIO(body)} if isinstance(body, bytes) else {"json": body}
        async with self._http.post(self._address + path, headers=headers, **data) as response:
            return response.status

    def update(self, update_id: int, text: str) -> dict[str, Any]:
        user = self._api.user("Ann")
        message = {
            "message_id": update_id,
            "date": 1_700_000_000,
            "chat": user.chat_json,
            "from": user.json,
            "text": text,
        }
        return {"update_id": update_id, "message": message}


@pytest.fixture
async def hook(api: BotApi, services: FakeServices) -> AsyncIterator[Hook]:
    port = free_port()
    async with aiohttp.ClientSession() as http, asyncio.timeout(30):
        api.polls = 1  # nothing polls in this mode; what is waited for is the webhook
        address = "https://bot.example.org/hook"
        async with running(api, services, webhook_url=address, webhook_secret=Secret(SECRET), webhook_port=port):
            await api.until(lambda: api.webhook, what="the webhook")
            yield Hook(port, api, http)


async def test_an_update_with_the_secret_is_answered(hook: Hook, api: BotApi):
    assert await hook.post(hook.update(1, "/start")) == 200

    await api.until(lambda: api.calls("sendMessage"), what="the reply")
    assert api.webhook == "https://bot.example.org/hook"


@pytest.mark.parametrize(
    ("secret", "path", "status"), [(None, "/hook", 403), ("wrong", "/hook", 403), (SECRET, "/other", 404)]
)
async def test_what_does_not_come_from_telegram_is_refused(
    hook: Hook, api: BotApi, secret: str | None, path: str, status: int
):
    assert await hook.post(hook.update(1, "/start"), secret=secret, path=path) == status

    assert not api.calls("sendMessage")


async def test_a_body_over_the_cap_is_refused_and_the_bot_goes_on(hook: Hook, api: BotApi):
    try:
        status = await hook.post(b"x" * (100 << 20))
    except aiohttp.ClientError:  # cut off while still sending
        status = 400
    assert status in (400, 413)

    assert await hook.post(hook.update(2, "/start")) == 200
    await api.until(lambda: api.calls("sendMessage"), what="the reply")


async def test_an_update_that_comes_again_is_handled_once(hook: Hook, api: BotApi):
    for _ in range(3):
        assert await hook.post(hook.update(7, "/start")) == 200
    assert await hook.post(hook.update(8, "/help")) == 200

    await api.until(lambda: len(api.calls("sendMessage")) >= 2, what="two replies")
    assert len(api.calls("sendMessage")) == 2


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"update_id": "x", "message": 1}', b"[" * 100_000])
async def test_an_update_that_cannot_be_read_is_passed_over(hook: Hook, api: BotApi, body: bytes):
    assert await hook.post(body) == 200

    assert await hook.post(hook.update(3, "/start")) == 200
    await api.until(lambda: api.calls("sendMessage"), what="the reply")


async def test_health_and_metrics_are_served_on_loopback(api: BotApi, services: FakeServices):
    port = free_port()
    async with aiohttp.ClientSession() as http, running(api, services, health_port=port):
        user = api.user("Ann")
        await user.asks("Where are the zeppelins?")
        async with http.get(f"http://127.0.0.1:{port}/healthz") as response:
            health = await response.json()
        async with http.get(f"http://127.0.0.1:{port}/metrics") as response:
            metrics = await response.text()

    assert health["status"] == "ok"
    assert "quotewire_questions_total 1.0" in metrics
    assert "quotewire_unanswered_total 1.0" in metrics
    assert api.token not in metrics


async def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"HEALTH_PORT {port}"):
            async with serve_health(port, dict, bytes):
                pass


async def test_a_flood_of_one_sender_is_dropped(hook: Hook, api: BotApi):
    bodies = [hook.update(n, "/start") for n in range(1, 260)]
    flooder, other = bodies[0]["message"]["chat"]["id"], hook.update(999, "/start")
    for body in bodies:
        body["message"] |= {name: bodies[0]["message"][name] for name in ("from", "chat")}
    assert {await hook.post(body) for body in (*bodies, other)} == {200}

    told = [int(call.params["chat_id"]) for call in api.calls("sendMessage")]
    assert other["message"]["chat"]["id"] in told
    assert 200 <= told.count(flooder) < 259
