"""The whole bot, real search included, between hostile articles and hostile readers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services import open_services
from bot.settings import Secret
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.botapi.html import utf16_length
from tests.fakes import bot_settings

MARKUP = "<b>&lt;i&gt; *_[x](y) </blockquote> {n} %s & \"' \u202eriver\u202c \x07"
SAID = f"“The river {MARKUP},” Orlik said."
FACES = "😀" * 3000
ARTICLES = [
    {"title": f"T {MARKUP}", "url": 'https://e.org/"><b>', "source": MARKUP, "paragraphs": [SAID]},
    {"title": "x" * 5000, "url": f"https://e.org/{'a' * 3000}", "text": f"The river {'is very long and ' * 2000}."},
    {"title": FACES, "section": FACES, "text": f"“The river {FACES}{FACES},” said Dana Orlik."},
    {"title": "", "date": "XXXX-02-29", "text": "The river. " * 500},
]
QUESTIONS = [
    "river", f"the river {MARKUP}", "river" * 800, "r" * 4095 + "!", '"' * 4096, "." * 4096, "“«„" * 1365, "ё" * 4096,
    "river " * 682, "-river OR " * 409, "from:" * 819, "since:2021-99-99 river", "river\x00\u200b\ud83d", "1" * 4096,
    "what did " * 455, "а " * 2048, "(((((" * 819, "who said who said who said river",
]  # fmt: skip
COMMANDS = [
    "/river", "/ask " * 800, f"/article {10**30}", "/speaker " + "%" * 4000, "/speaker <b>", f"/trend {MARKUP}",
    "/start Q" + "A" * 63, "/language <b>", "/speakers", "/latest", *(f"/article {n}" for n in range(1, 5)),
]  # fmt: skip


async def test_nothing_that_is_written_breaks_a_reply_or_holds_up_the_bot(
    api: BotApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(json.dumps(article) for article in ARTICLES), encoding="utf-8")
    settings = replace(
        bot_settings(api.url, api.token),
        database_url=Secret(f"sqlite:///{tmp_path}/quotewire.db"),
        index_dir=tmp_path / "index",
    )
    changes = {"database_url": settings.database_url, "index_dir": settings.index_dir}
    ann = api.user("Ann")
    async with open_services(settings) as services:
        report = await services.load([str(file)])
        async with running(api, services, sources=(), ask_rate_user_min=1000.0, **changes):
            for text in QUESTIONS + COMMANDS:
                reply = await ann.asks(text)
                assert utf16_length(reply.text) <= 4096, text
                for button in reply.buttons:
                    if "callback_data" in button and "🔔" not in button["text"]:
                        await ann.presses(reply, "", data=button["callback_data"])
            await ann.asks_inline("river " + MARKUP)

    assert report.added == len(ARTICLES)
    assert not api.refused, [(call.params, str(call.error)) for call in api.refused]
    assert not api.dropped_links
    assert not [record for record in caplog.records if record.exc_info], caplog.text
