"""A Bot API server on loopback for the tests: real HTTP, Telegram's own checks, people who write and press."""

from tests.botapi.errors import ApiError, Fault
from tests.botapi.people import BotMessage, Group, InlineAnswer, User
from tests.botapi.server import TOKEN, BotApi

__all__ = ["TOKEN", "ApiError", "BotApi", "BotMessage", "Fault", "Group", "InlineAnswer", "User"]
