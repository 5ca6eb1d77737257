"""The pace of all that is sent, by a clock of the test's own."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter

from bot.limiter import ALERT, ANSWER, Limiter
from storage.exceptions import StorageError


class Telegram:
    """Calls through a limiter, in a time that passes only as the test lets it."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        rate_s: float = 25,
        chat_s: float = 1,
        group_min: float = 18,
        processes: int = 1,
    ):
        self.now = 100.0
        self.timers: list[tuple[float, Any]] = []
        self.sent: list[tuple[float, object]] = []
        self.refusals: dict[object, Exception] = {}
        self.slots = CommonSlots(self)
        slots: Any = self.slots if processes > 1 else None
        rates = rate_s, chat_s, group_min
        self.limiters = [Limiter(*rates, clock=lambda: self.now, slots=slots) for _ in range(processes)]
        self.limiter = self.limiters[0]
        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", self._call_later, raising=True)

    def _call_later(self, delay: float, callback: Any, *given: Any, **_: Any) -> Any:
        timer = [self.now + delay, partial(callback, *given)]
        self.timers.append(timer)  # type: ignore[arg-type]

        class Handle:
            def cancel(_self) -> None:
                if timer in telegram.timers:
                    telegram.timers.remove(timer)  # type: ignore[arg-type]

        telegram = self
        return Handle()

    def send(
        self, chat: object, priority: int | None = None, endpoint: str = "sendMessage", process: int = 0
    ) -> asyncio.Task[Any]:
        async def call() -> str:
            self.sent.append((round(self.now - 100, 3), chat))
            if chat in self.refusals:
                raise self.refusals[chat]
            return "sent"

        work = self.limiters[process].process_request(call, (), {}, endpoint, {"chat_id": chat}, priority)
        return asyncio.create_task(work)

    async def passes(self, seconds: float) -> None:
        """Time passes, timer by timer."""
        end = self.now + seconds
        await self._settle()
        while (due := min((t for t in self.timers), key=lambda t: t[0], default=None)) and due[0] <= end:
            self.timers.remove(due)
            self.now = max(self.now, due[0])
            due[1]()
            await self._settle()
        self.now = end

    async def _settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    def most_within(self, span: float) -> int:
        times = [at for at, _ in self.sent]
        return max(sum(start <= at < start + span for at in times) for start in times)


