"""The one pace of all that is sent: over all chats, and to each; answers before alerts.

Telegram's limits: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. When it says that it
is too soon (429), that chat is left alone for as long as it says; another chat is tried then, alone, and when that is
refused as well, the whole bot waits.

Where other processes send for the same bot, each takes a slot of the common pace before it sends; so the whole pace is
anyone's who needs it, and none knows of the others. While the database is away each sends a message a second.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from telegram.error import NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.context import seconds
from storage.exceptions import StorageError
from storage.slots import ALL, Slots

ANSWER, ALERT = 0, 1  # the smaller goes first
_LONGEST_S = (60.0, 5.0)  # by the above: who would have to wait longer is told so at once
_BURST_S = 5.0  # to a private chat, what may be sent in that time may be sent at once, when it answers
_GROUP_S = 60.0
_LATE_S = 0.1  # by so much of lateness the pace is made up for
_PRUNED = 1000  # sends between two clean-ups
_TOGETHER_S = 0.1  # common slots of so long are taken at once, when so many wait: the others wait for no longer
_ALONE_S = 1.0  # between messages while the common pace cannot be asked for; for so long slots that were taken are good

Callback = Callable[..., Coroutine[Any, Any, Any]]


class _Lane:
    """What was sent to a chat lately."""

    def __init__(self, limit: int, span_s: float) -> None:
        self.sent: deque[float] = deque(maxlen=limit)
        self.span_s = span_s
        self._apart_s = span_s / limit  # of alerts

    def ready_at(self, priority: int) -> float:
        if not self.sent:
            return 0.0
        whole = self.sent[0] + self.span_s if len(self.sent) == self.sent.maxlen else 0.0
        return whole if priority == ANSWER else max(whole, self.sent[-1] + self._apart_s)


class _Waiter(NamedTuple):
    priority: int
    number: int
    chat: object
    turn: asyncio.Future[None]


class Limiter(BaseRateLimiter[int]):
    """Passes the bot's calls on at the pace that is allowed. `rate_limit_args`: a priority; ANSWER when not given."""

    def __init__(
        self,
        rate_s: float,
        chat_s: float,
        group_min: float,
        *,
        took: Callable[[float], object] = lambda seconds: None,
        clock: Callable[[], float] = time.monotonic,
        slots: Slots | None = None,
    ) -> None:
        """`took`: called with the seconds that Telegram took for each call; `slots`: of all processes together."""
        self._slots = slots
        self._together = max(1, round(rate_s * _TOGETHER_S))
        self._taken, self._good_until = 0, 0.0  # common slots, from `_next` on
        self._asking: asyncio.Task[None] | None = None
        self._apart_s = 1 / rate_s
        self._chat = max(1, round(chat_s * _BURST_S)), max(_BURST_S, 1 / chat_s)
        self._group = max(1, math.floor(group_min)), _GROUP_S
        self._took = took
        self._clock = clock
        self._waiting: list[_Waiter] = []  # in order of priority, then of coming
        self._number = 0
        self._next = 0.0  # when the next may be sent, to whomever
        self._lanes: dict[object, _Lane] = {}
        self._shut: dict[object, float] = {}  # chats, until when
        self._all_shut = 0.0
        self._refused: object = None  # the chat that was refused last, while it is not known whether others are
        self._flying = 0
        self._timer: asyncio.TimerHandle | None = None

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Asks for nothing any more."""
        if self._asking:
            self._asking.cancel()

    def shut_s(self) -> float:
        """For how long Telegram lets the bot send nothing."""
        return max(0.0, self._all_shut - self._clock())

    async def process_request(
        self,
        callback: Callback,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """The call's result, when it is its turn. Raises: RetryAfter, also when the wait would be long."""
        chat, priority = data.get("chat_id"), rate_limit_args or ANSWER
        name = endpoint.lower()
        if chat is None or not name.startswith(("send", "editmessage")):
            return await callback(*args, **kwargs)
        if name == "sendchataction":
            self._refuse_if_shut(chat, 0.0)
            return await callback(*args, **kwargs)
        self._refuse_if_shut(chat, _LONGEST_S[priority])
        slots = self._slots if isinstance(chat, int) else None
        if slots:
            await self._common_turn(slots, chat, priority)
        await self._turn(chat, priority)
        self._flying += 1
        before = self._clock()
        try:
            result = await callback(*args, **kwargs)
        except RetryAfter as error:
            self._shut_for(chat, seconds(error))
            if slots:
                await self._tell_other_processes(slots, chat)
            raise
        except NetworkError:
            raise
        except BaseException:
            self._refused = None
            raise
        else:
            self._refused = None
            return result
        finally:
            self._took(self._clock() - before)
            self._flying -= 1
            self._go()

    def _refuse_if_shut(self, chat: object, longest_s: float) -> None:
        wait_s = max(self._all_shut, self._shut.get(chat, 0.0)) - self._clock()
        if wait_s > longest_s:
            raise RetryAfter(math.ceil(wait_s))

    def _shut_for(self, chat: object, wait_s: float) -> None:
        until = self._clock() + wait_s
        self._shut[chat] = until
        if self._refused not in (None, chat):
            self._all_shut = max(self._all_shut, until)
        self._refused = chat
        self._turn_away()

    def _turn_away(self) -> None:
        """Tells those who would have to wait too long."""
        staying = []
        for waiter in self._waiting:
            try:
                self._refuse_if_shut(waiter.chat, _LONGEST_S[waiter.priority])
                staying.append(waiter)
            except RetryAfter as error:
                if not waiter.turn.done():
                    waiter.turn.set_exception(error)
        self._waiting = staying

    async def _common_turn(self, slots: Slots, chat: int, priority: int) -> None:
        """Waits until all processes together may send to the chat. Raises: RetryAfter when the wait would be long."""
        most, span_s = self._limits(chat)
        # A third at once and the others evenly: so there are never more than `most` within the span.
        at_once = max(1, most // 3) if span_s == _GROUP_S else most
        apart_s = span_s / (max(1, most - at_once) if span_s == _GROUP_S else most)
        burst_s, longest_s = (at_once - 1) * apart_s, _LONGEST_S[priority]
        try:
            wait_s = await slots.take(chat, apart_s=apart_s, burst_s=burst_s, longest_s=longest_s)
        except StorageError:
            return
        if wait_s > longest_s:
            raise RetryAfter(math.ceil(wait_s))
        await asyncio.sleep(wait_s)
        self._refuse_if_shut(chat, longest_s)

    async def _ask(self, slots: Slots) -> None:
        """Takes the next common slots of the whole bot."""
        number = max(1, min(self._together, len(self._waiting)))
        try:
            apart_s = self._apart_s * number
            wait_s = await slots.take(ALL, apart_s=apart_s, burst_s=_LATE_S, longest_s=_ALONE_S)
            self._taken = number
        except StorageError:  # whoever uses the database meets and tells the same
            wait_s, self._taken = _ALONE_S, 1
        finally:
            self._asking = None
        now = self._clock()
        self._good_until = now + wait_s + _ALONE_S
        if wait_s > _ALONE_S:  # no pace is so slow: Telegram refuses the bot
            self._taken, self._all_shut = 0, max(self._all_shut, now + wait_s)
            self._turn_away()
        elif wait_s:
            self._next = now + wait_s
        self._go()

    async def _tell_other_processes(self, slots: Slots, chat: int) -> None:
        """Has them leave alone, too, whom Telegram refuses."""
        with contextlib.suppress(StorageError):
            await slots.shut(chat, self._shut[chat] - self._clock())
            if self.shut_s():
                await slots.shut(ALL, self.shut_s())

    async def _turn(self, chat: object, priority: int) -> None:
        self._number += 1
        waiter = _Waiter(priority, self._number, chat, asyncio.get_running_loop().create_future())
        bisect.insort(self._waiting, waiter, key=lambda w: (w.priority, w.number))
        self._go()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._waiting = [other for other in self._waiting if other.turn is not waiter.turn]
            raise

    def _go(self) -> None:
        """Lets go whose turn it is, and comes back when it is the next one's."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        while self._waiting and (at := self._next_at()) <= now:
            if self._refused is not None and self._flying:
                return  # one at a time, until it is known who is refused
            chosen = next((n for n, waiter in enumerate(self._waiting) if self._ready_at(waiter) <= now), None)
            if chosen is None:
                at = min(map(self._ready_at, self._waiting))
                break
            if self._slots:
                if not self._taken or now > self._good_until:
                    self._asking = self._asking or asyncio.create_task(self._ask(self._slots))
                    return
                self._taken -= 1
            waiter = self._waiting.pop(chosen)
            if not waiter.turn.done():
                waiter.turn.set_result(None)
                self._sent(waiter.chat, now)
                if self._refused is not None:
                    return
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, at - now), self._go)

    def _next_at(self) -> float:
        """When the next may be sent, to whomever; or when common slots may be asked for, so as to have them in time."""
        return max(self._all_shut, 0.0 if self._slots and not self._taken else self._next)

    def _ready_at(self, waiter: _Waiter) -> float:
        lane = self._lanes.get(waiter.chat)
        return max(self._shut.get(waiter.chat, 0.0), lane.ready_at(waiter.priority) if lane else 0.0)

    def _sent(self, chat: object, now: float) -> None:
        self._next = max(self._next, now - _LATE_S) + self._apart_s
        lane = self._lanes.get(chat)
        if lane is None:
            lane = self._lanes[chat] = _Lane(*self._limits(chat))
        lane.sent.append(now)
        if self._number % _PRUNED == 0:
            self._lanes = {c: one for c, one in self._lanes.items() if one.sent[-1] + one.span_s > now}
            self._shut = {c: until for c, until in self._shut.items() if until > now}

    def _limits(self, chat: object) -> tuple[int, float]:
        """How many messages the chat may get, within how many seconds."""
        return self._group if str(chat).startswith(("-", "@")) else self._chat
