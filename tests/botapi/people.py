"""The other side of the chat: people and groups with verbs, and what they see."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.botapi.html import utf16_length

if TYPE_CHECKING:
    from tests.botapi.server import BotApi

ENTITY = re.compile(r"(?<!\S)(?P<bot_command>/\w{1,32}(?:@\w+)?)|(?<!\w)(?P<mention>@\w{3,32})", re.ASCII)


RIGHTS = (
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
).split()


def entities_of(text: str) -> list[dict[str, Any]]:
    """The commands and mentions that Telegram marks in what people write."""
    return [
        {"type": match.lastgroup, "offset": utf16_length(text[: match.start()]), "length": utf16_length(match.group())}
        for match in ENTITY.finditer(text)
    ]


@dataclass(frozen=True)
class BotMessage:
    """A message of the bot, as its chat shows it."""

    json: dict[str, Any]

    @property
    def id(self) -> int:
        return int(self.json["message_id"])

    @property
    def text(self) -> str:
        return str(self.json.get("text") or self.json.get("caption") or "")

    def marked(self, *kinds: str) -> list[str]:
        """The stretches of text with this formatting, in order."""
        units = self.text.encode("utf-16-le")
        return [
            units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
            for e in self.json.get("entities", [])
            if e["type"] in kinds
        ]

    @property
    def quotes(self) -> list[str]:
        return self.marked("blockquote", "expandable_blockquote")

    @property
    def links(self) -> list[str]:
        return [e["url"] for e in self.json.get("entities", []) if e["type"] == "text_link"]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        rows = self.json.get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def edits(self) -> int:
        return int(self.json.get("_edits", 0))


@dataclass(frozen=True)
class InlineAnswer:
    """What an inline query brought."""

    results: list[dict[str, Any]]
    next_offset: str
    cache_time: int
    button: dict[str, Any] | None
    personal: bool


class Group:
    """A supergroup; `forum` has topics, made by naming them in `says`."""

    def __init__(self, api: BotApi, id: int, title: str, forum: bool) -> None:
        self.api, self.id, self.title, self.forum = api, id, title, forum
        self.topics: set[int] = set()
        self.closed_topics: set[int] = set()
        self.administrators: set[int] = set()
        self.kicked = False
        self.muted = False  # the bot may not write
        self.migrated_to: int | None = None
        self.read = 0

    @property
    def chat_json(self) -> dict[str, Any]:
        chat: dict[str, Any] = {"id": self.id, "type": "supergroup", "title": self.title}
        return chat | {"is_forum": True} if self.forum else chat

    def member_json(self, user: User) -> dict[str, Any]:
        if user.id not in self.administrators:
            return {"user": user.json, "status": "member"}
        return {"user": user.json, "status": "administrator", **dict.fromkeys(RIGHTS, True)}

    def removes_bot(self, *, tell: bool = True) -> None:
        """Throws the bot out; Telegram may tell it of that or not."""
        self.kicked = True
        if tell:
            self._membership("member", "kicked")

    def takes_bot_back(self) -> None:
        """Adds the bot again."""
        self.kicked = False
        self._membership("kicked", "member")

    def _membership(self, old: str, new: str) -> None:
        who = {"id": 777, "is_bot": False, "first_name": "Owner"}
        _tell_membership(self.api, self.chat_json, who, old, new)

    def becomes_supergroup(self, *, tell: bool) -> Group:
        """Gets another id; Telegram tells the bot so by service messages, or only when it writes to the old one."""
        new = self.api.group(self.title, forum=self.forum)
        new.topics, new.administrators = self.topics, self.administrators
        self.migrated_to = new.id
        if tell:
            for chat, more in ((self, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": self.id})):
                message = {"message_id": self.api.next_id("message"), "date": int(time.time()), "chat": chat.chat_json}
                self.api.queue("message", message | more)
        return new

    async def reply(self) -> BotMessage:
        """The bot's next message in the group."""
        return await _next(self.api, self)

    def unread(self) -> list[BotMessage]:
        """The bot's messages not yet returned by `reply`."""
        return _unread(self.api, self)


