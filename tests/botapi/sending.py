"""Messages that a bot sends, changes and deletes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.botapi.checks import find_message, formatted, keyboard, require, whole, writable
from tests.botapi.errors import bad_request
from tests.botapi.html import parse_html
from tests.botapi.registry import METHODS, Method, Params, method

if TYPE_CHECKING:
    from tests.botapi.server import BotApi


def post(api: BotApi, params: Params, chat: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """Stores the bot's message in the chat."""
    message: dict[str, Any] = {
        "message_id": api.next_id("message"), "from": api.me, "chat": chat, "date": int(time.time()), **content,
    }  # fmt: skip
    if topic := whole(params, "message_thread_id"):
        message |= {"message_thread_id": topic, "is_topic_message": True}
    reply = params.get("reply_parameters") or {}
    if target := reply.get("message_id") or params.get("reply_to_message_id"):
        original = find_message(api, chat["id"], int(target))
        if original is None and not reply.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        if original:
            message["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
        if quote := reply.get("quote"):
            plain = parse_html(quote)[0] if reply.get("quote_parse_mode") else quote
            if original and plain not in original.get("text", ""):
                raise bad_request("QUOTE_TEXT_INVALID")
            if len(plain) > 1024:
                raise bad_request("message to be replied quote is too long")
            message["quote"] = {"text": plain, "position": 0, "is_manual": True}
    if markup := keyboard(params):
        message["reply_markup"] = markup
    api.messages.setdefault(chat["id"], []).append(message)
    return message


@method
def sendMessage(api: BotApi, params: Params) -> Any:
    chat = writable(api, params)
    text, entities = formatted(api, params, "text", 4096)
    content: dict[str, Any] = {"text": text.strip()}
    if entities:
        content["entities"] = entities
    if options := params.get("link_preview_options"):
        content["link_preview_options"] = options
    return post(api, params, chat, content)


def _send_file(kind: str) -> Method:
    def send(api: BotApi, params: Params) -> Any:
        chat = writable(api, params)
        data = next(iter(params["_files"].values()), b"")
        if not data:
            raise bad_request(f"there is no {kind} in the request")
        caption, entities = formatted(api, params, "caption", 1024)
        file = {"file_id": f"file{api.next_id('file')}", "file_unique_id": "u", "file_size": len(data)}
        content: dict[str, Any] = {"photo": [file | {"width": 800, "height": 600}]}
        if kind == "document":
            content = {"document": file | {"file_name": str(params.get("document", "file"))}}
        if caption:
            content |= {"caption": caption, "caption_entities": entities}
        return post(api, params, chat, content)

    return send


METHODS["sendPhoto"] = _send_file("photo")
METHODS["sendDocument"] = _send_file("document")


@method
def sendChatAction(api: BotApi, params: Params) -> Any:
    writable(api, params)
    if require(params, "action") not in ("typing", "upload_photo", "upload_document", "find_location"):
        raise bad_request("wrong parameter action in request")
    return True


@method
def setMessageReaction(api: BotApi, params: Params) -> Any:
    chat = writable(api, params)
    message = find_message(api, chat["id"], whole(params, "message_id"))
    if message is None:
        raise bad_request("message to react not found")
    message["_reaction"] = params.get("reaction") or []
    return True


def _editable(api: BotApi, params: Params) -> dict[str, Any]:
    chat_id = whole(params, "chat_id")
    if chat_id not in api.users and chat_id not in api.groups:
        raise bad_request("chat not found")
    message = find_message(api, chat_id, whole(params, "message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != api.me["id"]:
        raise bad_request("message can't be edited")
    return message


def _edit(api: BotApi, message: dict[str, Any], changes: dict[str, Any], removed: tuple[str, ...]) -> dict[str, Any]:
    before = json.dumps(message, sort_keys=True)
    for name in removed:
        message.pop(name, None)
    message.update(changes)
    if json.dumps(message, sort_keys=True) == before:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    message["edit_date"] = int(time.time())
    message["_edits"] = message.get("_edits", 0) + 1
    return message


@method
def editMessageText(api: BotApi, params: Params) -> Any:
    if params.get("inline_message_id"):
        formatted(api, params, "text", 4096)
        return True
    message = _editable(api, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    text, entities = formatted(api, params, "text", 4096)
    changes: dict[str, Any] = {"text": text.strip()}
    if entities:
        changes["entities"] = entities
    if markup := keyboard(params):
        changes["reply_markup"] = markup
    return _edit(api, message, changes, ("entities", "reply_markup"))


@method
def editMessageReplyMarkup(api: BotApi, params: Params) -> Any:
    message = _editable(api, params)
    markup = keyboard(params)
    return _edit(api, message, {"reply_markup": markup} if markup else {}, ("reply_markup",))


@method
def deleteMessage(api: BotApi, params: Params) -> Any:
    chat_id = whole(params, "chat_id")
    message = find_message(api, chat_id, whole(params, "message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    api.messages[chat_id].remove(message)
    return True
