"""What a command is; from the table: handlers, menus by scope and language, and /help."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    Message,
    Update,
)
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, filters

from bot.context import BotContext
from bot.markup import Html, join
from bot.texts import FALLBACK, Words, languages, words_for

log = logging.getLogger(__name__)
Callback = Callable[[Update, BotContext], Coroutine[Any, Any, None]]
Handler = BaseHandler[Update, BotContext, None]


@dataclass(frozen=True)
class Command:
    """One command: `name` without the slash; its description is the text `command.<name>`."""

    name: str
    callback: Callback
    admin: bool = False  # for ADMIN_IDS alone, in their private chats; to everyone else it does not exist
    groups: bool = True  # stands in the menus of groups

    def description(self, words: Words) -> Html:
        return words(f"command.{self.name}")


class Typed(filters.MessageFilter):
    """Typed here and now by who sends it: no edit, no forward, nothing sent through another bot."""

    def filter(self, message: Message) -> bool:
        return message.edit_date is None and message.forward_origin is None and message.via_bot is None


class FromAdmin(filters.MessageFilter):
    """Sent by an admin under their own name, in their private chat with the bot."""

    def __init__(self, admin_ids: frozenset[int]) -> None:
        super().__init__()
        self._admin_ids = admin_ids

    def filter(self, message: Message) -> bool:
        sender = message.from_user
        private = sender is not None and message.chat.id == sender.id and message.sender_chat is None
        return private and sender is not None and sender.id in self._admin_ids


TYPED = filters.UpdateType.MESSAGE & Typed()


def handlers(commands: Sequence[Command], admin_ids: frozenset[int]) -> Iterator[Handler]:
    """A handler for each command, which fires only for those who may use it."""
    for command in commands:
        allowed = TYPED & FromAdmin(admin_ids) if command.admin else TYPED
        yield CommandHandler(command.name, command.callback, filters=allowed)


def help_text(commands: Sequence[Command], words: Words, *, admin: bool) -> Html:
    """How to use the bot, with the commands that this reader has."""
    lines = [Html(f"/{c.name} — {c.description(words)}") for c in commands if admin or not c.admin]
    return join("\n\n", [words("about.help"), join("\n", lines), words("about.help_operators")])


async def introduce(bot: Bot, commands: Sequence[Command]) -> None:
    """Tells Telegram the menus for everyone and what the bot is for, in every language.

    A failure is logged: a bot without a menu is better than none.
    """
    calls = []
    for language in languages():
        words, code = words_for(language), None if language == FALLBACK else language
        everyone = [c for c in commands if not c.admin]
        calls += [
            _set_menu(bot, everyone, words, BotCommandScopeAllPrivateChats(), code),
            _set_menu(bot, [c for c in everyone if c.groups], words, BotCommandScopeAllGroupChats(), code),
            bot.set_my_description(str(words("about.description")), language_code=code),
            bot.set_my_short_description(str(words("about.short_description")), language_code=code),
        ]
    for failure in await asyncio.gather(*calls, return_exceptions=True):
        if isinstance(failure, TelegramError):
            log.warning("Telegram did not take the menus or the description: %s", failure)
        elif isinstance(failure, BaseException):
            raise failure


async def give_admin_menu(bot: Bot, commands: Sequence[Command], admin_id: int) -> bool:
    """Sets an admin's own menu; False when Telegram has no chat with them yet."""
    try:
        for language in languages():
            code = None if language == FALLBACK else language
            await _set_menu(bot, commands, words_for(language), BotCommandScopeChat(admin_id), code)
    except TelegramError as error:
        log.info("no menu for admin %d yet: %s", admin_id, error)
        return False
    return True


async def _set_menu(
    bot: Bot, commands: Sequence[Command], words: Words, scope: BotCommandScope, language_code: str | None
) -> None:
    menu = [BotCommand(command.name, command.description(words)) for command in commands]
    await bot.set_my_commands(menu, scope=scope, language_code=language_code)
