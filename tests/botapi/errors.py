"""How a call fails: refused by Telegram, or spoiled on the way because a test asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class ApiError(Exception):
    """Telegram's answer to a call that it refuses."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


@dataclass
class Fault:
    """What happens to the next `times` calls of `method` (to `chat_id`, when given) instead of the usual answer."""

    method: str | None = None  # None: any but getUpdates
    chat_id: int | None = None
    times: int = 1
    status: int = 200
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    carried_out: bool = False  # the call is done before its answer is spoiled
    reset: bool = False  # the connection is cut
    body: str | None = None  # sent as it is: broken JSON, a proxy's page
    delay_s: float = 0.0  # before the answer
    every: int = 1  # of so many calls that it would happen to, it happens to the last
    seen: int = 0

    def strikes(self, method: str, chat_id: object) -> bool:
        """Whether it happens to this call."""
        if self.times <= 0 or (self.chat_id is not None and str(self.chat_id) != str(chat_id)):
            return False
        if method != self.method if self.method else method == "getUpdates":
            return False
        self.seen += 1
        return self.seen % self.every == 0


def too_many(retry_after: int, **fits: Any) -> Fault:
    """429 with the seconds to wait."""
    text = f"Too Many Requests: retry after {retry_after}"
    return Fault(status=429, description=text, parameters={"retry_after": retry_after}, **fits)


def bad_gateway(**fits: Any) -> Fault:
    """A proxy's HTML page instead of JSON."""
    return Fault(status=502, body="<html><h1>502 Bad Gateway</h1></html>", **fits)
