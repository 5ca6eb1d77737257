"""The ways to Telegram: HTTP requests that bear its bad times, and a flood."""

from __future__ import annotations

import json
import sys
from typing import Any

import httpx
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from bot.pace import Pace

_TIMEOUTS_S: dict[str, Any] = dict.fromkeys(("read_timeout", "write_timeout", "pool_timeout"), 30.0)
_TIMEOUTS_S["connect_timeout"] = 10.0
_IDLE = 8  # connections kept open: httpcore looks at each of these at every call

# httpcore looks for this package a dozen times a call and goes on without it; looking took a tenth of answering.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


class Request(HTTPXRequest):
    """PTB's requests, but broken JSON, which proxies send in bad times, is a network error without a traceback."""

    def __init__(self, connections: int) -> None:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=_IDLE)
        super().__init__(connections, **_TIMEOUTS_S, httpx_kwargs={"limits": limits})

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except ValueError as error:
            raise NetworkError("the answer is not JSON") from error
        if not isinstance(parsed, dict):
            raise NetworkError("the answer is not a JSON object")
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
