"""How a bot gets its updates: by polling, or by a webhook."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from tests.botapi.checks import flag, whole
from tests.botapi.errors import ApiError
from tests.botapi.registry import Params, method

if TYPE_CHECKING:
    from tests.botapi.server import BotApi


@method
def getMe(api: BotApi, params: Params) -> Any:
    return api.me


@method
async def getUpdates(api: BotApi, params: Params) -> Any:
    if api.webhook:
        raise ApiError(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
        )
    api.poller = me = object()
    api.notify()
    offset = whole(params, "offset")
    if offset < 0:
        api.updates = api.updates[offset:]
    else:
        api.updates = [update for update in api.updates if update["update_id"] >= offset]
    if (allowed := params.get("allowed_updates")) is not None:
        api.allowed_updates = allowed or None
    with contextlib.suppress(AssertionError):
        await api.until(lambda: api.updates or api.poller is not me, timeout_s=min(whole(params, "timeout"), 50))
    if api.poller is not me:
        raise ApiError(
            409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
    return api.updates[: max(1, min(whole(params, "limit", 100), 100))]


@method
def setWebhook(api: BotApi, params: Params) -> Any:
    api.webhook = str(params.get("url") or "")
    return True


@method
def deleteWebhook(api: BotApi, params: Params) -> Any:
    api.webhook = ""
    if flag(params, "drop_pending_updates"):
        api.updates.clear()
    return True


@method
def getWebhookInfo(api: BotApi, params: Params) -> Any:
    return {"url": api.webhook, "has_custom_certificate": False, "pending_update_count": len(api.updates)}
