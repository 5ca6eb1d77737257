"""The table of methods, which each module adds its own to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.botapi.server import BotApi

Params = dict[str, Any]
Method = Callable[["BotApi", Params], Any]
METHODS: dict[str, Method] = {}


def method(function: Method) -> Method:
    METHODS[function.__name__] = function
    return function
