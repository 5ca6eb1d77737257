"""The bot and Telegram's moods: unreachable, refusing, crowded, crashing; and a clean end."""

from __future__ import annotations

import asyncio
import logging
import shutil
from pathlib import Path

import pytest

from bot import polling
from bot.app import build_application, run
from bot.exceptions import TokenRefused, UserError
from bot.settings import Secret
from storage.database import Database
from storage.exceptions import DatabaseError
from tests.bot.conftest import running
from tests.bot.test_web import free_port
from tests.botapi import TOKEN, BotApi, Fault
from tests.botapi.errors import bad_gateway, too_many
from tests.fakes import FakeServices, bot_settings, quote


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_FIRST_WAIT_S", 0.02)


async def test_start_waits_for_telegram_to_come_back_with_a_line_for_each_try(
    api: BotApi, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    port = int(api.url.rpartition(":")[2])
    await api.vanish()
    stop = asyncio.Event()
    app = build_application(services, bot_settings(api.url, TOKEN))
    task = asyncio.create_task(run(app, stop))
    while len(caplog.records) < 3:  # noqa: ASYNC110 - logging signals nothing
        await asyncio.sleep(0.01)
    assert all("Telegram cannot be reached" in record.getMessage() for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
    await api.serve(port)

    assert "Hello" in (await api.user("Ann").asks("/start")).text
    stop.set()
    await task


async def test_it_can_be_stopped_while_telegram_is_unreachable(services: FakeServices) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(run(build_application(services, bot_settings("http://127.0.0.1:9", TOKEN)), stop))
    await asyncio.sleep(0)
    stop.set()
    await task


@pytest.mark.parametrize("token", ["1234567:wrong", "not a token", "", "1:\n"])
async def test_a_refused_token_is_one_error_without_the_token_in_it(
    api: BotApi, services: FakeServices, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TokenRefused) as refused:
        await run(build_application(services, bot_settings(api.url, token)), asyncio.Event())

    assert "TELEGRAM_BOT_TOKEN" in str(refused.value)
    assert "wrong" not in str(refused.value) + caplog.text
    assert "\n" not in str(refused.value)


async def test_a_second_program_with_the_token_is_borne_for_a_while(api: BotApi, services: FakeServices) -> None:
    conflict = Fault("getUpdates", times=3, status=409, description="Conflict: terminated by other getUpdates request")
    api.faults.append(conflict)
    async with running(api, services):
        await api.user("Ann").asks("/start")

    assert conflict.times == 0


async def test_of_two_bots_with_one_token_and_two_databases_one_gives_up_and_the_other_goes_on(
    api: BotApi, services: FakeServices, new_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_CONFLICT_S", 0.3)
    stops = [asyncio.Event(), asyncio.Event()]
    async with Database(f"sqlite:///{shutil.copy(new_database, tmp_path / 'other.db')}") as database:
        bots = [
            asyncio.create_task(run(build_application(one, bot_settings(api.url, TOKEN)), stop))
            for one, stop in zip((services, FakeServices(database)), stops, strict=True)
        ]
        (ended,), _ = await asyncio.wait(bots, return_when=asyncio.FIRST_COMPLETED)
        assert "Hello" in (await api.user("Ann").asks("/start")).text
        for stop in stops:
            stop.set()
        results = await asyncio.gather(*bots, return_exceptions=True)

    with pytest.raises(UserError, match="another program uses TELEGRAM_BOT_TOKEN"):
        ended.result()
    assert results.count(None) == 1


async def test_bad_times_at_telegram_cost_a_line_each_and_no_question(
    api: BotApi, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [
        bad_gateway(method="getUpdates"),
        Fault("getUpdates", reset=True),
        Fault("getUpdates", body="{broken"),
        Fault("getUpdates", status=500, description="Internal Server Error"),
        too_many(1, method="getUpdates"),
    ]
    async with running(api, services):
        ann = api.user("Ann")
        await ann.asks("/start")
        api.faults += faults[:4]
        for number in range(4):
            await ann.asks(f"river {number}")

    assert len(services.questions) == 4
    assert not any(record.exc_info for record in caplog.records)
    assert all("\n" not in record.getMessage() for record in caplog.records)


async def test_a_reply_waits_as_long_as_telegram_asks(api: BotApi, services: FakeServices) -> None:
    async with running(api, services):
        api.faults.append(too_many(1, method="sendMessage"))
        await api.user("Ann").asks("/start")

    assert [bool(call.fault) for call in api.calls("sendMessage")] == [True, False]


async def test_stopping_finishes_what_is_in_hand_and_confirms_it(api: BotApi, services: FakeServices) -> None:
    ann = api.user("Ann")
    services.answers("river", quote("The river is clean again"))
    async with running(api, services) as stop:
        services.gate = asyncio.Event()
        for number in range(20):
            ann.says(f"river {number}")
        await api.until(lambda: len(services.questions) == 20)
        stop.set()
        services.gate.set()

    assert len(ann.unread()) == 20
    assert api.updates == []


async def test_what_was_in_hand_at_a_crash_comes_again(
    api: BotApi, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_SLOW_S", 60.0)
    app = build_application(services, bot_settings(api.url, TOKEN))
    ann = api.user("Ann")
    for number in range(5):
        ann.says(f"river {number}")
    services.gate = asyncio.Event()
    task = asyncio.create_task(run(app, asyncio.Event()))
    await api.until(lambda: len(services.questions) == 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(api.updates) >= 5

    services.gate = None
    async with running(api, services):
        await api.until(lambda: len(ann.unread()) >= 5)


async def test_a_slow_answer_holds_up_nobody(
    api: BotApi, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_SLOW_S", 0.05)
    ann, bob = api.user("Ann"), api.user("Bob")
    async with running(api, services):
        services.gate = asyncio.Event()
        ann.says("river")
        await api.until(lambda: services.questions)
        assert "Hello" in (await bob.asks("/start")).text
        services.gate.set()
        await ann.reply()


async def test_an_update_that_cannot_be_read_is_passed_over(api: BotApi, services: FakeServices) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        await ann.asks("/start")
        api.queue("message", {"chat": 5, "date": "yesterday"})
        assert "Hello" in (await ann.asks("/start")).text


async def test_a_defect_is_told_with_an_id_that_the_log_has_too(
    api: BotApi, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        services.failure = RuntimeError("a bug")
        told = (await ann.asks("river")).text
        services.failure = DatabaseError("the database is held by another process")
        busy = (await ann.asks("river")).text
        services.failure = None
        await ann.asks("river")

    error_id = told.partition("(error ")[2].partition(")")[0]
    defects = [record for record in caplog.records if record.exc_info]
    assert [record.getMessage() for record in defects] == [f"error {error_id}"]
    assert busy == "My archive does not answer just now. Please try again in a minute."


async def test_a_reader_who_blocked_the_bot_costs_one_line(
    api: BotApi, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    ann = api.user("Ann")
    async with running(api, services):
        await ann.asks("/start")
        services.gate = asyncio.Event()
        ann.says("river")
        await api.until(lambda: services.questions)
        ann.blocks()
        services.gate.set()
        await api.until(lambda: caplog.records)

    assert [record.getMessage() for record in caplog.records] == [
        "Telegram: Forbidden: Forbidden: bot was blocked by the user"
    ]


async def test_the_token_is_in_no_log(api: BotApi, services: FakeServices, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for name in ("httpx", "httpcore", "telegram"):
        caplog.set_level(logging.WARNING, name)
    ann = api.user("Ann")
    api.faults += [bad_gateway(method="getUpdates"), Fault("getUpdates", reset=True)]
    async with running(api, services):
        services.failure = RuntimeError("a bug")
        await ann.asks("river")

    assert TOKEN.partition(":")[2] not in caplog.text


async def test_long_bad_times_are_sat_out_without_a_crash_loop(
    api: BotApi, services: FakeServices, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(polling, "_FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(polling, "_LONGEST_WAIT_S", 0.03)
    ann = api.user("Ann")
    async with running(api, services):
        await ann.asks("/start")
        api.faults.append(bad_gateway(method="getUpdates", times=60))
        ann.says("river")
        await ann.reply()
        waits = [record.args[1] for record in caplog.records if "no updates from Telegram" in record.msg]  # type: ignore[index]

    assert len(waits) == 60
    assert waits[:3] == [0.001, 0.002, 0.004]
    assert set(waits[10:]) == {0.03}  # it neither gives up nor hammers
    assert len(services.questions) == 1


async def test_a_webhook_waits_for_telegram_to_come_back(
    api: BotApi, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.faults.append(bad_gateway(method="setWebhook"))
    api.polls = 1
    settings = {
        "webhook_url": "https://bot.example.org/hook",
        "webhook_secret": Secret("x"),
        "webhook_port": free_port(),
    }
    async with running(api, services, **settings):
        await api.until(lambda: api.webhook, what="the webhook")


async def test_a_reply_that_a_bad_network_swallowed_is_sent_again(
    api: BotApi, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.context._AGAIN_S", 0.01)
    ann = api.user("Ann")
    async with running(api, services):
        api.faults += [bad_gateway(method="sendMessage"), Fault("sendMessage", reset=True)]
        assert "Hello" in (await ann.asks("/start")).text

    assert ann.unread() == []
