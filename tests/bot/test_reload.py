"""Reloading while the bot is asked, one at a time, and with a full disk; sources by command. With real articles."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.services import Services, open_services
from bot.settings import Secret, Settings
from storage import chats
from tests.bot.conftest import running
from tests.botapi import BotApi, BotMessage
from tests.botapi.people import User

ADMIN_ID = 77
OPERATED: dict[str, Any] = {"admin_ids": frozenset({ADMIN_ID}), "send_rate_s": 1e4, "send_rate_chat_s": 1e3}
ASKED = "What did Ada Berg say about boat3?"


def write(folder: Path, edition: str, number: int = 20) -> None:
    """Articles that differ from one edition to the next in every quotation."""
    folder.mkdir(exist_ok=True)
    for n in range(number):
        text = (
            f"PORT ELSA, March 3, 2024. /NNA/. “Our boat{n} sails in the {edition},” Mayor Ada Berg said on Sunday.\n"
        )
        (folder / f"{n}.txt").write_text(f"Plan number {n}\n\n{text}", encoding="utf-8")


@pytest.fixture
async def real(tmp_path: Path, new_database: Path) -> AsyncIterator[Services]:
    async with open_services(prepared(tmp_path / "news", tmp_path, new_database)) as services:
        yield services


def prepared(news: Path, folder: Path, new_database: Path) -> Settings:
    """With the news of the morning as the source, and all else in the folder."""
    write(news, "morning")
    shutil.copy(new_database, folder / "quotewire.db")
    address = Secret(f"sqlite:///{folder}/quotewire.db")
    return Settings(database_url=address, index_dir=folder / "index", sources=(str(news),))


async def reload(admin: User) -> str:
    """The report of a reload, after the look at the sources that may be under way; alarms are passed over."""
    report = await admin.asks("/reload")
    while report.text.startswith(("Error", "A reload is already")):
        report = await (admin.asks("/reload") if "already" in report.text else admin.reply())
    return await finished(admin, report)


async def finished(admin: User, report: BotMessage) -> str:
    await admin.api.until(lambda: "Reading" not in report.text, what="the end of the reload")
    return report.text


async def test_questions_during_a_reload_are_answered_from_the_old_or_the_new_index(
    api: BotApi, real: Services, tmp_path: Path
) -> None:
    admin = api.user("Admin", id=ADMIN_ID)
    readers = [api.user(f"Reader {n}") for n in range(200)]
    async with running(api, real, **OPERATED):
        await reload(admin)
        write(tmp_path / "news", "evening")
        admin.says("/reload")
        for n, reader in enumerate(readers):
            reader.says(f"What did Ada Berg say about boat{n % 20}?")
        replies = [await reader.reply() for reader in readers]
        report = await finished(admin, await admin.reply())

    assert "Updated: 20" in report
    for n, reply in enumerate(replies):
        assert reply.quotes, reply.text
        assert reply.quotes[0].startswith(f"“Our boat{n % 20} sails in the ")
        assert reply.quotes[0].split()[-1].rstrip(",”") in ("morning", "evening")
    assert not api.refused


async def test_a_reload_that_fails_half_way_keeps_what_was_loaded_and_frees_the_way(
    api: BotApi, real: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, ann = api.user("Admin", id=ADMIN_ID), api.user("Ann")
    async with running(api, real, **OPERATED):
        await api.until(lambda: real.engine.fingerprint)
        write(tmp_path / "news", "evening")

        async def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(real.engine, "add", fail)
            failed = await reload(admin)
            assert "Our boat3 sails" in (await ann.asks(ASKED)).text
        done = await reload(admin)
        assert "evening" in (await ann.asks(ASKED)).text

    assert "The reload failed; what was loaded before stays." in failed
    assert "No space left on device" in failed
    assert "Unchanged: 20" in done


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that is nearly full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True)  # noqa: S603, S607
    if made.returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S603, S607


def fill(path: Path) -> None:
    """Makes the file as large as its disk allows."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


async def test_on_a_full_disk_it_answers_says_so_and_recovers_without_a_restart(
    api: BotApi, small_disk: Path, tmp_path: Path, new_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.alarms._LOOK_S", 0.05)
    settings = prepared(tmp_path / "news", small_disk, new_database)
    admin, ann = api.user("Admin", id=ADMIN_ID), api.user("Ann")
    async with open_services(settings) as services, running(api, services, **OPERATED):
        await reload(admin)
        filling = small_disk / "filling"
        fill(filling)
        write(tmp_path / "news", "evening", 400)
        assert "The reload failed; what was loaded before stays." in await reload(admin)
        messages = [BotMessage(message).text for message in api.messages[admin.id]]
        await api.until(lambda: any(t.startswith("Error") and "disk is full" in t for t in messages))
        answer = await ann.asks(ASKED)
        assert "morning" in answer.text

        filling.unlink()
        (tmp_path / "news" / "late.txt").write_text("The last ferry sails at night, Mayor Ada Berg said.\n")
        assert "Reload done" in await reload(admin)
        assert "evening" in (await ann.asks(ASKED)).text

    async with open_services(settings) as services, services.database.reading() as session:
        kept = await chats.export(session, ann.id)
    assert len(kept["questions"]) == 2  # what was answered on the full disk too


async def test_when_the_database_may_not_grow_nothing_is_half_stored(
    api: BotApi, real: Services, tmp_path: Path
) -> None:
    pages = 0

    def limit(connection: Any, *_: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {pages or 1_000_000}")
        cursor.close()

    event.listen(real.database._engine.sync_engine, "checkout", limit)
    admin, ann = api.user("Admin", id=ADMIN_ID), api.user("Ann")
    async with running(api, real, **OPERATED):
        await ann.asks(ASKED)
        with sqlite3.connect(tmp_path / "quotewire.db") as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.close()
        write(tmp_path / "news", "evening", 200)
        assert "disk is full" in await reload(admin)
        assert "morning" in (await ann.asks(ASKED)).text
        pages = 0
        assert "Added: 180" in await reload(admin)
        assert "evening" in (await ann.asks(ASKED)).text


async def test_an_operator_adds_and_removes_a_source_by_command(api: BotApi, real: Services, tmp_path: Path) -> None:
    write(tmp_path / "more", "winter", 30)
    address = str(tmp_path / "more")
    admin, ann = api.user("Admin", id=ADMIN_ID), api.user("Ann")
    async with running(api, real, **OPERATED):
        await api.until(lambda: real.engine.fingerprint)
        assert "Which source?" in (await admin.asks("/addsource")).text
        assert "no such file or folder" in (await admin.asks("/addsource no/such/folder")).text
        found = await admin.asks(f"/addsource {address}")
        assert "Files, 30 articles now" in found.text
        assert address not in (await admin.asks("/sources")).text
        await admin.presses(found, "Drop it")
        assert found.text == f"Not followed: {address}"

        found = await admin.asks(f"/addsource {address}")
        await admin.presses(found, "Follow")
        assert f"Now followed: {address}" in found.text
        assert "Added: 30" in found.text
        assert f"{address}\n30 articles" in (await admin.asks("/sources")).text
        assert "winter" in (await ann.asks("What did Ada Berg say about boat25?")).text
        assert "too old" in (await admin.presses(found, "", data="follow.1.1"))["text"] or "too old" in found.text

        assert "Its articles stay." in (await admin.asks(f"/removesource {address}")).text
        assert "not a source" in (await admin.asks(f"/removesource {address}")).text
        assert address not in (await admin.asks("/sources")).text
        assert "winter" in (await ann.asks("What did Ada Berg say about boat25?")).text
