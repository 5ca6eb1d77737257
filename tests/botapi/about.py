"""What a bot says of itself, and asks about chats."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.botapi.checks import whole
from tests.botapi.errors import bad_request
from tests.botapi.registry import METHODS, Method, Params, method

if TYPE_CHECKING:
    from tests.botapi.server import BotApi


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
