"""The bot as an operator runs it: a process with an environment, articles on disk, and signals."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.botapi import BotApi

ROOT = Path(__file__).parents[2]
DISPATCH = """Minister promises a clean river – Environment

VELDHAVEN, May 3. /NNA/. The Lower Orlik will be clean by next summer, Water Minister Dana Orlik said on Friday.

“We will remove every barrel of waste from the river,” Orlik said. “Nobody will pay for it but the polluters.”
"""


@asynccontextmanager
async def process(folder: Path, api_url: str, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    (folder / "articles").mkdir(exist_ok=True)
    (folder / "articles/river.txt").write_text(DISPATCH, encoding="utf-8")
    environment = {"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_URL": api_url, "PYTHONPATH": str(ROOT), "ADMIN_IDS": "77"}
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_it_loads_answers_and_ends_cleanly_at_sigterm(api: BotApi, tmp_path: Path) -> None:
    async with process(tmp_path, api.url, api.token) as bot:
        await api.until(lambda: api.polls or bot.returncode is not None, what="the first poll", timeout_s=60)
        ann = api.user("Ann")
        reply = await ann.asks("Who will remove every barrel of waste from the river?")
        admin = api.user("Admin", id=77)
        assert "Articles: 1" in (await admin.asks("/stats")).text
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            _, log = await bot.communicate()

    assert "“We will remove every barrel of waste from the river" in reply.quotes[0]
    assert "3 May, year not stated" in reply.text
    assert bot.returncode == 0, log.decode()
    assert api.token.partition(":")[2] not in log.decode()
    assert "Traceback" not in log.decode()
    assert not api.refused or {r.method for r in api.refused} == {"setMyCommands"}  # the admin's chat was not there yet


@pytest.mark.parametrize("token", ["1234567:wrong", "no token"])
async def test_a_refused_token_is_one_line_and_exit_status_2(api: BotApi, tmp_path: Path, token: str) -> None:
    async with process(tmp_path, api.url, token) as bot:
        _, log = await bot.communicate()

    assert bot.returncode == 2
    lines = log.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("quotewire: ")
    assert "TELEGRAM_BOT_TOKEN" in lines[0]
