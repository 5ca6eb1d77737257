"""Logging: one line an event on standard error, as text or JSON, never with a secret in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from contextvars import ContextVar
from urllib.parse import unquote

from bot.settings import Settings

# These log request addresses at INFO, and the Bot API's addresses hold the token.
_CHATTY = "httpx httpcore aiohttp telegram apscheduler alembic aiosqlite asyncpg matplotlib pymorphy3 faiss".split()

request_id: ContextVar[str] = ContextVar("request_id", default="-")  # of the update in hand, in each of its lines


def starred(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret in it as stars."""
    for secret in secrets:
        if len(secret) >= 4:  # a shorter one would star ordinary words
            text = text.replace(secret, "***")
    return text


class _Redacting(logging.Formatter):
    """Formats as another formatter does, then stars every secret, tracebacks included."""

    def __init__(self, inner: logging.Formatter, secrets: Iterable[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        record.request = request_id.get()
        return starred(self._inner.format(record), self._secrets)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def secret_texts(settings: Settings) -> list[str]:
    """What must never be printed: the token, its secret half, the webhook's secret, passwords in addresses."""
    token = settings.telegram_bot_token.reveal()
    password = settings.database_url.reveal().partition("://")[2].rpartition("@")[0].partition(":")[2]
    # In the engine's address a token stands alone.
    written = settings.search_url.reveal().partition("://")[2].rpartition("@")[0].rpartition(":")[2]
    return [token, token.partition(":")[2], settings.webhook_secret.reveal(), password, written, unquote(written)]


def set_up_logging(settings: Settings) -> None:
    """Makes the root logger write as the settings say."""
    inner = (
        _Json()
        if settings.log_format == "json"
        else logging.Formatter("%(asctime)s %(levelname)-7s %(request)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting(inner, secret_texts(settings)))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    # It logs updates that it cannot read whole, with what readers wrote; bot.polling says what is wrong with them.
    logging.getLogger("telegram.ext.ExtBot").setLevel(logging.CRITICAL + 1)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[settings.log_level]))
