"""A Bot API and a bot that talks to it, for every test that asks for them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import delivery, verdicts
from bot.app import build_application, run
from bot.services import Services
from storage import lock
from storage.database import Database
from tests.bot.newsroom import Newsroom
from tests.botapi import BotApi
from tests.fakes import FakeServices, bot_settings


@pytest.fixture(autouse=True)
def _spans_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else python-telegram-bot warns at every 429


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest schema, to be copied: making one takes longer."""
    file = tmp_path_factory.mktemp("database") / "new.db"

    async def make() -> None:
        async with Database(f"sqlite:///{file}") as database:
            await database.upgrade()

    asyncio.run(make())
    return file


@pytest.fixture
async def services(new_database: Path, tmp_path: Path) -> AsyncIterator[FakeServices]:
    file = shutil.copy(new_database, tmp_path / "quotewire.db")
    async with Database(f"sqlite:///{file}") as database:
        yield FakeServices(database)


@pytest.fixture
async def newsroom(services: FakeServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A source with an article, and a bot that looks for what is due all the time."""
    for module, name, seconds in (
        (delivery, "_IDLE_S", 0.05),
        (delivery, "_GATHER_S", 0.005),
        (verdicts, "_FIRST_WAIT_S", 0.1),
        (lock, "_RETRY_S", 0.05),
    ):
        monkeypatch.setattr(module, name, seconds)
    room = Newsroom(services.database, tmp_path)
    await room.takes_in()
    return room


@asynccontextmanager
async def running(api: BotApi, services: Services, **settings: Any) -> AsyncIterator[asyncio.Event]:
    """The whole bot, polling; ended by its own stop, which it gives."""
    stop = asyncio.Event()
    services.settings = bot_settings(api.url, api.token, **settings)
    task = asyncio.create_task(run(build_application(services, services.settings), stop))
    try:
        await api.until(lambda: api.polls or task.done(), what="the bot's first poll")
        yield stop
    finally:
        stop.set()
        await task


@pytest.fixture
async def bot(api: BotApi, services: FakeServices) -> AsyncIterator[asyncio.Event]:
    async with running(api, services) as stop:
        yield stop
    assert not api.refused, f"Telegram refused {[(r.method, r.params, str(r.error)) for r in api.refused]}"
    assert not api.dropped_links
