"""The one place where an exception in a callback becomes a log line and words for the user."""

from __future__ import annotations

import logging
import secrets

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.context import BotContext
from bot.views import Message
from storage.exceptions import StorageError

log = logging.getLogger(__name__)


async def report(update: object, context: BotContext) -> None:
    """Logs what went wrong, expected failures in one line and defects with an id; tells the user what they can do."""
    error = context.error
    words = context.words
    if isinstance(error, StorageError):
        log.error("storage: %s", error)
        text = words("error.storage")
    elif _expected(error):
        log.warning("Telegram: %s: %s", type(error).__name__, error)
        return
    else:
        error_id = secrets.token_hex(4)
        context.app.metrics.errors.inc()
        log.error("error %s", error_id, exc_info=error)
        text = words("error.unexpected", id=error_id)
    if not isinstance(update, Update):
        return
    try:
        if update.callback_query:
            await update.callback_query.answer(str(text)[:200], show_alert=True)
        elif update.effective_message:
            await context.reply(update, Message(text))
    except TelegramError as failure:
        log.warning("the user could not be told: %s", failure)


def _expected(error: Exception | None) -> bool:
    """What happens to every bot: the network, a blocked bot, a pressed button that is too old."""
    if isinstance(error, BadRequest):
        return "query is too old" in str(error).lower() or "not found" in str(error).lower()
    return isinstance(error, NetworkError | Forbidden | RetryAfter)
