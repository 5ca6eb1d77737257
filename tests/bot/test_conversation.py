"""docs/conversation.md is what the bot says, and docs/card.svg shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.context import BotContext
from tests.bot.conversation import CARD, PAGE, TODAY, converse, page


async def test_the_conversation_in_the_documentation_is_what_the_bot_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BotContext, "today", TODAY)

    talk = await converse(tmp_path)

    anew = "when the change is meant, write page and picture anew: python -m tests.bot.conversation"
    assert page(talk) == PAGE.read_text(encoding="utf-8"), anew
    assert talk.card == CARD.read_text(encoding="utf-8"), anew
