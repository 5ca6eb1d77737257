"""Following something, and being told of it: commands, buttons, and the alerts themselves."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from storage import articles, chatsettings
from storage.models import DeliveryRow, SubscriptionRow
from tests.bot.conftest import running
from tests.bot.newsroom import FAST, LAKE, RIVER, SAID, Newsroom
from tests.botapi import BotApi
from tests.fakes import FakeServices, quote


@pytest.fixture
async def bot(api: BotApi, services: FakeServices, newsroom: Newsroom) -> AsyncIterator[asyncio.Event]:
    async with running(api, services, **FAST, subscriptions_user_max=4) as stop:
        yield stop
    assert not api.refused, f"Telegram refused {[(r.method, r.params, str(r.error)) for r in api.refused]}"
    assert not api.dropped_links


async def stored(services: FakeServices) -> None:
    """Lets the fake find what is in its database."""
    async with services.database.reading() as session:
        services.articles = await articles.latest(session, 20)


async def test_an_alert_has_title_source_quote_speaker_and_why(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    ann = api.user("Ann")
    assert "From now on" in (await ann.asks("/subscribe river barrels")).text

    await newsroom.publishes("VELDHAVEN. A report.", RIVER, title="River <to be> cleaned", url="https://post.example/7")
    alert = await ann.reply()

    assert alert.quotes == [f"“{SAID}”"]
    assert {"barrel", "river"} < set(alert.marked("bold"))
    assert alert.text.startswith("River <to be> cleaned\n")
    assert "Dana Orlik, Water Minister" in alert.text
    assert "Northern Post" in alert.text
    assert "Because you follow: river barrels" in alert.text
    assert alert.links == ["https://post.example/7"]
    assert [b["text"] for b in alert.buttons] == ["Context", "Open article", "Mute this for a day", "Stop this"]


@pytest.mark.parametrize(
    ("wish", "gets"),
    [
        ("all", True),
        ("source Northern Post", True),
        ("source Southern Post", False),
        ("section Environment", True),
        ("speaker Orlik", True),
        ("speaker Brandt", False),
        ('"every barrel" river', True),
        ("barrel -minister", False),
        ("drum OR barrel", True),
    ],
)
async def test_each_gets_what_they_asked_for(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, wish: str, gets: bool
) -> None:
    ann, control = api.user("Ann"), api.user("Control")
    await ann.asks(f"/subscribe {wish}")
    await control.asks("/subscribe all")

    await newsroom.publishes(RIVER, section="Environment")
    await control.reply()

    assert len(ann.unread()) == gets


async def test_a_new_subscription_shows_what_it_would_have_brought_and_is_undone_by_a_button(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, services: FakeServices
) -> None:
    await newsroom.publishes(RIVER, alert=False)
    await newsroom.publishes(LAKE, alert=False)
    await stored(services)
    ann = api.user("Ann")

    confirmation = await ann.asks("/subscribe speaker Orlik")
    assert "1 article (I looked at the newest 3)" in confirmation.text
    assert confirmation.quotes == [f"“{SAID}”"]
    await ann.presses(confirmation, "Undo")
    assert "no longer follow: when Orlik speaks" in api.messages[ann.id][-1]["text"]
    assert "no article would have matched (I looked at the newest 3)" in (await ann.asks("/subscribe xylophone")).text


async def test_buttons_offer_sources_speakers_and_everything(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, services: FakeServices
) -> None:
    await newsroom.publishes(RIVER, alert=False, section="Environment")
    await stored(services)
    ann = api.user("Ann")
    for button, name, said in (
        ("A source", "Northern Post", "source Northern Post"),
        ("A speaker", "Dana Orlik", "when Dana Orlik speaks"),
        ("A section", "Environment", "section Environment"),
        ("All new articles", "", "all new articles"),
    ):
        offer = await ann.asks("/subscribe")
        await ann.presses(offer, button)
        if name:
            await ann.presses(offer, name)
        assert said in offer.json["text"]

    listed = await ann.asks("/subscriptions")
    assert "You follow 4 things" in listed.text


async def test_alert_me_about_this_stands_under_answers_and_under_nothing_found(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, services: FakeServices
) -> None:
    services.answers("barrels", quote(SAID))
    ann = api.user("Ann")
    for question, topic in (
        ("Who takes barrels out?", "takes barrels"),
        ("Where is the river xylophone?", "xylophone"),
    ):
        await ann.presses(await ann.asks(question), "Alert me")
        assert topic in (await ann.reply()).text

    await newsroom.publishes("The xylophone was found in the river.")
    assert "xylophone" in (await ann.reply()).quotes[0]


async def test_subscriptions_are_paused_made_daily_changed_and_deleted_by_buttons(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    ann = api.user("Ann")
    await ann.asks("/subscribe lake")
    listed = await ann.asks("/subscriptions")
    await ann.presses(listed, "1")
    await ann.presses(listed, "Pause")
    assert "paused" in listed.json["text"]
    await ann.presses(listed, "Daily")
    await ann.presses(listed, "Resume")
    assert "daily digest" in listed.json["text"]
    await ann.presses(listed, "At once")
    await ann.presses(listed, "Edit")
    await_words = await ann.reply()
    ann.says("river", reply_to=await_words)
    assert "From now on I tell you here of: river" in (await ann.reply()).text

    await newsroom.publishes(LAKE)
    await newsroom.publishes(RIVER)
    assert "Because you follow: river" in (await ann.reply()).text
    await ann.presses(await ann.asks("/subscriptions"), "1")
    assert "Nothing was" not in (await ann.asks("/unsubscribe river")).text
    assert "What shall I alert you about?" in (await ann.asks("/subscriptions")).text


async def test_an_alert_can_be_muted_stopped_and_looked_around_in(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    ann, bob = api.user("Ann"), api.user("Bob")
    for one in (ann, bob):
        await one.asks("/subscribe river")
    await newsroom.publishes("Before it.", RIVER, "After it.")
    alert, other = await ann.reply(), await bob.reply()

    await ann.presses(alert, "Context")
    context = await ann.reply()
    assert "Before it." in context.text
    assert "After it." in context.text
    assert "no longer follow" in (await ann.presses(alert, "Stop this"))["text"]
    assert "Muted" in (await bob.presses(other, "Mute"))["text"]
    assert "do not follow" in (await bob.presses(alert, "Stop this"))["text"]  # Ann's button
    await newsroom.publishes(f"Again. {RIVER}")
    await newsroom.publishes(f"And again. {LAKE} {RIVER}")
    carl = api.user("Carl")
    await carl.asks("/subscribe all")
    await newsroom.publishes(LAKE)
    await carl.reply()
    assert not ann.unread() + bob.unread()


async def test_limits_and_what_cannot_be_followed_are_told(api: BotApi, bot: asyncio.Event, newsroom: Newsroom) -> None:
    ann = api.user("Ann")
    for number in range(4):
        await ann.asks(f"/subscribe river {number} {number}")
    assert "You have 4 subscriptions" in (await ann.asks("/subscribe lake")).text
    assert "follow that already" in (await ann.asks("/subscribe river 1 1")).text
    assert "no words" in (await ann.asks("/subscribe of the")).text
    assert "no words" in (await ann.asks("/subscribe " + "river " * 100)).text
    assert "There is none yet" in (await ann.asks("/subscribe section")).text
    assert "Done: 4 subscriptions ended" in (await ann.asks("/unsubscribe all")).text
    assert "do not follow" in (await ann.asks("/unsubscribe lake")).text


async def test_one_story_is_told_once_however_many_copies_arrive(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    text = (
        f"{RIVER} The commission met on Monday and found the banks in good order after the long winter.",
        "Two more barges are to be moored at the northern quay before the autumn, the harbour office said.",
    )
    ann = api.user("Ann")
    await ann.asks("/subscribe all")
    await newsroom.publishes(*text)
    await newsroom.publishes(*text, source="Southern Post")
    await newsroom.publishes(*text, "One sentence more.", source="Eastern Post")
    await newsroom.publishes(LAKE)

    await ann.reply()
    assert "lake" in (await ann.reply()).text
    assert not ann.unread()


async def test_a_correction_that_changes_a_quote_already_sent_is_followed_up(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    ann = api.user("Ann")
    await ann.asks("/subscribe barrels")
    await newsroom.publishes(RIVER, "Nobody objected.")
    await ann.reply()

    await newsroom.corrects(RIVER, "Nobody at all objected.")  # leaves the quote as it was
    await newsroom.corrects(RIVER.replace("every barrel", "forty barrels"), "Nobody at all objected.")
    correction = await ann.reply()

    assert correction.text.startswith("✏️ Corrected")
    assert correction.marked("strikethrough") == [SAID]
    assert "forty barrels" in correction.quotes[0]
    assert not ann.unread()


async def test_many_at_once_come_as_one_message_by_subscription_newest_first(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, services: FakeServices
) -> None:
    ann = api.user("Ann")
    await ann.asks("/subscribe lake")
    await ann.asks("/subscribe river")
    async with services.database.writing() as session:
        await chatsettings.change_settings(
            session, ann.id, dt.datetime.now(dt.UTC), muted_until=dt.datetime.now(dt.UTC) + dt.timedelta(hours=9)
        )
    for number in range(1, 6):
        await newsroom.publishes(f"Number {number}. {LAKE if number == 3 else RIVER}")
    await asyncio.sleep(0.3)
    assert not ann.unread()

    await ann.asks("/settings mute off")
    digest = await ann.reply()
    assert "Meanwhile: 5 alerts" in digest.text
    assert len(digest.quotes) == 5
    order = [int(line.partition("Report ")[2][0]) for line in digest.text.splitlines() if "Report " in line]
    assert order == [5, 4, 2, 1, 3]
    await ann.presses(digest, "5")
    assert "lake" in (await ann.reply()).text


async def test_a_daily_digest_comes_at_the_chats_hour(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, services: FakeServices
) -> None:
    ann = api.user("Ann")
    await ann.presses(await ann.asks("/subscribe all"), "Daily")
    await newsroom.publishes(RIVER)
    await asyncio.sleep(0.3)
    assert not ann.unread()

    async with services.database.writing() as session:  # the hour has come
        await session.execute(update(DeliveryRow).values(next_at=dt.datetime.now(dt.UTC)))
    assert "Your digest: 1 alert" in (await ann.reply()).text


async def test_settings_by_buttons_and_by_words(api: BotApi, bot: asyncio.Event, newsroom: Newsroom) -> None:
    ann = api.user("Ann")
    page = await ann.asks("/settings")
    for setting, choice, shown in (
        ("Time zone", "Asia/Tokyo", "Time zone: Asia/Tokyo"),
        ("Quiet hours", "22:00", "22:00 to 07:00"),
        ("Digest", "19:00", "Digest: 19:00"),
        ("Mute", "8 hours", "Muted: until"),
        ("Language", "Русский", "Тихие часы: с 22:00 до 07:00"),
    ):
        await ann.presses(page, setting)
        await ann.presses(page, choice)
        assert shown in page.json["text"]
    changed = await ann.asks("/settings timezone UTC+5")
    assert "Часовой пояс: UTC+5" in changed.text
    assert "с 21:00 до 06:00" in (await ann.asks("/settings quiet 21-6")).text
    assert "Не понимаю" in (await ann.asks("/settings timezone Mars/Olympus")).text
    assert "Не понимаю" in (await ann.asks("/settings digest 25")).text


async def test_a_forum_topic_gets_its_own_alerts_there(api: BotApi, bot: asyncio.Event, newsroom: Newsroom) -> None:
    ann, forum = api.user("Ann"), api.group("Anglers", forum=True)
    ann.says("/subscribe river", to=forum, topic=5)
    await forum.reply()
    ann.says("/subscribe lake", to=forum, topic=6)
    await forum.reply()

    await newsroom.publishes(RIVER)
    await newsroom.publishes(LAKE)

    assert [(await forum.reply()).json["message_thread_id"] for _ in range(2)] == [5, 6]


async def test_alerts_speak_the_language_of_who_asked_for_them(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom
) -> None:
    ivan = api.user("Ivan", language="ru")
    await ivan.asks("/subscribe all")
    await newsroom.publishes(RIVER)

    assert "Вы подписаны: все новые статьи" in (await ivan.reply()).text


@pytest.mark.parametrize(
    "data",
    "sub.1 dropsub.1 around.1 followsource.99 followspeaker.1.9 setdigest.99 settimezone.zz mutesub.1".split(),
)
async def test_forged_buttons_change_nothing(
    api: BotApi, bot: asyncio.Event, newsroom: Newsroom, services: FakeServices, data: str
) -> None:
    ann, eve = api.user("Ann"), api.user("Eve")
    await ann.asks("/subscribe all")
    mine: dict[str, Any] = (await eve.asks("/subscribe")).json

    await eve.answered(eve.presses_soon(mine, data))

    async with services.database.reading() as session:
        row = await session.get(SubscriptionRow, 1)
    assert row is not None
    assert (row.chat_id, row.paused_until) == (ann.id, None)
