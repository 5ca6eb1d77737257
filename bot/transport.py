"""The ways to Telegram: HTTP requests that bear its bad times, and a flood."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.request import getproxies

import httpcore
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest, RequestData

from bot.connections import Connections
from bot.pace import Pace

_TIMEOUTS_S = {"read": 30.0, "write": 30.0, "pool": 30.0, "connect": 10.0}

# Of a message sent, which comes back whole, we read where it stands: the rest would take a tenth of answering.
_COMES_BACK = ("entities", "caption_entities", "reply_markup", "reply_to_message")

# httpcore looks for this package a dozen times a call and goes on without it; looking took a tenth of answering.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


class Request(HTTPXRequest):
    """PTB's requests, but those without files, which are nearly all, go past httpx: of what it costs a fifth is left.

    And broken JSON, which proxies send in bad times, is a network error without a traceback.
    """

    def __init__(self, connections: int) -> None:
        super().__init__(connections, **{f"{name}_timeout": wait_s for name, wait_s in _TIMEOUTS_S.items()})  # type: ignore[arg-type]
        self._connections = Connections(connections)
        self._direct = not getproxies()

    async def shutdown(self) -> None:
        await self._connections.close()
        await super().shutdown()

    async def do_request(  # type: ignore[override] # PTB gives the timeouts by name
        self, url: str, method: str, request_data: RequestData | None = None, **timeouts: Any
    ) -> tuple[int, bytes]:
        if not self._direct or method != "POST" or (request_data and request_data.multipart_data):
            return await super().do_request(url, method, request_data, **timeouts)
        given = {name: timeouts.get(f"{name}_timeout", self.DEFAULT_NONE) for name in _TIMEOUTS_S}
        waits_s = {n: _TIMEOUTS_S[n] if wait_s is self.DEFAULT_NONE else wait_s for n, wait_s in given.items()}
        content = request_data.json_payload if request_data else b"{}"
        headers = {"User-Agent": self.USER_AGENT, "Content-Type": "application/json"}
        try:
            return await self._connections.post(url, content, headers, waits_s)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise TimedOut from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error

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
