"""On a timer: look for new articles."""

from __future__ import annotations

import asyncio
import logging

from bot.context import BotApplication
from bot.exceptions import BotError
from retrieval.exceptions import RetrievalError
from storage.exceptions import StorageError

log = logging.getLogger(__name__)


async def look_for_articles(app: BotApplication, *, alert: bool) -> None:
    """Looks at the sources whose time has come; a failure is logged and waits for the next time."""
    try:
        async with app.loading.turn():
            polled = await app.services.poll(alert=alert)
            app.metrics.looked(*await app.services.health())
    except (StorageError, RetrievalError, BotError) as error:
        log.error("looking for articles: %s", error)
        return
    report = polled.loaded
    for source, reason in polled.switched_off:
        log.error("source off: %s is not looked at any more: %s", source, reason)
    for source, reason in report.rejected:
        log.warning("rejected: %s: %s", source, reason)
    if report.added or report.updated or report.removed:
        log.info("articles: %d added, %d updated, %d removed", report.added, report.updated, report.removed)


async def look_regularly(app: BotApplication) -> None:
    """Looks for articles now and every `POLL_INTERVAL_S`, for ever."""
    while True:
        await look_for_articles(app, alert=True)
        await asyncio.sleep(app.settings.poll_interval_s)
