"""Answers to pressed buttons and to inline queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.botapi.checks import flag, formatted, keyboard, require
from tests.botapi.errors import bad_request
from tests.botapi.registry import Params, method

if TYPE_CHECKING:
    from tests.botapi.server import BotApi


def _waiting(params: Params, name: str, answers: dict[str, dict[str, Any]]) -> str:
    """The query's id, if it waits for an answer."""
    query_id = str(require(params, name))
    if answers.get(query_id) != {}:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return query_id


@method
def answerCallbackQuery(api: BotApi, params: Params) -> Any:
    query_id = _waiting(params, "callback_query_id", api.callback_answers)
    if len(str(params.get("text") or "")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    api.callback_answers[query_id] = {"text": params.get("text") or "", "alert": flag(params, "show_alert")}
    return True


@method
def answerInlineQuery(api: BotApi, params: Params) -> Any:
    query_id = _waiting(params, "inline_query_id", api.inline_answers)
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
