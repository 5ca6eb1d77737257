"""docs/conversation.md is what the bot says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.context import BotContext
from tests.bot.conversation import PAGE, TODAY, converse, page


async def test_the_conversation_in_the_documentation_is_what_the_bot_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BotContext, "today", TODAY)

    assert page(await converse(tmp_path)) == PAGE.read_text(encoding="utf-8"), (
        "when the change is meant, write the page anew: python -m tests.bot.conversation"
    )