class CommonSlots:
    """As storage.slots.Slots, by the test's clock."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._next: dict[int, float] = {}
        self.away = False  # the database

    async def take(self, place: int, *, apart_s: float, burst_s: float, longest_s: float) -> float:
        if self.away:
            raise StorageError("away")
        now, known = self._telegram.now, self._next.get(place, 0.0)
        if known > now + longest_s:
            return known - now
        at = max(known, now - burst_s)
        self._next[place] = at + apart_s
        return max(0.0, at - now)

    async def shut(self, place: int, wait_s: float) -> None:
        self._next[place] = max(self._next.get(place, 0.0), self._telegram.now + wait_s)


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> Telegram:
    return Telegram(monkeypatch)


async def test_alerts_take_the_whole_rate_and_no_more(telegram: Telegram) -> None:
    tasks = [telegram.send(chat, ALERT) for chat in range(200)]
    await telegram.passes(8.0)

    assert all(task.done() for task in tasks)
    assert telegram.sent[-1][0] >= 7.8
    assert telegram.most_within(1.0) <= 28  # 25, and what a tenth of a second of lateness makes up for


async def test_an_answer_goes_before_alerts_that_wait(telegram: Telegram) -> None:
    for chat in range(50):
        telegram.send(chat, ALERT)
    await telegram.passes(0.3)
    telegram.send("reader", ANSWER)
    await telegram.passes(0.05)

    assert "reader" in [chat for _, chat in telegram.sent[-2:]]


async def test_alerts_to_one_chat_are_apart_and_answers_may_come_in_a_burst(telegram: Telegram) -> None:
    for _ in range(3):
        telegram.send(7, ALERT)
    await telegram.passes(1.9)
    assert [at for at, _ in telegram.sent] == [0.0, 1.0]
    await telegram.passes(60)
    telegram.sent.clear()

    for _ in range(12):
        telegram.send(7)
    await telegram.passes(20)
    assert telegram.most_within(1.0) <= 5
    assert telegram.most_within(10.0) <= 10


async def test_a_group_gets_its_messages_a_minute_and_others_do_not_wait_for_it(telegram: Telegram) -> None:
    for _ in range(40):
        telegram.send(-100, ALERT)
        telegram.send(-100, ANSWER)
    telegram.send(5, ALERT)
    await telegram.passes(200)

    assert next(at for at, chat in telegram.sent if chat == 5) < 5
    telegram.sent = [(at, chat) for at, chat in telegram.sent if chat == -100]
    assert telegram.most_within(59.9) <= 18


async def test_a_chat_that_is_refused_is_left_alone_and_the_others_go_on(telegram: Telegram) -> None:
    telegram.refusals[1] = RetryAfter(3600)
    refused = telegram.send(1, ALERT)
    await telegram.passes(1)
    assert isinstance(refused.exception(), RetryAfter)
    again, answer = telegram.send(1, ALERT), telegram.send(1, ANSWER)
    others = [telegram.send(chat, ALERT) for chat in range(2, 9)]
    await telegram.passes(2)

    assert isinstance(again.exception(), RetryAfter)  # without a call
    assert isinstance(answer.exception(), RetryAfter)
    assert sum(chat == 1 for _, chat in telegram.sent) == 1
    assert all(task.result() == "sent" for task in others)
    assert telegram.limiter.shut_s() == 0


async def test_when_another_chat_is_refused_as_well_the_whole_bot_waits(telegram: Telegram) -> None:
    for chat in range(50):
        telegram.refusals[chat] = RetryAfter(30)
    tasks = [telegram.send(chat, ALERT) for chat in range(50)]
    await telegram.passes(5)
    assert len(telegram.sent) <= 3  # the first, one that tries, and what was on its way
    assert telegram.limiter.shut_s() > 20
    assert all(isinstance(task.exception(), RetryAfter) for task in tasks if task.done())

    telegram.refusals.clear()
    answer = telegram.send(60, ANSWER)
    await telegram.passes(20)
    assert len(telegram.sent) <= 3
    await telegram.passes(15)
    assert answer.result() == "sent"


async def test_other_failures_stop_nothing(telegram: Telegram) -> None:
    telegram.refusals |= {1: BadRequest("no"), 2: NetworkError("no")}
    tasks = [telegram.send(chat) for chat in (1, 2, 3)]
    await telegram.passes(1)

    assert [type(task.exception()) for task in tasks] == [BadRequest, NetworkError, type(None)]


async def test_what_is_no_message_does_not_wait(telegram: Telegram) -> None:
    for chat in range(50):
        telegram.send(chat)
    button = telegram.send(None, endpoint="answerCallbackQuery")
    typing = telegram.send(3, endpoint="sendChatAction")
    await telegram.passes(0)

    assert button.done()
    assert typing.done()


async def test_one_that_gives_up_waiting_leaves_its_place(telegram: Telegram) -> None:
    waiting = [telegram.send(1, ALERT) for _ in range(3)]
    await telegram.passes(0.5)
    waiting[1].cancel()
    await telegram.passes(0.6)

    assert waiting[2].result() == "sent"


async def test_chats_are_forgotten_when_they_no_longer_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(monkeypatch, rate_s=100)
    for start in range(0, 3000, 20):
        tasks = [telegram.send(chat, ALERT) for chat in range(start, start + 20)]
        await telegram.passes(0.2)
        await asyncio.gather(*tasks)

    assert len(telegram.limiter._lanes) <= 1500  # those of the last five seconds, and of up to a thousand since


@pytest.mark.parametrize("busy", [[0], [0, 1], [0, 1, 2]], ids=["one", "two", "three"])
async def test_processes_share_the_whole_pace_among_those_that_send(
    monkeypatch: pytest.MonkeyPatch, busy: list[int]
) -> None:
    telegram = Telegram(monkeypatch, processes=3)
    tasks = [telegram.send(chat, ALERT, process=busy[chat % len(busy)]) for chat in range(180)]
    await telegram.passes(8.0)

    assert all(task.done() for task in tasks)
    assert telegram.sent[-1][0] >= 7.0
    assert telegram.most_within(1.0) <= 28


async def test_an_answer_of_one_process_does_not_wait_for_the_alerts_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    telegram = Telegram(monkeypatch, processes=2)
    for chat in range(1, 51):
        telegram.send(chat, ALERT)
    await telegram.passes(0.3)
    telegram.send(99, ANSWER, process=1)
    await telegram.passes(0.1)

    assert 99 in [chat for _, chat in telegram.sent]


async def test_a_chat_gets_no_more_from_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(monkeypatch, processes=3)
    for process in range(3):
        for _ in range(20):
            telegram.send(-100, process=process)
            telegram.send(5, process=process)
    await telegram.passes(70)

    everything = telegram.sent
    telegram.sent = [(at, chat) for at, chat in everything if chat == -100]
    assert telegram.most_within(59.9) <= 18
    telegram.sent = [(at, chat) for at, chat in everything if chat == 5]
    assert telegram.most_within(0.9) <= 5
    assert telegram.most_within(9.9) <= 15


async def test_what_telegram_refuses_one_process_no_other_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(monkeypatch, processes=2)
    telegram.refusals = {chat: RetryAfter(30) for chat in range(1, 50)}
    for chat in (1, 2):
        telegram.send(chat, ALERT)
    await telegram.passes(2)
    refused, waits = telegram.send(3, ALERT, process=1), telegram.send(4, ANSWER, process=1)
    await telegram.passes(1)
    again = telegram.send(1, ALERT, process=1)
    await telegram.passes(1)

    assert [chat for _, chat in telegram.sent] == [1, 2]
    assert isinstance(refused.exception(), RetryAfter)
    assert isinstance(again.exception(), RetryAfter)
    telegram.refusals.clear()
    await telegram.passes(30)
    assert waits.result() == "sent"


async def test_while_the_database_is_away_messages_go_out_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(monkeypatch, processes=2)
    telegram.slots.away = True
    for chat in range(1, 21):
        telegram.send(chat)
    await telegram.passes(5.5)
    assert 4 <= len(telegram.sent) <= 6
    telegram.slots.away = False
    await telegram.passes(2)

    assert len(telegram.sent) == 20
