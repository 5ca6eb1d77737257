"""What each Bot API method checks and does; named and answered as in https://core.telegram.org/bots/api."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from tests.botapi import about, answering, sending, updates  # noqa: F401 - the table fills by importing them
from tests.botapi.errors import ApiError
from tests.botapi.registry import METHODS, Params

if TYPE_CHECKING:
    from tests.botapi.server import BotApi


async def call(api: BotApi, name: str, params: Params, files: dict[str, bytes]) -> Any:
    """The method's result. Raises: ApiError; 404 for methods that there are not. Names ignore case, as Telegram's."""
    function = next((f for known, f in METHODS.items() if known.lower() == name.lower()), None)
    if function is None:
        raise ApiError(404, "Not Found: method not found")
    result = function(api, {**params, "_files": files})
    return await result if isinstance(result, Awaitable) else result
