"""What each Bot API method checks and does; named and answered as in https://core.telegram.org/bots/api."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.botapi.errors import ApiError, bad_request
from tests.botapi.html import is_link, parse_html, utf16_length

if TYPE_CHECKING:
    from tests.botapi.server import BotApi

Params = dict[str, Any]
Method = Callable[["BotApi", Params], Any]
METHODS: dict[str, Method] = {}


def method(function: Method) -> Method:
    METHODS[function.__name__] = function
    return function


async def call(api: BotApi, name: str, params: Params, files: dict[str, bytes]) -> Any:
    """The method's result. Raises: ApiError; 404 for methods that there are not. Names ignore case, as Telegram's."""
    function = next((f for known, f in METHODS.items() if known.lower() == name.lower()), None)
    if function is None:
        raise ApiError(404, "Not Found: method not found")
    result = function(api, {**params, "_files": files})
    return await result if isinstance(result, Awaitable) else result


# Checks


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


# Getting updates


@method
def getMe(api: BotApi, params: Params) -> Any:
    return api.me


@method
async def getUpdates(api: BotApi, params: Params) -> Any:
    if api.webhook:
        raise ApiError(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
        )
    api.poller = me = object()
    api.notify()
    offset = whole(params, "offset")
    if offset < 0:
        api.updates = api.updates[offset:]
    else:
        api.updates = [update for update in api.updates if update["update_id"] >= offset]
    if (allowed := params.get("allowed_updates")) is not None:
        api.allowed_updates = allowed or None
    with contextlib.suppress(AssertionError):
        await api.until(lambda: api.updates or api.poller is not me, timeout_s=min(whole(params, "timeout"), 50))
    if api.poller is not me:
        raise ApiError(
            409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
    return api.updates[: max(1, min(whole(params, "limit", 100), 100))]


@method
def setWebhook(api: BotApi, params: Params) -> Any:
    api.webhook = str(params.get("url") or "")
    return True


@method
def deleteWebhook(api: BotApi, params: Params) -> Any:
    api.webhook = ""
    if flag(params, "drop_pending_updates"):
        api.updates.clear()
    return True


@method
def getWebhookInfo(api: BotApi, params: Params) -> Any:
    return {"url": api.webhook, "has_custom_certificate": False, "pending_update_count": len(api.updates)}


# Sending


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


# Answering


@method
def answerCallbackQuery(api: BotApi, params: Params) -> Any:
    query_id = str(require(params, "callback_query_id"))
    if query_id not in api.callback_answers or api.callback_answers[query_id]:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(str(params.get("text") or "")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    api.callback_answers[query_id] = {"text": params.get("text") or "", "alert": flag(params, "show_alert")}
    return True


@method
def answerInlineQuery(api: BotApi, params: Params) -> Any:
    query_id = str(require(params, "inline_query_id"))
    if query_id not in api.inline_answers or api.inline_answers[query_id]:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    results = params.get("results") or []
    ids = [result["id"] for result in results]
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    if len(set(ids)) != len(ids) or any(not 1 <= len(i.encode()) <= 64 for i in ids):
        raise bad_request("RESULT_ID_DUPLICATE" if len(set(ids)) != len(ids) else "RESULT_ID_INVALID")
    if len(str(params.get("next_offset") or "").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    if button := params.get("button"):
        start = button.get("start_parameter")
        if start is not None and not re.fullmatch(r"[\w-]{1,64}", start, re.ASCII):
            raise bad_request("START_PARAM_INVALID")
    for result in results:
        if result["type"] != "article" or not result.get("title"):
            raise bad_request("can't parse inline query result")
        content = dict(result.get("input_message_content") or {})
        content["text"] = content.get("message_text")
        result["_text"], result["_entities"] = formatted(api, content, "text", 4096)
        keyboard(result)
    api.inline_answers[query_id] = {**params, "results": results}
    return True


# About the bot, and about chats


def _scope(api: BotApi, params: Params) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    if scope["type"] in ("chat", "chat_administrators", "chat_member"):
        chat_id = int(scope["chat_id"])
        user = api.users.get(chat_id)
        if not (user and user.started) and chat_id not in api.groups:
            raise bad_request("chat not found")
    language = str(params.get("language_code") or "")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return json.dumps(scope, sort_keys=True), language


@method
def setMyCommands(api: BotApi, params: Params) -> Any:
    key = _scope(api, params)
    commands = params.get("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    api.commands[key] = commands
    return True


@method
def deleteMyCommands(api: BotApi, params: Params) -> Any:
    api.commands.pop(_scope(api, params), None)
    return True


@method
def getMyCommands(api: BotApi, params: Params) -> Any:
    return api.commands.get(_scope(api, params), [])


def _describe(name: str, field: str, limit: int) -> Method:
    def describe(api: BotApi, params: Params) -> Any:
        text = str(params.get(field) or "")
        if len(text) > limit:
            raise bad_request(f"{field} is too long")
        api.descriptions[name, str(params.get("language_code") or "")] = text
        return True

    return describe


METHODS["setMyDescription"] = _describe("setMyDescription", "description", 512)
METHODS["setMyShortDescription"] = _describe("setMyShortDescription", "short_description", 120)


@method
def getChat(api: BotApi, params: Params) -> Any:
    chat_id = whole(params, "chat_id")
    known = api.users.get(chat_id) or api.groups.get(chat_id)
    if known is None:
        raise bad_request("chat not found")
    gifts = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels".split()
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    return known.chat_json | more


@method
def getChatMember(api: BotApi, params: Params) -> Any:
    group, user = api.groups.get(whole(params, "chat_id")), api.users.get(whole(params, "user_id"))
    if group is None or user is None:
        raise bad_request("chat not found" if group is None else "user not found")
    return group.member_json(user)


@method
def getChatAdministrators(api: BotApi, params: Params) -> Any:
    group = api.groups.get(whole(params, "chat_id"))
    if group is None:
        raise bad_request("chat not found")
    return [group.member_json(user) for user in api.users.values() if user.id in group.administrators]
