"""The ways to Telegram: HTTP requests that bear its bad times, and a flood."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any
from urllib.request import getproxies

import aiohttp
import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest, RequestData

from bot.pace import Pace

_TIMEOUTS_S = {"read": 30.0, "write": 30.0, "pool": 30.0, "connect": 10.0}

# Of a message sent, which comes back whole, we read where it stands: the rest would take a tenth of answering.
_COMES_BACK = ("entities", "caption_entities", "reply_markup", "reply_to_message")


class Request(HTTPXRequest):
    """PTB's requests, but those without files, which are nearly all, go by aiohttp: at a fifth of the cost.

    And broken JSON, which proxies send in bad times, is a network error without a traceback.
    """

    def __init__(self, connections: int) -> None:
        super().__init__(connections, **{f"{name}_timeout": wait_s for name, wait_s in _TIMEOUTS_S.items()})  # type: ignore[arg-type]
        self._connections = connections
        self._direct = not getproxies()

    async def shutdown(self) -> None:
        if "_session" in self.__dict__:
            await self._session.close()
        await super().shutdown()

    async def do_request(  # type: ignore[override] # PTB gives the timeouts by name
        self, url: str, method: str, request_data: RequestData | None = None, **timeouts: Any
    ) -> tuple[int, bytes]:
        if not self._direct or method != "POST" or (request_data and request_data.multipart_data):
            return await super().do_request(url, method, request_data, **timeouts)
        given = {name: timeouts.get(f"{name}_timeout", self.DEFAULT_NONE) for name in _TIMEOUTS_S}
        waits_s = {n: _TIMEOUTS_S[n] if wait_s is self.DEFAULT_NONE else wait_s for n, wait_s in given.items()}
        wait = aiohttp.ClientTimeout(
            connect=waits_s["pool"], sock_connect=waits_s["connect"], sock_read=waits_s["read"]
        )
        content = request_data.json_payload if request_data else b"{}"
        try:
            async with self._session.post(url, data=content, timeout=wait, allow_redirects=False) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientConnectorError as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error
        except (aiohttp.ClientError, OSError) as error:  # whose words may have the address in them, and it the token
            raise NetworkError(type(error).__name__) from error

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        # As httpx does, the certificates that come with certifi, not those of the machine.
        connector = aiohttp.TCPConnector(limit=self._connections, ssl=httpx.create_ssl_context())
        headers = {"User-Agent": self.USER_AGENT, "Content-Type": "application/json"}
        return aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar())

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except ValueError as error:
            raise NetworkError("the answer is not JSON") from error
        if not isinstance(parsed, dict):
            raise NetworkError("the answer is not a JSON object")
        if isinstance(sent := parsed.get("result"), dict):
            for name in _COMES_BACK:
                sent.pop(name, None)
        return parsed


class PollingRequest(Request):
    """The way to getUpdates. Updates of senders in a flood are dropped before they cost anything."""

    next_offset = 0  # confirms all that came last

    def __init__(self, pace: Pace) -> None:
        super().__init__(connections=2)
        self._pace = pace

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override] # always called on an object
        parsed = Request.parse_json_payload(payload)
        if isinstance(came := parsed.get("result"), list) and came:
            self.next_offset = int(came[-1]["update_id"]) + 1
            parsed["result"] = [update for update in came if self.takes(update)]
        return parsed

    def takes(self, update: dict[str, Any]) -> bool:
        """Whether the update, as Telegram sent it, is no part of a flood."""
        return self._pace.take(_sender(update)) == "allowed"


def _sender(update: dict[str, Any]) -> int:
    """As `Update.effective_sender`, of what Telegram sent as it came."""
    for content in update.values():
        if isinstance(content, dict):
            sender = content.get("sender_chat") or content.get("from")
            return int(sender["id"]) if isinstance(sender, dict) and "id" in sender else 0
    return 0
