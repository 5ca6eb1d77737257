"""What every callback gets: the services, the reader's language, and the way to reply."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import AsyncIterator
from typing import Any, cast

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    MaybeInaccessibleMessage,
    ReplyParameters,
    Update,
)
from telegram import Message as TelegramMessage
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import Application, CallbackContext, ExtBot, JobQueue

from bot.markup import Html
from bot.memory import AnswerMemory
from bot.metrics import Metrics
from bot.pace import Pace
from bot.recent import Recent
from bot.services import Services
from bot.settings import Settings
from bot.texts import Words, words_for
from bot.transport import PollingRequest
from bot.views import Message
from storage.lock import Loading
from storage.slots import Slots

log = logging.getLogger(__name__)
_WAITS = 3  # how often a reply is held back when Telegram says that it is too soon
_LONGEST_WAIT_S = 60
_AGAIN_S = 1.0  # after a failure of the network
_SIGN_OF_LIFE_S = 1.0  # after which slow work shows "typing"; Telegram takes that down after five seconds
_SIGN_LASTS_S = 4.5
_INLINE_KEPT, _TRENDS_KEPT = 200, 50  # some 2 MB each
_SIGNS_AT_ONCE = 4  # in a crowd they would only make it slower


class BotApplication(
    Application[ExtBot[int], "BotContext", dict[Any, Any], dict[Any, Any], dict[Any, Any], JobQueue[Any]]
):
    """Telegram's application with what the callbacks need. Made by `bot.app.build_application`."""

    def __init__(
        self,
        *,
        services: Services,
        settings: Settings,
        polling: PollingRequest,
        metrics: Metrics,
        slots: Slots | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.polling = polling
        self.services = services
        self.settings = settings
        self.slots = slots  # null: no other process sends for the bot
        self.languages: dict[int, str] = {}  # the choice of each chat that made one
        self.unreachable: set[int] = set()  # chats that blocked or removed the bot
        self.menus_due = set(settings.admin_ids)  # admins whose menu Telegram has not taken yet
        self.loading = Loading(services.database)
        self.questions = Pace(settings.ask_rate_user_min)
        self.answers = AnswerMemory(services.database, shared=self.shared)
        self.contested = False  # whether another program, with another database, polls with our token
        self.signs_of_life = 0  # in hand
        self.newest_inline: dict[int, str] = {}  # by user: of the inline queries in hand, the last
        self.inline_answers: Recent[tuple[list[InlineQueryResultArticle], str | None]] = Recent(_INLINE_KEPT)
        self.trends: Recent[tuple[bytes, Html | None]] = Recent(_TRENDS_KEPT)
        self.metrics = metrics
        self.refusals = Pace(1)  # of admin commands to others, as far as they are noted
        self.banned: dict[int, bool] = {}  # users and chats, and whether they have had their notice
        self.broadcasting = asyncio.Event()  # there is something to send

    @property
    def shared(self) -> bool:
        """Whether other processes may answer for the same bot: by a webhook, on a database that they can share."""
        return self.slots is not None

    def health(self) -> dict[str, object]:
        """What /healthz says."""
        return {"status": "ok", "bot": self.bot.username}


class BotContext(CallbackContext[ExtBot[int], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The typed way of a callback to everything else."""

    # Set for each update by the gate:
    words: Words = words_for(None)
    reader: int = 0  # the user's id; 0 where there is none
    sender: int = 0  # the same, but the chat's where an admin writes in its name

    @property
    def app(self) -> BotApplication:
        return cast(BotApplication, self.application)

    @property
    def services(self) -> Services:
        return self.app.services

    @property
    def today(self) -> dt.date:
        """The day where the bot runs."""
        return dt.datetime.now().astimezone().date()

    async def reply(self, update: Update, message: Message, *, quoting: bool = True) -> TelegramMessage:
        """Sends the message to where the update came from, `quoting` what it replies to."""
        to = update.effective_message
        if to is None:
            raise ValueError("an update without a message has no place to reply to")
        arguments: dict[str, Any] = {"chat_id": to.chat_id, "text": message.text, "reply_markup": keyboard(message)}
        if to.is_topic_message:
            arguments["message_thread_id"] = to.message_thread_id
        if quoting:
            arguments["reply_parameters"] = ReplyParameters(to.message_id, allow_sending_without_reply=True)
        for _ in range(_WAITS):
            try:
                return await self.bot.send_message(**arguments)
            except RetryAfter as error:
                wait_s = seconds(error)
                if wait_s > _LONGEST_WAIT_S:
                    raise
                await asyncio.sleep(wait_s)
            except (BadRequest, TimedOut):  # refused; or it may have arrived
                raise
            except NetworkError as error:
                log.info("the reply is sent again: %s", error)
                await asyncio.sleep(_AGAIN_S)
        return await self.bot.send_message(**arguments)

    async def show(self, update: Update, sent: TelegramMessage | None, message: Message) -> TelegramMessage:
        """Changes `sent` to say this, or sends it when there is nothing to change."""
        if sent is None:
            return await self.reply(update, message)
        await self.edit(sent, message)
        return sent

    async def edit(self, sent: MaybeInaccessibleMessage, message: Message) -> None:
        """Changes a message of ours; that it says so already, or is gone, is no error."""
        try:
            await self.bot.edit_message_text(
                message.text, sent.chat.id, sent.message_id, reply_markup=keyboard(message)
            )
        except BadRequest as error:
            if not any(reason in str(error).lower() for reason in ("not modified", "not found", "can't be edited")):
                raise

    async def pop_up(self, query: CallbackQuery, text: str) -> None:
        """Ends the button's waiting, with words unless they are empty; too late is no error."""
        with contextlib.suppress(BadRequest):
            await query.answer(text[:200] or None)

    @contextlib.asynccontextmanager
    async def sign_of_life(self, update: Update) -> AsyncIterator[None]:
        """Shows "typing" while the work inside takes long."""
        task = asyncio.create_task(self._keep_typing(update))
        try:
            yield
        finally:
            task.cancel()

    async def _keep_typing(self, update: Update) -> None:
        chat, message = update.effective_chat, update.effective_message
        topic = message.message_thread_id if message and message.is_topic_message else None
        await asyncio.sleep(_SIGN_OF_LIFE_S)
        if chat is None or self.app.signs_of_life >= _SIGNS_AT_ONCE:
            return
        self.app.signs_of_life += 1
        try:
            while True:
                await self.bot.send_chat_action(chat.id, "typing", message_thread_id=topic)
                await asyncio.sleep(_SIGN_LASTS_S)
        except TelegramError as error:
            log.debug("no sign of life: %s", error)
        finally:
            self.app.signs_of_life -= 1


def keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """The message's buttons for Telegram."""
    if not message.buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.label, callback_data=b.data, url=b.url) for b in row] for row in message.buttons]
    )


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after  # a number or a span, as PTB_TIMEDELTA says
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else wait
