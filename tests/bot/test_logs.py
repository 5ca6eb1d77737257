"""No secret reaches a log line, tracebacks included."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logging
from bot.settings import Settings

SECRETS = {
    "TELEGRAM_BOT_TOKEN": "123456:AAtoken-of-the-bot",
    "DATABASE_URL": "postgresql+asyncpg://me:hunter2-password@db/quotes",
    "WEBHOOK_URL": "https://bot.example.org",
    "WEBHOOK_SECRET": "webhook-s3cr3t",
}
HIDDEN = ("AAtoken-of-the-bot", "hunter2-password", "webhook-s3cr3t")


@pytest.fixture(autouse=True)
def _root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_starred_in_messages_and_tracebacks(form: str, capsys: pytest.CaptureFixture[str]):
    settings = Settings.read({**SECRETS, "LOG_FORMAT": form})
    set_up_logging(settings)

    logging.getLogger("bot").error("POST /bot%s/getMe", SECRETS["TELEGRAM_BOT_TOKEN"])
    try:
        raise RuntimeError(f"cannot connect to {SECRETS['DATABASE_URL']} with {SECRETS['WEBHOOK_SECRET']}")
    except RuntimeError:
        logging.getLogger("bot").exception("failed")

    written = capsys.readouterr().err
    assert "failed" in written
    assert "RuntimeError" in written
    assert not any(secret in written for secret in HIDDEN)


def test_the_http_client_does_not_log_addresses(capsys: pytest.CaptureFixture[str]):
    set_up_logging(Settings.read(SECRETS))

    logging.getLogger("httpx").info("HTTP Request: POST https://host/bot123/getMe")

    assert capsys.readouterr().err == ""


def test_json_lines_are_json(capsys: pytest.CaptureFixture[str]):
    set_up_logging(Settings.read({"LOG_FORMAT": "json"}))

    logging.getLogger("bot").warning("Привет, %s", "мир")

    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "Привет, мир"
    assert line["level"] == "WARNING"
