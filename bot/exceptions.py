"""Errors of the bot and the command line.

BotError
├── UserError      what the person at the keyboard can mend; shown as one line, exit status 2
└── TokenRefused   Telegram does not know the token
"""

from __future__ import annotations


class BotError(Exception):
    """Root of the errors raised here."""


class UserError(BotError):
    """The message is one line and names what to change."""


class TokenRefused(UserError):
    """Telegram refuses TELEGRAM_BOT_TOKEN."""
