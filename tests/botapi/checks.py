"""What Telegram checks in a call, for every method alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.botapi.errors import ApiError, bad_request
from tests.botapi.html import is_link, parse_html, utf16_length
from tests.botapi.registry import Params

if TYPE_CHECKING:
    from tests.botapi.server import BotApi


def require(params: Params, name: str) -> Any:
    if params.get(name) in (None, ""):
        raise bad_request(f"parameter '{name}' is required")
    return params[name]


def whole(params: Params, name: str, default: int = 0) -> int:
    try:
        return int(params.get(name, default))
    except ValueError:
        raise bad_request(f"invalid {name}") from None


def flag(params: Params, name: str) -> bool:
    return str(params.get(name, False)).lower() == "true"


def formatted(api: BotApi, params: Params, field: str, limit: int) -> tuple[str, list[dict[str, Any]]]:
    """The text as shown and its entities."""
    source = str(params.get(field) or "")
    if len(source.encode("utf-8", "surrogatepass")) > 32768:
        raise bad_request("text is too long")
    if any(0xD800 <= ord(character) < 0xE000 for character in source):
        raise bad_request("strings must be encoded in UTF-8")
    mode = str(params.get("parse_mode") or "").lower()
    entities: list[dict[str, Any]] = list(params.get("entities") or [])
    text = source
    if mode == "html":
        text, entities, dropped = parse_html(source)
        api.dropped_links += dropped
    elif mode:
        raise bad_request("unsupported parse_mode")
    if len(text) > limit or utf16_length(text) > limit:  # TDLib counts code points; clients count UTF-16
        raise bad_request("message is too long" if field == "text" else "message caption is too long")
    if field == "text" and not text.strip():
        raise bad_request("message text is empty")
    return text, entities


def keyboard(params: Params) -> dict[str, Any] | None:
    markup = params.get("reply_markup")
    if not markup:
        return None
    rows = markup.get("inline_keyboard")
    if rows is None:
        return None  # a reply keyboard or its removal: not part of the message
    buttons = [button for row in rows for button in row]
    if len(buttons) > 100 or any(len(row) > 8 for row in rows):
        raise bad_request("reply markup is too long")
    for button in buttons:
        if not str(button.get("text") or "").strip():
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
        if "url" in button and not is_link(button["url"]):
            raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid")
        if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= 256:
            raise bad_request("COPY_TEXT_INVALID")
        if len(button) < 2:
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return {"inline_keyboard": rows} if buttons else None


def writable(api: BotApi, params: Params) -> dict[str, Any]:
    """The chat, if the bot may write there."""
    chat_id = whole(params, "chat_id")
    if user := api.users.get(chat_id):
        if user.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if user.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if not user.started:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return user.chat_json
    if group := api.groups.get(chat_id):
        if group.migrated_to:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, text, migrate_to_chat_id=group.migrated_to)
        if group.kicked:
            raise ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
        if group.muted:
            raise bad_request("not enough rights to send text messages to the chat")
        topic = whole(params, "message_thread_id")
        if topic and topic not in group.topics:
            raise bad_request("message thread not found")
        if topic in group.closed_topics:
            raise bad_request("TOPIC_CLOSED")
        return group.chat_json
    raise bad_request("chat not found")


def find_message(api: BotApi, chat_id: int, message_id: int) -> dict[str, Any] | None:
    return next((m for m in api.messages.get(chat_id, []) if m["message_id"] == message_id), None)
