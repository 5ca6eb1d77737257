"""The bot as an operator runs it: a process with an environment, articles on disk, and signals."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import aiohttp
import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.bot.processes import process
from tests.bot.test_web import free_port
from tests.botapi import BotApi, Fault
from tests.botapi.errors import bad_gateway, too_many
from tests.conftest import new_postgresql

DISPATCH = """Minister promises a clean river – Environment

VELDHAVEN, May 3. /NNA/. The Lower Orlik will be clean by next summer, Water Minister Dana Orlik said on Friday.

“We will remove every barrel of waste from the river,” Orlik said. “Nobody will pay for it but the polluters.”
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the bot runs; it has an article."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/river.txt").write_text(DISPATCH, encoding="utf-8")
    return tmp_path


async def test_it_loads_answers_and_ends_cleanly_at_sigterm(api: BotApi, folder: Path) -> None:
    async with process(folder, api, ADMIN_IDS="77") as bot:
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


async def test_no_secret_is_in_the_logs_the_metrics_or_any_message_whatever_goes_wrong(
    request: pytest.FixtureRequest, api: BotApi, folder: Path
) -> None:
    password, secret, port = "hunter2-the-password", "s3cret-of-the-webhook", free_port()
    database = (await new_postgresql(request)).replace("@", f":{password}@")
    settings = {"DATABASE_URL": database, "WEBHOOK_SECRET": secret, "HEALTH_PORT": str(port), "ADMIN_IDS": "77"}
    admin, ann = api.user("Admin", id=77), api.user("Ann")
    async with process(folder, api, LOG_LEVEL="DEBUG", LOG_FORMAT="json", **settings) as bot:
        await api.until(lambda: api.polls or bot.returncode is not None, what="the first poll", timeout_s=60)
        for command in (
            "/stats",
            "/sources",
            "/reload no/such/folder",
            "/addsource http://127.0.0.1:9/x",
            "/unanswered",
        ):
            await admin.asks(command)
        api.faults += [
            bad_gateway(method="getUpdates"),
            Fault("getUpdates", reset=True),
            Fault("sendMessage", body="{broken"),
            Fault("sendMessage", status=400, description="Bad Request: can't parse entities"),
            too_many(1, method="sendMessage"),
        ]
        for number in range(5):
            ann.says(f"river {number}")
        await ann.reply()
        server = await asyncpg.connect(request.getfixturevalue("postgresql_server"))
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'quotewire'"
        )
        await server.close()
        await ann.asks("river")
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as response:
            metrics = await response.text()
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            _, log = await bot.communicate()

    said = "".join(str(request.params) for request in api.requests)
    for hidden in (api.token.partition(":")[2], password, secret):
        assert hidden not in log.decode()
        assert hidden not in metrics
        assert hidden not in said
    assert "quotewire_index_passages 2.0" in metrics
    assert 'quotewire_source_last_success_timestamp_seconds{source="articles/"}' in metrics
    assert "quotewire_send_seconds_count" in metrics
    lines = log.decode().splitlines()
    assert len(lines) > 5
    assert any(json.loads(line)["request"] != "-" for line in lines)


@pytest.mark.parametrize("token", ["1234567:wrong", "no token"])
async def test_a_refused_token_is_one_line_and_exit_status_2(api: BotApi, folder: Path, token: str) -> None:
    async with process(folder, api, TELEGRAM_BOT_TOKEN=token) as bot:
        _, log = await bot.communicate()

    assert bot.returncode == 2
    lines = log.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("quotewire: ")
    assert "TELEGRAM_BOT_TOKEN" in lines[0]
