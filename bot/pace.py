"""How fast one sender may go."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

Verdict = Literal["allowed", "refused once", "refused"]
_REMEMBERED = 10_000  # senders; who came longest ago is forgotten first, and starts with a full allowance


class Pace:
    """`rate_min` a minute for each sender, all at once if they like (a token bucket)."""

    def __init__(self, rate_min: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate_s = rate_min / 60
        self._most = max(1.0, rate_min)
        self._clock = clock
        self._senders: OrderedDict[int, tuple[float, float, bool]] = OrderedDict()  # tokens, when, told

    def take(self, sender_id: int) -> Verdict:
        """Whether the sender may go on now; "refused once" is the first refusal in a row, to be told to them."""
        now = self._clock()
        tokens, then, told = self._senders.pop(sender_id, (self._most, now, False))
        tokens = min(self._most, tokens + (now - then) * self._rate_s)
        if tokens >= 1:
            # The notice is given again only when the allowance had half recovered in between.
            self._senders[sender_id] = (tokens - 1, now, told and tokens < self._most / 2)
        else:
            self._senders[sender_id] = (tokens, now, True)
        if len(self._senders) > _REMEMBERED:
            self._senders.popitem(last=False)
        if tokens >= 1:
            return "allowed"
        return "refused" if told else "refused once"
