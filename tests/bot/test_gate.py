"""Who may use the bot, and how much."""

from __future__ import annotations

import pytest

from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.fakes import FakeServices, quote


async def test_too_many_questions_of_one_user_get_one_notice_and_others_are_answered(
    api: BotApi, services: FakeServices
) -> None:
    services.answers("river", quote("The river is clean again"))
    ann, bob = api.user("Ann"), api.user("Bob")
    async with running(api, services, ask_rate_user_min=5.0):
        for number in range(30):
            ann.says(f"river {number}")
        await bob.asks("river")

    replies = [message.text for message in ann.unread()]
    assert len([text for text in replies if "river is clean" in text]) == 5
    assert len([text for text in replies if "That is a lot of questions" in text]) == 1
    assert len(replies) == 6


async def test_with_an_allow_list_others_get_their_id_and_nothing_else(api: BotApi, services: FakeServices) -> None:
    services.answers("river", quote("The river is clean again"))
    ann, admin, mallory = api.user("Ann"), api.user("Admin"), api.user("Mallory")
    group, other = api.group("Press club"), api.group("Elsewhere")
    allowed = {"allowed_ids": frozenset({ann.id, group.id}), "admin_ids": frozenset({admin.id})}
    async with running(api, services, **allowed):
        assert "The river is clean again" in (await ann.asks("river")).text
        assert "The river is clean again" in (await admin.asks("river")).text
        refusal = await mallory.asks("river")
        assert "Your Telegram id" not in refusal.text
        assert str(mallory.id) in refusal.text
        mallory.says("/ask river", to=other)
        mallory.says("/ask river", to=group)
        assert "The river is clean again" in (await group.reply()).text

    assert other.unread() == []
    assert len(services.questions) == 3


async def test_a_flood_of_one_user_is_passed_over_quickly_and_costs_one_notice(
    api: BotApi, services: FakeServices
) -> None:
    services.answers("river", quote("The river is clean again"))
    ann, bob = api.user("Ann"), api.user("Bob")
    async with running(api, services):
        for number in range(10_000):
            ann.says(f"river {number}")
        polls = api.polls
        await bob.asks("river")
        polls = api.polls - polls

    replies = [message.text for message in ann.unread()]
    assert len([text for text in replies if "river is clean" in text]) == 20
    assert len(replies) == 21
    assert polls <= 102  # a hundred updates a time, none of them waited for


@pytest.mark.parametrize(
    "text", ["a" * 4095 + "!", '"' * 4096, "." * 4095 + "a", "“«„" * 1365, "((((" * 1024, "-a OR " * 682]
)
async def test_texts_made_to_be_slow_are_answered_like_others(api: BotApi, services: FakeServices, text: str) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        await ann.asks(text)

    assert not api.refused
