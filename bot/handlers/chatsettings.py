"""/settings: language, time zone, quiet hours, hour of the digest, mute."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot import alertviews
from bot.commands import Command
from bot.context import BotContext
from bot.texts import languages, words_for
from bot.views import Message
from storage import chats
from storage.chatsettings import change_settings, find_settings, find_zone

_HOURS = re.compile(r"(\d{1,2})(?::00)?\s*[-–—]\s*(\d{1,2})(?::00)?")


async def settings(update: Update, context: BotContext) -> None:
    """Shows how the chat is set; changes what was named: "timezone Europe/Berlin", "quiet 22-7", "digest 8"."""
    name, _, value = " ".join(context.args or []).partition(" ")
    if not name:
        message = await settings_page(update, context)
    elif (changes := read_setting(name.lower(), value.strip(), dt.datetime.now(dt.UTC))) is None:
        message = Message(context.words("settings.how"))
    else:
        message = await _change(update, context, changes)
    await context.reply(update, message)


def read_setting(name: str, value: str, now: dt.datetime) -> dict[str, Any] | None:
    """What a typed setting changes; None when it cannot be understood."""
    off = value.lower() in ("off", "no", "never", "нет", "выкл")
    match name:
        case "language" if value in languages():
            return {"language": value}
        case "timezone" | "zone" if find_zone(value) and value:
            return {"timezone": value}
        case "quiet" if off:
            return {"quiet_from": None, "quiet_until": None}
        case "quiet" if (hours := _HOURS.fullmatch(value)) and int(hours[1]) < 24 and int(hours[2]) < 24:
            return {"quiet_from": int(hours[1]), "quiet_until": int(hours[2])}
        case "digest" if (hour := value.removesuffix(":00")).isdecimal() and int(hour) < 24:
            return {"digest_hour": int(hour)}
        case "mute" if off:
            return {"muted_until": None}
        case "mute" if value.isdecimal() and 0 < int(value) <= 720:
            return {"muted_until": now + dt.timedelta(hours=int(value))}
    return None


async def settings_page(update: Update, context: BotContext) -> Message:
    """How the chat is set, with buttons to change it."""
    chat_id = update.effective_chat.id if update.effective_chat else 0
    async with context.services.database.reading() as session:
        found = await find_settings(session, chat_id)
    language = context.app.languages.get(chat_id)
    return alertviews.settings_page(found, context.words, language, dt.datetime.now(dt.UTC))


async def _change(update: Update, context: BotContext, changes: dict[str, Any]) -> Message:
    chat_id = update.effective_chat.id if update.effective_chat else 0
    async with context.services.database.writing() as session:
        if "language" in changes:
            await chats.set_language(session, chat_id, changes["language"])
        else:
            await change_settings(session, chat_id, dt.datetime.now(dt.UTC), **changes)
    if "language" in changes:
        context.app.languages.pop(chat_id, None)
        if changes["language"]:
            context.app.languages[chat_id] = changes["language"]
            context.words = words_for(changes["language"])
    return await settings_page(update, context)


def _choices(name: str) -> Callable[..., Coroutine[Any, Any, Message]]:
    async def page(update: Update, context: BotContext) -> Message:
        return alertviews.setting_choices(name, context.words)

    return page


def _choose(name: str) -> Callable[..., Coroutine[Any, Any, Message | str]]:
    async def page(update: Update, context: BotContext, n: int) -> Message | str:
        changes = alertviews.chosen(name, n, dt.datetime.now(dt.UTC))
        return await _change(update, context, changes) if changes else context.words("button.too_old")

    return page


_NAMES = ("language", "timezone", "quiet", "digest", "mute")
PAGES: dict[str, tuple[Callable[..., Coroutine[Any, Any, Any]], int]] = {
    "settings": (settings_page, 0),
    **{f"set{name}s": (_choices(name), 0) for name in _NAMES},
    **{f"set{name}": (_choose(name), 1) for name in _NAMES},
}

COMMANDS = (Command("settings", settings),)
