"""How fast one user may ask."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

Verdict = Literal["allowed", "refused once", "refused"]
_REMEMBERED = 10_000  # users; who asked longest ago is forgotten first, and starts with a full allowance


class AskPace:
    """Counts questions: `rate_min` a minute from each user, all at once if they like (a token bucket)."""

    def __init__(self, rate_min: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate_s = rate_min / 60
        self._most = max(1.0, rate_min)
        self._clock = clock
        self._users: OrderedDict[int, tuple[float, float, bool]] = OrderedDict()  # tokens, when, told

    def ask(self, user_id: int) -> Verdict:
        """Whether the user may ask now; "refused once" is the first refusal in a row, to be told to them."""
        now = self._clock()
        tokens, then, told = self._users.pop(user_id, (self._most, now, False))
        tokens = min(self._most, tokens + (now - then) * self._rate_s)
        if tokens >= 1:
            # The notice is given again only when the allowance had half recovered in between.
            self._users[user_id] = (tokens - 1, now, told and tokens < self._most / 2)
        else:
            self._users[user_id] = (tokens, now, True)
        if len(self._users) > _REMEMBERED:
            self._users.popitem(last=False)
        if tokens >= 1:
            return "allowed"
        return "refused" if told else "refused once"
