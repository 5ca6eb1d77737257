"""What a failure to send means for the delivery and its chat: pure."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Literal

import aiohttp
import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.context import seconds
from storage.outbox import State

_FIRST_WAIT_S = 1.0
LONGEST_WAIT = dt.timedelta(seconds=300)
_UNKNOWN_S = 12 * 3600.0  # a chat that is not known may be again, once
# Files go by httpx, the rest by aiohttp. Of these nothing left the machine:
_NOT_SENT = (
    aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError,
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout,
)  # fmt: skip
_UNKNOWN = ("chat not found", "user not found", "peer_id_invalid")
_TOPIC = ("topic_closed", "topic closed", "topic_deleted", "message thread not found")
_NO_RIGHT = ("not enough rights", "have no rights", "chat_write_forbidden", "need administrator rights", "deactivated")


@dataclass(frozen=True)
class Verdict:
    """What becomes of a delivery that was not sent. Pending: it is tried again in `wait_s`."""

    state: State
    wait_s: float = 0.0
    counted: bool = False  # as a failure, for the back-off
    unsure: bool = False  # it may have been sent
    chat: Literal["", "blocked", "unknown", "topic"] = ""
    moved_to: int | None = None
    plain: bool = False  # worth a try without formatting
    doubt: bool = False  # whether Telegram is there at all


def judge(error: TelegramError, attempts: int, unsure: int) -> Verdict:
    """What the failure means, after so many `attempts` that failed, and so many of which it is not known.

    Errors: https://core.telegram.org/bots/api#making-requests, and TDLib's texts, whose case PTB changes.
    """
    said = str(error).lower()
    if isinstance(error, RetryAfter):
        return Verdict("pending", seconds(error) * random.uniform(1.0, 1.1))  # noqa: S311 (spread, not secrecy)
    if isinstance(error, ChatMigrated):
        return Verdict("pending", moved_to=error.new_chat_id)
    if isinstance(error, Forbidden):
        return Verdict("gone", chat="blocked")
    if isinstance(error, InvalidToken):
        return Verdict("pending")
    if isinstance(error, BadRequest):
        if any(reason in said for reason in _UNKNOWN):
            return Verdict("pending", _UNKNOWN_S, chat="unknown")
        if any(reason in said for reason in _TOPIC):
            return Verdict("gone", chat="topic")
        if any(reason in said for reason in _NO_RIGHT):
            return Verdict("gone", chat="blocked")
        return Verdict("dead", plain=True)
    wait_s = min(_FIRST_WAIT_S * 2.0 ** min(attempts, 20), LONGEST_WAIT.total_seconds()) * random.uniform(0.5, 1.0)  # noqa: S311
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientError | httpx.HTTPError) and not isinstance(cause, _NOT_SENT):
        # No answer: it may be there. One more try; a third might be the third copy.
        return Verdict("dead" if unsure else "pending", wait_s, counted=True, unsure=True, doubt=True)
    return Verdict("pending", wait_s, counted=True, doubt=True)
