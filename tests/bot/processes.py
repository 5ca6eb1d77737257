"""The bot, or another command, as an operator runs it: a process with an environment."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.botapi import BotApi

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def process(folder: Path, api: BotApi, *command: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`quotewire run`, or the command, in the folder, with these settings more; killed at the end if it still runs."""
    environment = {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "PYTHONPATH": str(ROOT)} | more
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *(command or ["run"]), cwd=folder, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()
