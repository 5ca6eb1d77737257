"""On a timer: look for new articles."""

from __future__ import annotations

import asyncio
import logging

from bot.context import BotApplication
from retrieval.exceptions import RetrievalError
from storage.exceptions import StorageError

log = logging.getLogger(__name__)


async def look_for_articles(app: BotApplication) -> None:
    """Reads the sources now and then every `POLL_INTERVAL_S`, for ever. A failure waits for the next time."""
    while True:
        async with app.reloading:
            try:
                report = await app.services.load(alert=True)
            except (StorageError, RetrievalError) as error:
                log.error("looking for articles: %s", error)
            else:
                for source, reason in report.rejected:
                    log.warning("rejected: %s: %s", source, reason)
                if report.added or report.updated or report.removed:
                    log.info("%d added, %d updated, %d removed", report.added, report.updated, report.removed)
        await asyncio.sleep(app.settings.poll_interval_s)
