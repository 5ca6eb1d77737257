"""A broadcast: seen before it is sent, once to each chat that can be reached, stopped by a button."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot import broadcasts as sender
from storage import audit
from tests.bot.conftest import running
from tests.botapi import BotApi, Fault
from tests.botapi.errors import bad_gateway, too_many
from tests.fakes import FakeServices, quote

ADMIN_ID = 77
OPERATED: dict[str, Any] = {"admin_ids": frozenset({ADMIN_ID})}
TEXT = "We move <house>\ntomorrow & are away"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_LOOK_S", 0.05)
    monkeypatch.setattr(sender, "_FIRST_WAIT_S", 0.01)


async def proposed(api: BotApi, services: FakeServices, *names: str) -> tuple[Any, Any, list[Any]]:
    """The admin, the message that asks whether to send, and readers who asked something before."""
    services.answers("river", quote("The river is clean again"))
    readers = [api.user(name) for name in names]
    for reader in readers:
        await reader.asks("river")
    admin = api.user("Admin", id=ADMIN_ID)
    preview = await admin.asks(f"/broadcast {TEXT}")
    assert preview.text == TEXT
    return admin, await admin.reply(), readers


async def test_everyone_gets_it_as_it_was_shown_whatever_happens_on_the_way(
    api: BotApi, services: FakeServices
) -> None:
    async with running(api, services, **OPERATED):
        admin, question, readers = await proposed(api, services, "Ann", "Bob", "Cid", "Dot")
        ann, bob, cid, dot = readers
        assert "Send it to 4 chats?" in question.text
        ann.blocked = True
        api.faults += [too_many(1, method="sendMessage", chat_id=bob.id), bad_gateway(chat_id=cid.id)]
        await admin.presses(question, "Send")
        for reader in (bob, cid, dot):
            assert (await reader.reply()).text == TEXT
        while "Waiting: 0" not in question.text:
            await admin.presses(question, "How far")
        assert "Sent: 3\nWaiting: 0\nFailed: 1" in question.text
        assert not question.buttons

        again = await admin.asks("/broadcast again")  # Ann cannot be reached any more
        assert again.text == "again"
        assert "Send it to 3 chats?" in (await admin.reply()).text

    assert [reader.unread() for reader in readers] == [[], [], [], []]
    async with services.database.reading() as session:
        acts = [(act.name, act.outcome) for act in reversed(await audit.newest(session, 10))]
    assert acts[:2] == [("broadcast", "asked"), ("broadcast", "started number 1")]


async def test_nothing_is_sent_unless_the_operator_agrees(api: BotApi, services: FakeServices) -> None:
    async with running(api, services, **OPERATED):
        admin, question, (ann,) = await proposed(api, services, "Ann")
        await admin.presses(question, "Drop it")
        assert question.text == "Nothing was sent."
        assert "What should I tell everyone?" in (await admin.asks("/broadcast")).text
        await ann.asks("river")

    assert ann.unread() == []


async def test_stop_sends_no_more(api: BotApi, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "_FIRST_WAIT_S", 60.0)  # what fails waits
    async with running(api, services, **OPERATED):
        admin, question, readers = await proposed(api, services, "Ann", "Bob", "Cid")
        api.faults += [Fault("sendMessage", chat_id=reader.id, times=1000, status=500) for reader in readers]
        await admin.presses(question, "Send")
        await admin.presses(question, "Stop")
        while "Waiting: 0" not in question.text:  # but for the one in flight
            await admin.presses(question, "How far")
        assert "Cancelled: 3" in question.text
        api.faults.clear()
        await admin.asks("river")

    assert [reader.unread() for reader in readers] == [[], [], []]


async def test_what_was_not_sent_before_the_end_is_sent_by_the_next_program(
    api: BotApi, services: FakeServices
) -> None:
    async with running(api, services, **OPERATED):
        admin, question, readers = await proposed(api, services, *(f"Reader {n}" for n in range(6)))
        down = Fault("sendMessage", times=1000, status=502, description="Bad Gateway")
        api.faults.append(down)
        await admin.presses(question, "Send")
        await asyncio.sleep(0)
    down.times = 0
    async with running(api, services, **OPERATED):
        for reader in readers:
            assert (await reader.reply()).text == TEXT

    assert [reader.unread() for reader in readers] == [[]] * 6
