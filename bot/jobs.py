"""On a timer: look for new articles."""

from __future__ import annotations

import asyncio
import logging

from bot.context import BotApplication
from retrieval.exceptions import RetrievalError
from storage.exceptions import StorageError

log = logging.getLogger(__name__)


async def look_for_articles(app: BotApplication, *, alert: bool) -> None:
    """Reads the configured sources; a failure is logged and waits for the next time."""
    async with app.reloading:
        try:
            report = await app.services.load(alert=alert)
        except (StorageError, RetrievalError) as error:
            log.error("looking for articles: %s", error)
            return
    for source, reason in report.rejected:
        log.warning("rejected: %s: %s", source, reason)
    if report.added or report.updated or report.removed:
        log.info("articles: %d added, %d updated, %d removed", report.added, report.updated, report.removed)


async def look_regularly(app: BotApplication) -> None:
    """Looks for articles now and every `POLL_INTERVAL_S`, for ever."""
    while True:
        await look_for_articles(app, alert=True)
        await asyncio.sleep(app.settings.poll_interval_s)
