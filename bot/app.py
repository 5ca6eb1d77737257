"""The composition root of the Telegram bot: here settings, services, handlers and Telegram meet."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import re
import signal
from functools import partial
from typing import cast

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.ext import Application, ContextTypes, Defaults
from telegram.request import BaseRequest

from bot import errors, handlers
from bot.alarms import Alarms, keep_telling
from bot.context import BotApplication, BotContext
from bot.delivery import Courier
from bot.exceptions import TokenRefused
from bot.limiter import Limiter
from bot.metrics import Metrics
from bot.pace import Pace
from bot.peers import follow_articles, follow_chats, lead, learn, load_first
from bot.polling import Stopped, connect, poll, unless
from bot.services import Services, open_services
from bot.settings import Settings
from bot.transport import PollingRequest, Request
from bot.web import serve_health, serve_updates
from storage.exceptions import StorageError
from storage.lock import InstanceLock
from storage.slots import Slots

log = logging.getLogger(__name__)
_CONNECTIONS = 48
_DRAIN_S = 8.0  # from the order to stop, for alerts in flight
_UPDATES_A_QUESTION = 10  # of all kinds, buttons and keystrokes of inline mode included: more is a flood, and dropped


async def run_bot(settings: Settings) -> int:
    """Runs the bot until SIGTERM or SIGINT; gives the exit status.

    Raises: TokenRefused and other UserErrors, StorageError, RetrievalError: what the operator can mend.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_services(settings) as services:
        gc.collect()
        gc.freeze()  # it stays; looking for garbage among it now and then held up every answer for 40 ms
        await run(build_application(services, settings), stop)
    return 0


def build_application(services: Services, settings: Settings, *, request: BaseRequest | None = None) -> BotApplication:
    """The bot with all its handlers, not yet connected.

    Args: request: the way to Telegram, for all calls but getUpdates.
    Raises: TokenRefused for what cannot be a token.
    """
    token = settings.telegram_bot_token.reveal()
    if not re.fullmatch(r"\d+:[\w-]+", token, re.ASCII):
        raise TokenRefused("TELEGRAM_BOT_TOKEN is not a token: it looks like 123456:ABC-DEF, from @BotFather")
    metrics = Metrics()
    rates = settings.send_rate_s, settings.send_rate_chat_s, settings.send_rate_group_min
    slots = Slots(services.database) if settings.webhook_url and services.database.file is None else None
    limiter = Limiter(*rates, took=metrics.send_s.observe, slots=slots)
    polling = PollingRequest(Pace(settings.ask_rate_user_min * _UPDATES_A_QUESTION))
    app = cast(
        BotApplication,
        Application.builder()
        .application_class(
            BotApplication,
            {"services": services, "settings": settings, "polling": polling, "metrics": metrics, "slots": slots},
        )
        .context_types(ContextTypes(context=BotContext))
        .token(token)
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .request(request or Request(_CONNECTIONS))
        .get_updates_request(polling)
        .defaults(Defaults(parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)))
        .rate_limiter(limiter)
        .updater(None)
        .job_queue(None)
        .build(),
    )
    app.add_handlers(list(handlers.gates()), group=-1)
    app.add_handlers(list(handlers.all_handlers(settings.admin_ids)))
    app.add_error_handler(errors.report)
    return app


async def run(app: BotApplication, stop: asyncio.Event) -> None:
    """Connects, loads what an empty database lacks, and polls until `stop` is set; leaves nothing open.

    With a webhook and a database that can be shared, it answers whoever leads; else it waits until it is the only one.
    Raises: TokenRefused and other UserErrors.
    """
    lock = InstanceLock(app.services.database)
    background: list[asyncio.Task[None]] = []
    courier = Courier(app, lock)
    delivering: asyncio.Task[None] | None = None
    alarms = Alarms()
    logging.getLogger().addHandler(alarms)
    try:
        waiting = partial(_tell_waiting, app.services.database.shown, shared=app.shared)
        background.append(await unless(stop, lock.take(waiting, standby=app.shared)))
        await connect(app, stop)
        await learn(app)
        if not app.shared:
            await unless(stop, load_first(app))
        log.info("@%s is ready", app.bot.username)
        async with serve_health(app.settings.health_port, app.health, app.metrics.text):
            work = [lead(app, lock), app.answers.keep_storing(), app.metrics.watch_loop(), keep_telling(app, alarms)]
            if app.shared:
                work += [follow_chats(app), follow_articles(app, lock)]
            background += [asyncio.create_task(each) for each in (*work, app.services.warm_up())]
            delivering = asyncio.create_task(courier.run(stop))
            await (serve_updates if app.settings.webhook_url else poll)(app, stop)
    except Stopped:
        pass
    finally:
        if delivering is not None:
            stop.set()
            background.append(delivering)
            await asyncio.wait([delivering], timeout=_DRAIN_S)
        for task in background:
            task.cancel()
        for failure in await asyncio.gather(*background, return_exceptions=True):
            if isinstance(failure, Exception):
                log.error("in the background", exc_info=failure)
        with contextlib.suppress(StorageError):
            await app.answers.store()
        await app.shutdown()
        with contextlib.suppress(RuntimeError):
            await app.bot.shutdown()
        logging.getLogger().removeHandler(alarms)
    log.info("stopped")


def _tell_waiting(database: str, *, shared: bool) -> None:
    if shared:
        log.info("another Quotewire leads on the database %s; this one answers, and stands by", database)
    else:
        log.warning("another Quotewire works with the database %s; waiting until it ends", database)
