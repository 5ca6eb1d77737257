"""Acts of the operators: each stands in the audit log, and is refused to everyone else whatever they look like."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.commands import Command
from bot.context import BotContext
from bot.views import Message
from storage import audit
from storage.audit import Act
from storage.exceptions import StorageError

log = logging.getLogger(__name__)
Doing = Callable[[Update, BotContext], Coroutine[Any, Any, str]]  # gives the outcome, for the log
Page = Callable[..., Coroutine[Any, Any, tuple[Message, str]]]
REFUSED = "refused"


def admin_command(name: str, doing: Doing) -> Command:
    """A command for the operators alone, whose every use is noted."""

    async def callback(update: Update, context: BotContext) -> None:
        subject = " ".join(context.args or [])
        try:
            outcome = await doing(update, context)
        except Exception as error:
            await note(context, name, subject, f"failed: {type(error).__name__}")
            raise
        await note(context, name, subject, outcome)

    return Command(name, callback, admin=True, groups=False)


def admin_page(name: str, page: Page) -> Callable[..., Coroutine[Any, Any, Message | str]]:
    """A page behind a button of the operators: others who send its data learn nothing. Its every use is noted."""

    async def guarded(update: Update, context: BotContext, *numbers: int) -> Message | str:
        private = update.effective_chat is not None and update.effective_chat.id == context.reader
        if not private or context.reader not in context.app.settings.admin_ids:
            await note_refusal(context, name)
            return context.words("button.too_old")
        message, outcome = await page(context, *numbers)
        await note(context, name, "", outcome)
        return message

    return guarded


async def refuse(update: Update, context: BotContext) -> None:
    """Notes that an admin command was used by somebody else, or in disguise; to them there is no such command."""
    name, addressee = context.matches[0].groups() if context.matches else ("", None)
    if addressee is None or addressee.lower() == context.bot.username.lower():
        await note_refusal(context, name)
    if update.effective_chat is not None and update.effective_chat.id == context.reader:
        await context.reply(update, Message(context.words("about.unknown_command")))


async def note_refusal(context: BotContext, name: str) -> None:
    """Notes the attempt, at most one a minute from one user: nobody fills the disk with them."""
    if context.app.refusals.take(context.reader) == "allowed":
        await note(context, name, "", REFUSED)


async def note(context: BotContext, name: str, subject: str, outcome: str) -> None:
    """Puts an act into the audit log; into the other log, when the database fails."""
    act = Act(dt.datetime.now(dt.UTC), context.reader, name, subject, outcome)
    try:
        async with context.services.database.writing() as session:
            await audit.record(session, act)
    except StorageError as error:
        log.error("not in the audit log (%s): %s", error, act)