class User:
    """A person: writes, presses, waits for the reply."""

    def __init__(self, api: BotApi, id: int, name: str, language: str | None) -> None:
        self.api, self.id, self.name, self.language = api, id, name, language
        self.started = False
        self.blocked = False
        self.deactivated = False  # their account
        self.read = 0

    @property
    def json(self) -> dict[str, Any]:
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.name}
        return user | {"language_code": self.language} if self.language else user

    @property
    def chat_json(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def says(
        self,
        text: str,
        *,
        to: Group | None = None,
        reply_to: BotMessage | dict[str, Any] | None = None,
        topic: int | None = None,
        anonymous: bool = False,
        **more: Any,
    ) -> dict[str, Any]:
        """Sends a text and returns it. In groups the bot sees only what privacy mode shows it."""
        message = self._message(text, to, topic)
        if anonymous and to:
            message |= {"sender_chat": to.chat_json, "from": ANONYMOUS}
        if reply_to is not None:
            original = reply_to.json if isinstance(reply_to, BotMessage) else reply_to
            message["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
        message |= more
        self.api.messages.setdefault(message["chat"]["id"], []).append(message)
        if to is None:
            self.started, self.blocked = True, False
        if to is None or self._seen_in_group(message):
            self.api.queue("message", message)
        return message

    def edits(self, message: dict[str, Any], text: str) -> None:
        """Changes a text that they wrote."""
        edited = message | {"text": text, "entities": entities_of(text), "edit_date": int(time.time())}
        self.api.queue("edited_message", edited)

    def forwards(self, text: str, author: User) -> None:
        """Sends what another wrote."""
        origin = {"type": "user", "sender_user": author.json, "date": int(time.time())}
        self.says(text, forward_origin=origin)

    async def presses(self, message: BotMessage, label: str, *, data: str | None = None) -> dict[str, Any]:
        """Presses the button whose label has `label` in it (`data` forges its content); returns what popped up."""
        if data is None:
            found = [b for b in message.buttons if label in b["text"] and "callback_data" in b]
            assert found, f"no button {label!r} among {[b['text'] for b in message.buttons]}"
            data = found[0]["callback_data"]
        return await self.answered(self.presses_soon(message.json, data))

    def presses_soon(self, message: dict[str, Any], data: str) -> str:
        """Presses a button without waiting; returns the callback query's id."""
        query_id = str(self.api.next_id("callback"))
        self.api.callback_answers[query_id] = {}
        content = {"id": query_id, "from": self.json, "chat_instance": "1", "message": message, "data": data}
        self.api.queue("callback_query", content)
        return query_id

    async def answered(self, query_id: str) -> dict[str, Any]:
        """What the pressed button brought up."""
        return await self.api.until(lambda: self.api.callback_answers[query_id], what="the button's answer")

    async def asks_inline(self, text: str, offset: str = "") -> InlineAnswer:
        """Types `@bot text` in some chat and sees what comes."""
        query_id = self.types_inline(text, offset)
        answer = await self.api.until(lambda: self.api.inline_answers[query_id], what="inline results")
        return InlineAnswer(
            answer["results"],
            str(answer.get("next_offset") or ""),
            int(answer.get("cache_time", 300)),
            answer.get("button"),
            str(answer.get("is_personal", "")).lower() == "true",
        )

    def types_inline(self, text: str, offset: str = "") -> str:
        """Types without waiting; returns the inline query's id."""
        query_id = str(self.api.next_id("inline"))
        self.api.inline_answers[query_id] = {}
        self.api.queue("inline_query", {"id": query_id, "from": self.json, "query": text, "offset": offset})
        return query_id

    async def reply(self) -> BotMessage:
        """The bot's next message in the private chat."""
        return await _next(self.api, self)

    def unread(self) -> list[BotMessage]:
        """The bot's messages not yet returned by `reply`."""
        return _unread(self.api, self)

    async def asks(self, text: str) -> BotMessage:
        """Says it, and gets the next message."""
        self.says(text)
        return await self.reply()

    def blocks(self) -> None:
        """Stops the bot."""
        self.blocked = True
        self._membership("member", "kicked")

    def returns(self) -> None:
        """Unblocks the bot, without writing."""
        self.blocked = False
        self._membership("kicked", "member")

    def _membership(self, old: str, new: str) -> None:
        _tell_membership(self.api, self.chat_json, self.json, old, new)

    def _message(self, text: str, to: Group | None, topic: int | None) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": self.api.next_id("message"), "from": self.json, "date": int(time.time()), "text": text,
            "chat": to.chat_json if to else self.chat_json,
        }  # fmt: skip
        if entities := entities_of(text):
            message["entities"] = entities
        if to and topic:
            to.topics.add(topic)
            message |= {"message_thread_id": topic, "is_topic_message": True}
        return message

    def _seen_in_group(self, message: dict[str, Any]) -> bool:
        """Privacy mode: commands, mentions and replies to the bot."""
        text, me = message["text"], self.api.me
        if me["can_read_all_group_messages"] or text.startswith("/"):
            return True
        if f"@{me['username']}".lower() in text.lower():
            return True
        return bool(message.get("reply_to_message", {}).get("from", {}).get("id") == me["id"])


ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


def _tell_membership(api: BotApi, chat: dict[str, Any], who: dict[str, Any], old: str, new: str) -> None:
    def member(status: str) -> dict[str, Any]:
        content: dict[str, Any] = {"user": api.me, "status": status}
        return content | {"until_date": 0} if status == "kicked" else content

    content = {"chat": chat, "from": who, "date": int(time.time())}
    api.queue("my_chat_member", content | {"old_chat_member": member(old), "new_chat_member": member(new)})


def _unread(api: BotApi, chat: User | Group) -> list[BotMessage]:
    found = [m for m in api.messages.get(chat.id, []) if m["from"]["id"] == api.me["id"]]
    return [BotMessage(m) for m in found if m["message_id"] > chat.read]


async def _next(api: BotApi, chat: User | Group) -> BotMessage:
    messages = await api.until(lambda: _unread(api, chat), what=f"a message in chat {chat.id}")
    chat.read = messages[0].id
    return messages[0]
