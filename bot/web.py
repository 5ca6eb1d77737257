"""The two local servers: the webhook, by which Telegram brings updates, and /healthz with /metrics."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import TelegramError
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.context import BotApplication
from bot.exceptions import UserError
from bot.polling import UPDATES, one_line, unless

log = logging.getLogger(__name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the header's name: https://core.telegram.org/bots/api#setwebhook)
_BODY_LIMIT = 1 << 20  # updates are some KiB
_REMEMBERED = 10_000  # update ids: Telegram repeats an update whose answer was lost
_ANSWER_S = 10.0  # Telegram repeats what is not answered in time
_DRAIN_S = 7.0


async def serve_updates(app: BotApplication, stop: asyncio.Event) -> None:
    """Tells Telegram our address, takes updates until `stop` is set, then finishes what is in hand.

    Raises: UserError when the port cannot be had; Stopped.
    """
    settings = app.settings
    working: set[asyncio.Task[None]] = set()
    seen: OrderedDict[int, None] = OrderedDict()

    class Hook(RequestHandler):
        async def post(self) -> None:
            """An update; 200 tells Telegram that it need not come again."""
            given = self.request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode(), settings.webhook_secret.reveal().encode()):
                self.set_status(403)
                return
            try:
                came = json.loads(self.request.body)
                update = Update.de_json(came, app.bot) if app.polling.takes(came) else None
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                log.error("an update that cannot be read: %s", one_line(error))
                return
            if update is None or update.update_id in seen:
                return
            seen[update.update_id] = None
            while len(seen) > _REMEMBERED:
                seen.popitem(last=False)
            task = asyncio.create_task(app.process_update(update))
            working.add(task)
            task.add_done_callback(working.discard)
            await asyncio.wait([task], timeout=_ANSWER_S)

        def write_error(self, status_code: int, **kwargs: object) -> None:
            self.finish()

    path = urlsplit(settings.webhook_url or "").path or "/"
    server = _listen("WEBHOOK_PORT", settings.webhook_port, "", [(path, Hook)])
    try:
        await unless(stop, _set_webhook(app))
        await unless(stop, stop.wait())
    finally:
        server.stop()
        if working:
            await asyncio.wait(working, timeout=_DRAIN_S)
        await server.close_all_connections()


async def _set_webhook(app: BotApplication) -> None:
    settings, wait_s = app.settings, 1.0
    while True:
        try:
            await app.bot.set_webhook(
                settings.webhook_url or "", secret_token=settings.webhook_secret.reveal(), allowed_updates=UPDATES
            )
            return
        except TelegramError as error:
            log.warning("Telegram does not take the webhook (%s); next try in %.0f s", one_line(error), wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, 30.0)


@contextlib.asynccontextmanager
async def serve_health(
    port: int | None, healthy: Callable[[], dict[str, object]], metrics: Callable[[], bytes]
) -> AsyncIterator[None]:
    """Serves /healthz (`healthy()` as JSON) and /metrics (`metrics()`, Prometheus' text) on loopback, if on a port.

    Raises: UserError when the port cannot be had.
    """
    if port is None:
        yield
        return

    class Health(RequestHandler):
        def get(self) -> None:
            self.write(healthy())

    class Metrics(RequestHandler):
        def get(self) -> None:
            self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.write(metrics())

    server = _listen("HEALTH_PORT", port, "127.0.0.1", [("/healthz", Health), ("/metrics", Metrics)])
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()


def _listen(name: str, port: int, address: str, routes: list[tuple[str, type[RequestHandler]]]) -> HTTPServer:
    try:
        listening = socket.create_server((address, port))
    except OSError as error:
        raise UserError(f"{name} {port} cannot be used: {error.strerror}; choose another") from error
    listening.setblocking(False)
    application = Application(routes, log_function=lambda handler: None)
    server = HTTPServer(application, max_body_size=_BODY_LIMIT, max_header_size=1 << 16)
    server.add_socket(listening)
    return server
