"""The one way out to chats that did not just ask: alerts from the outbox to Telegram, each once.

A delivery is marked as in flight before it is sent, and settled after it. What was sent but not settled when the
program was killed is sent again: at most twice `Courier.in_flight` messages, and none is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from telegram.error import InvalidToken, NetworkError, TelegramError

from bot import alertviews
from bot.alertviews import Told
from bot.context import BotApplication, keyboard
from bot.fanout import FanOut
from bot.lanes import Lane, Lanes
from bot.limiter import ALERT, Limiter
from bot.markup import plain
from bot.polling import one_line
from bot.texts import words_for
from bot.verdicts import LONGEST_WAIT, Verdict, judge
from retrieval.analysis import Analyzer
from storage import chatstates, outbox, subscriptions
from storage.exceptions import StorageError
from storage.lock import InstanceLock, living
from storage.outbox import Delivery, Settled
from storage.subscriptions import FOR_GOOD

log = logging.getLogger(__name__)
_IN_FLIGHT = (4, 32)  # messages, at least and at most
_TAKEN_S = 0.6  # that Telegram may take for one message while the pace is kept
_GATHER_S = 0.05  # what is done within it is settled together
_IDLE_S = 1.0
_READ_S = 30.0
_DRAIN_S = 6.0
_CLOCK_S = 5.0  # by which the clock may be put without being noticed
_LOOK_S = 15.0
_GRACE_S = 5.0  # after which who only lost touch with the server is back, and whoever is not is dead
_PURGE_S = 3600.0


@dataclass
class _Outcome:
    """What became of deliveries, to be written down."""

    settled: list[Settled]
    chat_id: int
    topic: int = 0
    moved_to: int | None = None
    chat: str = ""  # Verdict.chat


@dataclass
class Courier:
    """Makes deliveries of alerts and sends them, as long as it holds the lock."""

    app: BotApplication
    lock: InstanceLock
    _busy: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # by chat
    _outcomes: list[_Outcome] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _doubt: asyncio.Task[None] | None = None  # looks whether Telegram is there
    _claimed: deque[Lane] = field(default_factory=deque)  # not begun
    _failures: int = 0  # of the database, in a row
    _recover_at: float = 0.0  # when what was in flight before is taken up, by `InstanceLock.held_s`
    _offset: float = 0.0  # of the wall clock from the monotonic one
    _errands: set[asyncio.Task[None]] = field(default_factory=set)
    _struck: set[int] = field(default_factory=set)  # chats that Telegram did not know lately

    def __post_init__(self) -> None:
        rate = self.app.settings.send_rate_s
        self.in_flight = min(_IN_FLIGHT[1], max(_IN_FLIGHT[0], math.ceil(rate * _TAKEN_S)))
        self._analyzer = Analyzer()
        self._limiter = cast(Limiter, self.app.bot.rate_limiter)
        self._lanes = Lanes(self.app, self._analyzer, self.lock.number)
        self._grace_s = self._recover_at = 0.0 if self.app.services.database.file else _GRACE_S
        self._refused = False  # the token

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; then finishes what is in flight."""
        stopping = asyncio.create_task(stop.wait())
        making = asyncio.create_task(self._make_deliveries(stopping))
        try:
            while not stop.is_set():
                wait_s = await self._round()
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait({waking, stopping}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
                if self._wake.is_set() and not stop.is_set():
                    self._wake.clear()
                    await asyncio.sleep(_GATHER_S)
        finally:
            stop.set()
            self._refused = True  # claims nothing more
            await asyncio.wait({making, *self._busy.values()}, timeout=_DRAIN_S)
            tasks = [making, stopping, *self._busy.values(), *self._errands, *([self._doubt] if self._doubt else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._give_back_claimed()
            await self._round()

    async def _make_deliveries(self, stopping: asyncio.Task[Any]) -> None:
        """Alerts to deliveries, until it is `stopping`; and the housekeeping of the outbox."""
        fan_out = FanOut(self.app.services.database, self._analyzer)
        wait_s, looked, purged = _IDLE_S, -_LOOK_S, -_PURGE_S
        while not stopping.done():
            try:
                while self.lock.held and not stopping.done() and await fan_out.next(_now()):
                    self._wake.set()
                if self.lock.held and time.monotonic() - looked > _LOOK_S:
                    await self._measure()
                    looked = time.monotonic()
                if self.lock.held and time.monotonic() - purged > _PURGE_S:
                    async with self.app.services.database.writing() as session:
                        await outbox.purge(session, _now())
                    if self.app.slots:
                        await self.app.slots.purge()
                    purged = time.monotonic()
                wait_s = _IDLE_S
            except StorageError as error:
                log.error("alerts wait: %s", error)
                wait_s = min(2 * wait_s, 30.0)
            except Exception:  # a defect must not end it for good
                log.exception("alerts wait")
                wait_s = 30.0
            await asyncio.wait({stopping}, timeout=wait_s)

    async def _measure(self) -> None:
        """Shows how much waits."""
        async with self.app.services.database.reading() as session:
            queue = await outbox.queue(session, _now())
        self.app.metrics.queue_length.set(queue.due)
        age = _now() - queue.oldest if queue.oldest else dt.timedelta()
        self.app.metrics.queue_age_s.set(max(0.0, age.total_seconds()))

    async def _round(self) -> float:
        """Settles what is done and sends what is due; gives the seconds until there may be more."""
        now = _now()
        if not self.lock.held:
            self._recover_at = self._grace_s
            self._give_back_claimed()
        done = list(self._outcomes)
        free = 2 * self.in_flight - len(self._busy) - len(self._claimed)
        claiming = self._may_send() and free > 0
        lanes: list[Lane] = []
        try:
            if claiming and not done and not self._clock_was_set(now) and self.lock.held_s < self._recover_at:
                async with self.app.services.database.reading() as session:
                    if not await outbox.any_due(session, now):
                        return _IDLE_S
            if claiming or done:
                async with self.app.services.database.writing() as session:
                    await self._settle(session, done, now)
                    if claiming and self.lock.held_s >= self._recover_at:
                        await self._recover(session, now)
                    if claiming:
                        busy = {*self._busy, *(lane.chat_id for lane in self._claimed)}
                        lanes = await self._lanes.claim(session, now, free, busy)
        except StorageError as error:
            self._failures += 1
            if self._failures == 1:
                log.error("alerts wait, what is sent is remembered: %s", error)
            return min(2.0**self._failures, 30.0)
        except Exception:  # a defect must not end it for good
            log.exception("alerts wait")
            return 30.0
        self._failures = 0
        del self._outcomes[: len(done)]
        self._claimed.extend(lanes)
        self._begin()
        return _IDLE_S

    async def _recover(self, session: Any, now: dt.datetime) -> None:
        """Takes up what was in flight where a program ended; what one that lives has in flight is looked at later."""
        alive = {self.lock.number, *await living(session)}
        if found := await outbox.recover(session, now, longest=LONGEST_WAIT, living=alive):
            log.warning("%d alerts were in flight when the bot was stopped; they are sent again", found)
        again = await outbox.any_in_flight(session, self.lock.number)
        self._recover_at = self.lock.held_s + _LOOK_S if again else math.inf

    def _may_send(self) -> bool:
        kept_off = self._doubt or self._refused or self.app.contested or self._limiter.shut_s()
        return self.lock.held and not kept_off

    def _begin(self) -> None:
        """Sends what is claimed, as far as so much may be in flight, and so much not settled."""
        while self._claimed and max(len(self._busy), len(self._outcomes)) < self.in_flight and self._may_send():
            lane = self._claimed.popleft()
            self._busy[lane.chat_id] = asyncio.create_task(self._send_lane(lane))

    def _clock_was_set(self, now: dt.datetime) -> bool:
        """Whether it was; what waits is looked at then."""
        offset = now.timestamp() - time.monotonic()
        was_set = abs(offset - self._offset) > _CLOCK_S and self._offset != 0.0
        self._offset = offset
        if was_set:
            log.warning("the clock was set; what waits is looked at again")
            self._recover_at = 0.0
        return was_set

    async def _settle(self, session: Any, outcomes: Sequence[_Outcome], now: dt.datetime) -> None:
        for outcome in outcomes:
            if outcome.moved_to is not None:
                await chatstates.move(session, outcome.chat_id, outcome.moved_to)
        await outbox.settle(session, [settled for outcome in outcomes for settled in outcome.settled])
        for outcome in outcomes:
            match outcome.chat:
                case "blocked":
                    await chatstates.close(session, outcome.chat_id, "blocked", now)
                case "unknown":
                    await chatstates.strike(session, outcome.chat_id, now)
                    self._struck.add(outcome.chat_id)
                case "topic":
                    await chatstates.drop(session, outcome.chat_id, outcome.topic, now, "the topic is closed")
                    for one in await subscriptions.of_chat(session, outcome.chat_id, outcome.topic):
                        await subscriptions.change(session, one.id, paused_until=FOR_GOOD)
        reached = {o.chat_id for o in outcomes if o.settled and o.settled[0].state == "sent"} & self._struck
        if reached:
            await chatstates.reached(session, reached)
            self._struck -= reached

    async def _send_lane(self, lane: Lane) -> None:
        try:
            left = lane.batches()
            while left and not self._refused:
                deliveries, told = left.pop(0)
                outcome, verdict = await self._send(lane, deliveries, told)
                if verdict and verdict.state != "dead" and left:
                    later = [d for batch, _ in left for d in batch]
                    outcome.settled += self._settled(later, replace(verdict, counted=False, unsure=False), outcome)
                    left.clear()
                self._outcomes.append(outcome)
                self._wake.set()
            if left:
                self._give_back([d for batch, _ in left for d in batch])
        except Exception:  # a defect costs this chat its alerts, and no other
            log.exception("alerts for chat %d set aside", lane.chat_id)
            outcome = _Outcome([], lane.chat_id)
            outcome.settled = self._settled(lane.deliveries, Verdict("dead"), outcome)
            self._outcomes.append(outcome)
        finally:
            del self._busy[lane.chat_id]
            self._begin()
            self._wake.set()

    def _give_back_claimed(self) -> None:
        """What is not begun is for whoever has the lock."""
        if self._claimed:
            self._give_back([delivery for lane in self._claimed for delivery in lane.deliveries])
            self._claimed.clear()

    def _give_back(self, deliveries: Sequence[Delivery]) -> None:
        """These were claimed, and are not sent now."""
        outcome = _Outcome([], 0)
        outcome.settled = self._settled(deliveries, Verdict("pending"), outcome)
        self._outcomes.append(outcome)

    async def _send(
        self, lane: Lane, deliveries: Sequence[Delivery], told: Sequence[Told]
    ) -> tuple[_Outcome, Verdict | None]:
        """Sends one message. Gives what became of it, and, unless it was sent, what that means for the chat."""
        words, today = words_for(lane.language), dt.datetime.now().astimezone().date()
        if len(told) == 1 and not deliveries[0].daily:
            message = self._lanes.alert(told[0], words, today)
        else:
            message = alertviews.digest(told, words, today, daily=all(d.daily for d in deliveries))
        more: dict[str, Any] = {"reply_markup": keyboard(message), "read_timeout": _READ_S, "rate_limit_args": ALERT}
        if lane.topic:
            more["message_thread_id"] = lane.topic
        outcome = _Outcome([], lane.chat_id, lane.topic)
        try:
            try:
                sent = await self.app.bot.send_message(lane.chat_id, message.text, **more)
            except TelegramError as error:
                if not judge(error, 0, 0).plain:
                    raise
                log.error("alert %d for chat %d: %s; sent as plain text", told[0].alert_id, lane.chat_id, error)
                more["parse_mode"] = None
                sent = await self.app.bot.send_message(lane.chat_id, plain(message.text)[:4096], **more)
        except TelegramError as error:
            verdict = judge(error, deliveries[0].attempts, deliveries[0].unsure)
            outcome.chat, outcome.moved_to = verdict.chat, verdict.moved_to
            outcome.settled = self._settled(deliveries, verdict, outcome, error)
            self._follow_up(lane, verdict, error)
            return outcome, verdict
        now = _now()
        outcome.settled = [Settled(d.key, "sent", now, d.attempts, d.unsure, sent.message_id) for d in deliveries]
        return outcome, None

    def _settled(
        self, deliveries: Sequence[Delivery], verdict: Verdict, outcome: _Outcome, error: Exception | None = None
    ) -> list[Settled]:
        at = _now() + dt.timedelta(seconds=verdict.wait_s)
        return [
            Settled(
                (d.alert_id, outcome.moved_to or d.chat_id, d.topic),
                verdict.state,
                at,
                d.attempts + verdict.counted,
                d.unsure + verdict.unsure,
                error=one_line(error) if error else None,
                held=d.held,
            )
            for d in deliveries
        ]

    def _follow_up(self, lane: Lane, verdict: Verdict, error: TelegramError) -> None:
        """What a failure means beyond its own delivery."""
        if verdict.unsure and verdict.state == "pending":
            self.app.metrics.repeated.inc()
        if isinstance(error, InvalidToken):
            self._refused = True
            log.error("Telegram refuses the token: alerts wait")
        elif verdict.state == "dead":
            log.error("alert for chat %d set aside: %s", lane.chat_id, one_line(error))
        elif verdict.doubt and self._doubt is None:
            log.warning("an alert could not be sent (%s)", one_line(error))
            self._doubt = asyncio.create_task(self._look_for_telegram())
        elif verdict.chat:
            log.warning("chat %d: %s", lane.chat_id, one_line(error))
        if verdict.chat == "blocked":
            self.app.unreachable.add(lane.chat_id)
        if verdict.chat == "topic":
            errand = asyncio.create_task(self._tell_chat_admins(lane))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    async def _look_for_telegram(self) -> None:
        """Until Telegram answers: what would be sent meanwhile would only fail."""
        wait_s = 1.0
        while True:
            try:
                await self.app.bot.get_me()
                break
            except NetworkError:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, 30.0)
            except TelegramError:
                break
        self._doubt = None
        self._wake.set()

    async def _tell_chat_admins(self, lane: Lane) -> None:
        """Tells those who can open the topic again, as far as they have a chat with the bot."""
        try:
            admins = await self.app.bot.get_chat_administrators(lane.chat_id)
            title = (await self.app.bot.get_chat(lane.chat_id)).title
        except TelegramError:
            return
        for user in (admin.user for admin in admins if not admin.user.is_bot):
            words = words_for(self.app.languages.get(user.id) or user.language_code)
            text = words("alert.topic_closed", chat=title or str(lane.chat_id))
            with contextlib.suppress(TelegramError):
                await self.app.bot.send_message(user.id, text, rate_limit_args=ALERT)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
