"""What operators do: in the audit log, and refused to everyone else in every disguise; bans; questions in vain."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from bot.handlers import COMMANDS
from bot.links import Link
from storage import audit
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.fakes import FakeServices, quote

ADMIN_ID = 77
OPERATED: dict[str, Any] = {"admin_ids": frozenset({ADMIN_ID})}
ADMIN_COMMANDS = [command.name for command in COMMANDS if command.admin]


async def acts(services: FakeServices) -> list[tuple[int, str, str, str]]:
    async with services.database.reading() as session:
        return [(a.user_id, a.name, a.subject, a.outcome) for a in reversed(await audit.newest(session, 100))]


@pytest.mark.parametrize("name", ADMIN_COMMANDS)
async def test_an_admin_command_is_refused_to_others_and_the_attempt_is_noted(
    api: BotApi, services: FakeServices, name: str
) -> None:
    mallory = api.user("Mallory")
    async with running(api, services, **OPERATED):
        unknown = (await mallory.asks("/nonsense")).text
        assert (await mallory.asks(f"/{name} {mallory.id}")).text == unknown
        assert f"/{name}" not in (await mallory.asks("/help")).text

    assert await acts(services) == [(mallory.id, name, "", "refused")]


async def test_no_disguise_makes_an_admin(api: BotApi, services: FakeServices) -> None:
    admin, mallory, group = api.user("Admin", id=ADMIN_ID), api.user("Mallory"), api.group("Press club")
    async with running(api, services, **OPERATED):
        admin.forwards("/ban 5", mallory)
        await admin.reply()
        asked = admin.says("hello")
        await admin.reply()
        admin.edits(asked, "/ban 5")
        mallory.says("/ban 5", to=group)
        mallory.says("/ban 5", to=group, anonymous=True)
        admin.says("/ban 5", to=group)
        admin.says("/ban@another_bot 5", to=group)
        mallory.says("/ban@quotewire_bot 5", to=group)
        admin.says("/ban 5", via_bot={"id": 5, "is_bot": True, "first_name": "b", "username": "b_bot"})
        await admin.reply()
        assert "Banned: 6" in (await admin.asks("/ban 6")).text

    assert group.unread() == []
    noted = await acts(services)
    assert noted[-1] == (ADMIN_ID, "ban", "6", "banned")
    assert {outcome for _, _, _, outcome in noted[:-1]} == {"refused"}
    assert {user for user, *_ in noted} == {ADMIN_ID, mallory.id, 1087968824}


@pytest.mark.parametrize("name", ["follow", "tell", "told", "hush"])
async def test_forged_callback_data_does_nothing(api: BotApi, services: FakeServices, name: str) -> None:
    services.answers("river", quote("The river is clean again"))
    admin, mallory, group = api.user("Admin", id=ADMIN_ID), api.user("Mallory"), api.group("Press club")
    data = Link(name, (1, 1) if name in ("follow", "tell") else (1,)).data
    async with running(api, services, **OPERATED):
        answer = await mallory.asks("river")
        before = answer.text
        popped = await mallory.presses(answer, "", data=data)
        assert popped["text"] == "This button is too old. Please ask again."
        mallory.says("/ask river", to=group)
        await admin.presses(await group.reply(), "", data=data)  # an admin, but where others look on
        assert answer.text == before

    assert {outcome for _, _, _, outcome in await acts(services)} == {"refused"}


async def test_attempts_do_not_fill_the_disk(api: BotApi, services: FakeServices) -> None:
    mallory = api.user("Mallory")
    async with running(api, services, **OPERATED):
        for _ in range(20):
            await mallory.asks("/reload")

    assert len(await acts(services)) == 1


async def test_a_banned_user_gets_one_notice_and_nothing_else(api: BotApi, services: FakeServices) -> None:
    services.answers("river", quote("The river is clean again"))
    admin, mallory, group = api.user("Admin", id=ADMIN_ID), api.user("Mallory"), api.group("Press club")
    async with running(api, services, **OPERATED):
        answer = await mallory.asks("river")
        assert (await admin.asks(f"/ban {mallory.id}")).text == f"Banned: {mallory.id}"
        assert "operators" in (await admin.asks(f"/ban {ADMIN_ID}")).text
        assert "Whom?" in (await admin.asks("/ban someone")).text
        assert "shut it to you" in (await mallory.asks("river")).text
        pressed = mallory.presses_soon(answer.json, "list.0.0")
        mallory.says("river")
        mallory.says("/ask river", to=group)
        await admin.asks("river")
    async with running(api, services, **OPERATED):  # a ban outlives a restart, and so does the notice
        mallory.says("river")
        assert (await admin.asks(f"/unban {mallory.id}")).text == f"No longer banned: {mallory.id}"
        assert "not banned" in (await admin.asks("/unban 5")).text
        assert "river is clean" in (await mallory.asks("river")).text

    assert mallory.unread() == []
    assert group.unread() == []
    assert api.callback_answers[pressed] == {}


async def test_what_was_asked_in_vain_comes_grouped_as_a_file_without_names(
    api: BotApi, services: FakeServices
) -> None:
    services.answers("river", quote("The river is clean again"))
    admin, ann, bob = api.user("Admin", id=ADMIN_ID), api.user("Ann"), api.user("Bob")
    async with running(api, services, **OPERATED):
        assert "Nothing was asked in vain" in (await admin.asks("/unanswered")).text
        await ann.asks("Where is the ferry?")
        await bob.asks("where is the FERRY")
        await ann.asks("What about the river?")
        await ann.asks("=HYPERLINK(5)")
        told = await admin.asks("/unanswered")

    assert "2 questions asked in vain" in told.text
    assert "2 × " in told.text
    file = api.calls("sendDocument")[0].files["document"].decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file)))
    assert [row[:2] for row in rows[1:]] in (
        [[question, "2"], ["'=HYPERLINK(5)", "1"]] for question in ("Where is the ferry?", "where is the FERRY")
    )
    assert not any(str(user.id) in file + told.text for user in (ann, bob))


async def test_stats_come_with_a_picture_once_there_is_something_to_draw(api: BotApi, services: FakeServices) -> None:
    admin = api.user("Admin", id=ADMIN_ID)
    async with running(api, services, **OPERATED):
        await admin.asks("/stats")
        assert not api.calls("sendPhoto")
        await admin.asks("Where is the ferry?")
        stats = await admin.asks("/stats")

    assert "Paragraphs: 12" in stats.text
    assert "Questions: 1\nNot answered: 1" in stats.text
    assert api.calls("sendPhoto")[0].files["photo"].startswith(b"\x89PNG")
