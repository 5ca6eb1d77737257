"""The stand-in refuses what Telegram refuses; without that, the other tests would prove little."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.botapi import TOKEN, BotApi
from tests.botapi.errors import ApiError, Fault, bad_gateway, too_many
from tests.botapi.html import parse_html, utf16_length


async def call(api: BotApi, method: str, token: str = TOKEN, **params: Any) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        return (await client.post(f"{api.url}/bot{token}/{method}", json=params)).json()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("é<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("<a href=x y", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_telegram_refuses_is_refused_in_its_words(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)

    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


def test_html_becomes_text_with_entities_in_utf16_units_and_bad_links_are_dropped() -> None:
    text, entities, dropped = parse_html(
        '😀 &lt;b&gt; &nbsp; <a href="https://e.org/?a=1&amp;b=2">in<b>ner</b></a> <a href="nowhere">x</a>'
        "<blockquote expandable>q</blockquote>"
    )

    assert text == "😀 <b> &nbsp; inner xq"
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == [
        ("text_link", 14, 5), ("bold", 16, 3), ("expandable_blockquote", 21, 1),
    ]  # fmt: skip
    assert entities[0]["url"] == "https://e.org/?a=1&b=2"
    assert dropped == ["nowhere"]
    assert utf16_length("😀") == 2


async def test_a_message_is_checked_as_telegram_checks_it(api: BotApi) -> None:
    ann = api.user("Ann")
    button = {"inline_keyboard": [[{"text": "x", "callback_data": "д" * 33}]]}
    refusals = [
        ({"chat_id": 5, "text": "x"}, "Bad Request: chat not found"),
        ({"chat_id": ann.id, "text": "x"}, "Forbidden: bot can't initiate conversation with a user"),
    ]
    for params, description in refusals:
        assert (await call(api, "sendMessage", **params))["description"] == description
    ann.says("hello")
    for text, reason in [("", "message text is empty"), (" \n", "message text is empty"), ("x" * 4097, "too long")]:
        assert reason in (await call(api, "sendMessage", chat_id=ann.id, text=text))["description"]
    assert (await call(api, "sendMessage", chat_id=ann.id, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML"))["ok"]
    refused = await call(api, "sendMessage", chat_id=ann.id, text="x", reply_markup=button)
    assert refused["description"] == "Bad Request: BUTTON_DATA_INVALID"
    ann.blocks()
    assert (await call(api, "sendMessage", chat_id=ann.id, text="x"))["error_code"] == 403


async def test_the_token_and_the_method_must_be_right(api: BotApi) -> None:
    assert (await call(api, "getMe", token="1:x"))["error_code"] == 401
    assert (await call(api, "getNothing"))["error_code"] == 404
    assert (await call(api, "getMe"))["result"]["username"] == "quotewire_bot"


async def test_updates_stay_until_they_are_acknowledged(api: BotApi) -> None:
    ann = api.user("Ann")
    ann.says("one")
    ann.says("two")
    first = (await call(api, "getUpdates"))["result"]

    assert [u["message"]["text"] for u in (await call(api, "getUpdates"))["result"]] == ["one", "two"]
    rest = await call(api, "getUpdates", offset=first[0]["update_id"] + 1)
    assert [u["message"]["text"] for u in rest["result"]] == ["two"]


async def test_the_older_of_two_pollers_gets_a_conflict(api: BotApi) -> None:
    older = asyncio.create_task(call(api, "getUpdates", timeout=5))
    await api.until(lambda: api.polls == 1 and api.poller)
    newer = asyncio.create_task(call(api, "getUpdates", timeout=5))

    assert (await older)["error_code"] == 409
    api.user("Ann").says("hello")
    assert len((await newer)["result"]) == 1


async def test_a_menu_for_a_chat_that_does_not_exist_yet_is_refused(api: BotApi) -> None:
    ann = api.user("Ann")
    menu = {"commands": [{"command": "stats", "description": "d"}], "scope": {"type": "chat", "chat_id": ann.id}}

    assert (await call(api, "setMyCommands", **menu))["description"] == "Bad Request: chat not found"
    ann.says("/start")
    assert (await call(api, "setMyCommands", **menu))["ok"]


async def test_faults_spoil_the_calls_they_fit_and_no_others(api: BotApi) -> None:
    ann = api.user("Ann")
    ann.says("hello")
    lost = Fault("sendMessage", carried_out=True, reset=True)
    api.faults += [too_many(3, method="sendMessage"), bad_gateway(method="sendMessage"), lost]

    assert (await call(api, "sendMessage", chat_id=ann.id, text="x"))["parameters"] == {"retry_after": 3}
    with pytest.raises(ValueError):  # noqa: PT011 - not JSON
        await call(api, "sendMessage", chat_id=ann.id, text="x")
    with pytest.raises(httpx.RemoteProtocolError):
        await call(api, "sendMessage", chat_id=ann.id, text="it arrives all the same")
    assert [message.text for message in ann.unread()] == ["it arrives all the same"]
    assert (await call(api, "getMe"))["ok"]
