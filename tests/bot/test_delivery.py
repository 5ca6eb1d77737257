"""Delivery when Telegram, or a chat, goes wrong: nothing is lost, and nothing is repeated without need."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from itertools import pairwise

import aiohttp
import pytest

from bot import delivery, limiter
from storage import chatstates, subscriptions
from tests.bot.conftest import running
from tests.bot.newsroom import FAST, LAKE, RIVER, Newsroom, audit
from tests.bot.test_web import free_port
from tests.botapi import BotApi, Fault
from tests.botapi.errors import bad_gateway, too_many
from tests.fakes import FakeServices


async def unreachable(services: FakeServices, *chats: int) -> None:
    """Waits until these, and no others, are the chats that cannot be reached."""
    async with asyncio.timeout(5):
        while True:
            async with services.database.reading() as session:
                if await chatstates.unreachable(session) == set(chats):
                    return
            await asyncio.sleep(0.02)


def sends(api: BotApi, chat_id: int) -> int:
    """Calls that would have sent the chat an alert."""
    return sum(
        r.params.get("chat_id") == str(chat_id) and "Because" in r.params["text"] for r in api.calls("sendMessage")
    )


async def test_everybody_gets_it_once(api: BotApi, services: FakeServices, newsroom: Newsroom) -> None:
    people = await newsroom.followers(api, 120)
    await newsroom.publishes(RIVER)
    async with running(api, services, **FAST):
        await newsroom.delivered()

    assert audit(api, people) == (0, 0)
    assert not api.refused


@pytest.mark.parametrize(
    ("fault", "copies"),
    [
        (Fault(status=500, description="Internal Server Error"), 0),
        (Fault(status=502, description="Bad Gateway"), 0),
        (bad_gateway(), 0),
        (Fault(body='{"ok": tru'), 0),
        (Fault(reset=True), 0),
        (Fault(delay_s=1.5), 0),
        (Fault(reset=True, carried_out=True), 100),
        (Fault(delay_s=1.5, carried_out=True), 100),
    ],
    ids=["500", "502", "html", "json", "reset", "timeout", "reset after", "timeout after"],
)
async def test_a_hundred_bad_answers_lose_nothing_and_only_those_carried_out_come_twice(
    api: BotApi, services: FakeServices, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, fault: Fault, copies: int
) -> None:
    monkeypatch.setattr(delivery, "_READ_S", 1.0 if fault.delay_s else 30.0)
    people = await newsroom.followers(api, 120)
    await newsroom.publishes(RIVER)
    api.faults += [replace(fault, method="sendMessage", chat_id=person.id) for person in people[:100]]
    async with running(api, services, **FAST):
        await newsroom.delivered()

    assert audit(api, people) == (0, copies)
    assert max(api.copies("Because").values()) <= 2
    assert (await newsroom.waiting()).dead == 0


async def test_every_twentieth_call_too_soon_costs_nobody_an_alert(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    people = await newsroom.followers(api, 120)
    await newsroom.publishes(RIVER)
    api.faults.append(too_many(1, method="sendMessage", every=20, times=99))
    async with running(api, services, **FAST):
        await newsroom.delivered()

    assert len([call for call in api.calls("sendMessage") if call.fault]) >= 6
    assert audit(api, people) == (0, 0)


async def test_tries_are_further_and_further_apart(api: BotApi, services: FakeServices, newsroom: Newsroom) -> None:
    (ann,) = await newsroom.followers(api, 1)
    await newsroom.publishes(RIVER)
    api.faults.append(bad_gateway(method="sendMessage", times=5))
    async with running(api, services, **FAST):
        await newsroom.delivered()

    times = [request.at for request in api.calls("sendMessage")]
    gaps = [after - before for before, after in pairwise(times)]
    assert len(gaps) == 5
    assert all(gap >= 0.05 * 2**n for n, gap in enumerate(gaps))
    assert audit(api, [ann]) == (0, 0)


async def test_what_twice_got_no_answer_is_set_aside_and_told_to_the_operators(
    api: BotApi, services: FakeServices, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    (ann,) = await newsroom.followers(api, 1)
    await newsroom.publishes(RIVER)
    api.faults.append(Fault("sendMessage", reset=True, carried_out=True, times=9))
    port = free_port()
    async with running(api, services, **FAST, health_port=port):
        await newsroom.delivered()
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as response:
            assert "quotewire_repeated_total 1.0" in await response.text()

    assert audit(api, [ann]) == (0, 1)
    assert (await newsroom.waiting()).dead == 1
    assert any("set aside" in r.getMessage() and r.levelname == "ERROR" for r in caplog.records)


async def test_a_message_that_telegram_cannot_read_goes_plain_then_aside(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    ann, bob = await newsroom.followers(api, 2)
    await newsroom.publishes(RIVER)
    broken = {"status": 400, "description": "Bad Request: can't parse entities: unsupported start tag"}
    api.faults += [Fault("sendMessage", ann.id, 1, **broken), Fault("sendMessage", bob.id, 2, **broken)]
    async with running(api, services, **FAST):
        await newsroom.delivered()

    plain = await ann.reply()
    assert "barrel out of the river" in plain.text
    assert not plain.quotes
    assert not bob.unread()
    assert (await newsroom.waiting()).dead == 1


async def test_while_telegram_bans_the_bot_nothing_is_sent_and_answers_come_all_the_same(
    api: BotApi, services: FakeServices, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "_LONGEST_S", (5.0, 0.4))  # a twelfth, as the ban is one of half a minute
    people, guest = await newsroom.followers(api, 80), api.user("Guest")
    loop = asyncio.get_running_loop()
    async with running(api, services, **FAST):
        api.banned_until = loop.time() + 2.5
        await newsroom.publishes(RIVER)
        await api.until(lambda: len([r for r in api.calls("sendMessage") if r.fault]) >= 2)
        await guest.asks_inline("river")  # no message: at once
        assert loop.time() < api.banned_until
        assert "/ask" in (await guest.asks("/help")).text
        await newsroom.delivered()

    refused = [r for r in api.calls("sendMessage") if r.fault]
    assert len(refused) <= 34  # what was in flight, and the guest's
    assert audit(api, people) == (0, 0)


async def test_while_another_program_has_the_token_alerts_wait(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    people = await newsroom.followers(api, 20)
    async with running(api, services, **FAST):
        conflict = Fault("getUpdates", times=4, status=409, description="Conflict: terminated by other getUpdates")
        api.faults.append(conflict)
        await people[0].asks("/help")  # ends the poll in hand
        await api.until(lambda: conflict.times < 4)
        await newsroom.publishes(RIVER)
        await api.until(lambda: not conflict.times)
        assert not any(sends(api, one.id) for one in people)
        people[0].says("/help")
        await newsroom.delivered()

    assert audit(api, people) == (0, 0)


async def test_a_chat_banned_for_an_hour_holds_up_nobody_and_survives_a_restart(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    people = await newsroom.followers(api, 20)
    api.faults.append(too_many(3600, method="sendMessage", chat_id=people[3].id, times=99))
    await newsroom.publishes(RIVER)
    for _ in range(2):
        async with running(api, services, **FAST):
            await api.until(lambda: len(api.copies("Because")) == 19 and sends(api, people[3].id))
            await asyncio.sleep(0.3)
            assert "follow" in (await people[5].asks("/subscriptions")).text

    assert sends(api, people[3].id) == 1
    assert audit(api, people) == (1, 0)


async def test_who_blocks_the_bot_is_left_alone_until_a_sign_of_life(
    api: BotApi, services: FakeServices, newsroom: Newsroom
) -> None:
    ann, bob, carl, dora, eve = people = await newsroom.followers(api, 5)
    ann.blocked = bob.blocked = True  # unknown to the bot
    carl.started = False
    eve.deactivated = True
    async with running(api, services, **FAST):
        await newsroom.publishes(RIVER)
        await newsroom.publishes(LAKE)
        await newsroom.delivered()
        assert all(sends(api, person.id) <= 2 for person in people)  # one more may be on its way

        ann.returns()
        bob.says("/start")
        await bob.reply()
        dora.blocks()
        await unreachable(services, carl.id, dora.id, eve.id)
        await newsroom.publishes("The third of the day.")
        await newsroom.delivered()

    assert "third" in (await ann.reply()).text
    assert "third" in (await bob.reply()).text
    assert not ann.unread() + bob.unread()
    assert sends(api, dora.id) == 2


@pytest.mark.parametrize("told", [True, False], ids=["by message", "by error"])
async def test_a_group_that_becomes_a_supergroup_gets_one_copy_there(
    api: BotApi, services: FakeServices, newsroom: Newsroom, told: bool
) -> None:
    ann, group = api.user("Ann"), api.group("Anglers")
    async with running(api, services, **FAST):
        ann.says("/subscribe all", to=group)
        await group.reply()
        new = group.becomes_supergroup(tell=told)
        await newsroom.publishes(RIVER)
        assert "barrel" in (await new.reply()).text
        await newsroom.publishes(LAKE)
        assert "lake" in (await new.reply()).text
        await newsroom.delivered()

    assert not new.unread()
    async with services.database.reading() as session:
        assert len(await subscriptions.of_chat(session, new.id)) == 1
        assert not await subscriptions.of_chat(session, group.id)


@pytest.mark.parametrize("trouble", ["kicked", "kicked unsaid", "muted", "topic closed", "unknown chat"])
async def test_where_it_may_not_write_it_does_not_try_again_and_again(
    api: BotApi, services: FakeServices, newsroom: Newsroom, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    ann, forum = api.user("Ann"), api.group("Anglers", forum=True)
    forum.administrators.add(ann.id)
    async with running(api, services, **FAST):
        await ann.asks("/start")
        ann.says("/subscribe all", to=forum, topic=7)
        await forum.reply()
        match trouble:
            case "kicked" | "kicked unsaid":
                forum.removes_bot(tell=trouble == "kicked")
            case "muted":
                forum.muted = True
            case "topic closed":
                forum.closed_topics.add(7)
            case _:
                del api.groups[forum.id]
        for text in (RIVER, LAKE, "The third of the day."):
            await newsroom.publishes(text)
        await asyncio.sleep(0.5)

        assert sends(api, forum.id) <= 3
        assert trouble == "kicked" or any(f"chat {forum.id}: " in record.getMessage() for record in caplog.records)
        if trouble == "topic closed":
            assert "closed topic of “Anglers”" in (await ann.reply()).text
            await asyncio.sleep(0.2)
            assert not ann.unread()  # once
        if trouble.startswith("kicked"):
            forum.takes_bot_back()
            await unreachable(services)
            await newsroom.publishes("The fourth of the day.")
            assert "fourth" in (await forum.reply()).text


@pytest.mark.parametrize("hours", [-1, 24])
async def test_a_clock_that_is_set_loses_nothing_and_repeats_nothing(
    api: BotApi, services: FakeServices, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    shift = dt.timedelta()
    monkeypatch.setattr(delivery, "_now", lambda: dt.datetime.now(dt.UTC) + shift)
    people = await newsroom.followers(api, 60)
    async with running(api, services, **FAST):
        await newsroom.publishes(RIVER)
        await api.until(lambda: len(api.copies("Because")) >= 10)
        shift = dt.timedelta(hours=hours)  # what waits was due by the old clock
        await newsroom.delivered()

    assert audit(api, people) == (0, 0)
