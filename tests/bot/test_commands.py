"""Commands: menus, help, and who may use what."""

from __future__ import annotations

import asyncio
import json

from storage.ingest import LoadReport
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.fakes import FakeServices

ADMIN_ID = 77


def menu(api: BotApi, language: str = "", **scope: object) -> list[str]:
    commands = api.commands.get((json.dumps(scope, sort_keys=True), language), [])
    return [command["command"] for command in commands]


async def test_menus_show_each_scope_what_it_can_use_in_both_languages(api: BotApi, services: FakeServices) -> None:
    async with running(api, services, admin_ids=frozenset({ADMIN_ID})):
        await api.until(lambda: len(api.descriptions) == 4)
        private = menu(api, type="all_private_chats")

        assert {"start", "help", "ask", "latest"} <= set(private)
        assert not {"reload", "stats"} & set(private)
        assert menu(api, "ru", type="all_private_chats") == private
        assert "start" not in menu(api, type="all_group_chats")
        assert "ask" in menu(api, type="all_group_chats")
        assert "дословные" in api.descriptions["setMyShortDescription", "ru"].lower()


async def test_an_admin_gets_a_menu_at_the_first_message_when_the_chat_did_not_exist_before(
    api: BotApi, services: FakeServices
) -> None:
    known, unknown = api.user("Known", id=ADMIN_ID), api.user("Unknown", id=ADMIN_ID + 1)
    known.started = True
    async with running(api, services, admin_ids=frozenset({known.id, unknown.id})):
        await api.until(lambda: menu(api, "ru", type="chat", chat_id=known.id))
        await api.until(lambda: [r for r in api.refused if str(unknown.id) in str(r.params)])
        assert menu(api, type="chat", chat_id=unknown.id) == []

        await unknown.asks("/start")
        assert "reload" in menu(api, type="chat", chat_id=unknown.id)
        await unknown.asks("/help")
        assert len([r for r in api.calls("setMyCommands") if str(unknown.id) in str(r.params) and r.result]) == 2


async def test_help_and_start_speak_the_readers_language_and_start_shows_the_id(
    api: BotApi, services: FakeServices
) -> None:
    ann, anna, kim = api.user("Ann"), api.user("Анна", language="ru"), api.user("Kim", language=None)
    async with running(api, services):
        start = (await ann.asks("/start")).text
        assert "Hello" in start
        assert f"Your Telegram id: {ann.id}" in start
        assert "Здравствуйте" in (await anna.asks("/start")).text
        assert "/latest — The newest articles" in (await kim.asks("/help")).text
        assert "/reload" not in (await anna.asks("/help")).text


async def test_an_admin_reloads_and_gets_the_counts(api: BotApi, services: FakeServices) -> None:
    admin = api.user("Admin", id=ADMIN_ID)
    services.report = LoadReport(added=1200, updated=2, unchanged=3, removed=4, rejected=(("a<b>.txt", "is empty"),))
    async with running(api, services, admin_ids=frozenset({ADMIN_ID})):
        report = await admin.asks("/reload")
        await admin.asks("/reload articles/new folder")
        assert "/reload — Read the sources again" in (await admin.asks("/help")).text

    assert report.text.splitlines() == [
        "Reload done", "Added: 1,200", "Updated: 2", "Unchanged: 3", "Removed: 4", "Rejected: 1",
        "• a<b>.txt: is empty",
    ]  # fmt: skip
    assert services.loads[-2:] == [None, ["articles/new folder"]]


async def test_an_admin_sees_what_is_loaded(api: BotApi, services: FakeServices) -> None:
    admin = api.user("Admin", id=ADMIN_ID)
    async with running(api, services, admin_ids=frozenset({ADMIN_ID})):
        stats = (await admin.asks("/stats")).text

    assert "Paragraphs: 12" in stats
    assert "Dates: 3 May 2024 to 1 June 2024" in stats


async def test_admin_commands_do_not_exist_for_anyone_else_in_any_disguise(api: BotApi, services: FakeServices) -> None:
    admin, mallory, group = api.user("Admin", id=ADMIN_ID), api.user("Mallory"), api.group("Press club")
    async with running(api, services, admin_ids=frozenset({ADMIN_ID})):
        await api.until(lambda: len(services.loads) == 1)
        unknown = (await mallory.asks("/nonsense")).text
        assert (await mallory.asks("/reload")).text == unknown
        assert (await mallory.asks("/stats")).text == unknown
        admin.forwards("/reload", mallory)
        assert (await admin.reply()).text == unknown
        asked = admin.says("hello")
        await admin.reply()
        admin.edits(asked, "/reload")
        mallory.says("/reload", to=group)
        mallory.says("/reload", to=group, anonymous=True)
        admin.says("/reload", to=group, anonymous=True)
        admin.says("/reload@another_bot", to=group)
        admin.says("/reload", via_bot={"id": 5, "is_bot": True, "first_name": "b", "username": "b_bot"})
        assert (await admin.reply()).text == unknown
        assert "Articles" in (await admin.asks("/stats")).text

    assert group.unread() == []
    assert len(services.loads) == 1


async def test_a_second_reload_is_told_that_one_is_running(api: BotApi, services: FakeServices) -> None:
    admin = api.user("Admin", id=ADMIN_ID)
    async with running(api, services, admin_ids=frozenset({ADMIN_ID})):
        await api.until(lambda: len(services.loads) == 1)
        services.gate = asyncio.Event()
        admin.says("/reload")
        await api.until(lambda: len(services.loads) == 2)
        admin.says("/reload")
        assert (await admin.reply()).text == "A reload is already running."
        services.gate.set()
        assert "Reload done" in (await admin.reply()).text
