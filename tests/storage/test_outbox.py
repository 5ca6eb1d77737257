"""The outbox: alerts written with their articles, deliveries made once, settled, and taken up after a crash."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update

from storage import chats, chatsettings, chatstates, outbox, subscriptions
from storage.database import Database
from storage.models import AlertRow, ArticleRow, DeliveryRow
from storage.outbox import AlertRule, Delivery, NewDelivery, Settled
from storage.subscriptions import Receiver
from tests.storage.conftest import NOW, Desk

RULE = AlertRule(7)
PAUSE = dt.timedelta(seconds=1)
LONG = "The commission took forty barrels out of the river on Monday, and found that the fish had left it for the lake."


def later(**span: float) -> dt.datetime:
    return NOW + dt.timedelta(**span)


async def alerts(database: Database) -> list[tuple[int, int]]:
    """(article, version) of each alert."""
    async with database.reading() as session:
        rows = await session.execute(select(AlertRow.article_id, AlertRow.version).order_by(AlertRow.id))
        return [tuple(row) for row in rows]


async def told(desk: Desk) -> Desk:
    """The desk with its first load behind it."""
    desk.write("old", "The port of Osthavn opened on Monday.")
    await desk.load(alert=RULE)
    return desk


async def news(desk: Desk, *chats: int | tuple[int, int], daily: bool = False) -> None:
    """A new article, and deliveries of its alert for these chats (and topics)."""
    await told(desk)
    desk.write("new", LONG)
    await desk.load(alert=RULE)
    await fan_out(desk.database, *chats, daily=daily)


async def fan_out(database: Database, *chats: int | tuple[int, int], daily: bool = False) -> None:
    """Makes deliveries of the first alert for these chats (and topics)."""
    places = [chat if isinstance(chat, tuple) else (chat, 0) for chat in chats]
    page = [NewDelivery((Receiver(1, *place, daily),), None) for place in places]
    async with database.writing() as session:
        alert = await outbox.next_alert(session)
        assert alert
        await outbox.fan_out(session, alert, page, NOW, last=True)


async def claim(
    database: Database, now: dt.datetime = NOW, busy: Sequence[int] = (), lanes: int = 99, owner: int = 1
) -> list[Any]:
    async with database.writing() as session:
        return await outbox.claim(session, now, lanes, busy, PAUSE, owner)


async def settle(database: Database, delivery: Delivery, state: Any, **more: Any) -> None:
    async with database.writing() as session:
        await outbox.settle(session, [Settled(delivery.key, state, **({"at": NOW} | more))])


async def states(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        return dict((await outbox.queue(session, NOW)).states)


async def test_the_first_load_of_a_source_tells_nobody_and_the_next_of_what_is_new(desk: Desk) -> None:
    await told(desk)
    assert await alerts(desk.database) == []

    desk.write("new", LONG)
    await desk.load(alert=RULE)
    await desk.load(alert=RULE)
    assert await alerts(desk.database) == [(2, 1)]

    desk.write("quiet", "The harbour is closed.")
    await desk.load()
    desk.write("first of another", "The dam is old.", address="other")
    await desk.load(alert=RULE)
    assert len(await alerts(desk.database)) == 1

    desk.write("forced", "The mill is new.", address="third")
    await desk.load("third", alert=AlertRule(7, first_too=True))
    assert len(await alerts(desk.database)) == 2


@pytest.mark.parametrize(
    ("date", "tells"),
    [
        ("2024-05-06", 1),
        ("2024-04-29", 1),
        ("2024-04-28", 0),
        ("2021", 0),
        ("2024-05", 1),
        ("XXXX-01-02", 1),
        (None, 1),
    ],
)
async def test_what_is_dated_too_far_back_is_not_told_but_what_names_no_year_is(
    sqlite_desk: Desk, date: str | None, tells: int
) -> None:
    await told(sqlite_desk)
    sqlite_desk.write("new", LONG, dates={"data": date} if date else {})
    await sqlite_desk.load(alert=RULE)

    assert len(await alerts(sqlite_desk.database)) == tells


async def test_an_alert_is_written_with_its_article_or_not_at_all(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(sqlite_desk)
    sqlite_desk.write("new", LONG)

    async def fails(*_: object) -> None:
        raise RuntimeError("the plug is pulled")

    monkeypatch.setattr("storage.ingest.write_alerts", fails)
    with pytest.raises(RuntimeError):
        await sqlite_desk.load(alert=RULE)
    monkeypatch.undo()
    async with sqlite_desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(ArticleRow)) == 1

    await sqlite_desk.load(alert=RULE)
    assert len(await alerts(sqlite_desk.database)) == 1


async def test_a_correction_is_an_alert_of_its_own_and_a_return_is_none(desk: Desk) -> None:
    await told(desk)
    desk.write("old", "The port of Osthavn opened on Tuesday.")
    await desk.load(alert=RULE)
    assert await alerts(desk.database) == [(1, 2)]

    del desk.sources["desk"]["old"]
    await desk.load(alert=RULE)
    desk.write("old", "The port of Osthavn opened on Tuesday.")
    await desk.load(alert=RULE)
    assert await alerts(desk.database) == [(1, 2)]


async def test_deliveries_are_made_once_however_often_they_are_made(desk: Desk) -> None:
    await news(desk, 5, 6, (6, 3))
    async with desk.database.writing() as session:
        await session.execute(update(AlertRow).values(fanned_out_at=None))  # as if the end had not been written
    await fan_out(desk.database, 5, 6, (6, 3), 7)

    assert await states(desk.database) == {"pending": 4}


async def test_a_claim_takes_one_topic_of_a_chat_and_leaves_busy_chats_alone(desk: Desk) -> None:
    await news(desk, 4, 5, (6, 1), (6, 2))

    first = await claim(desk.database, busy=[5])
    assert sorted(lane[0].chat_id for lane in first) == [4, 6]
    assert await claim(desk.database, busy=[5]) == []
    second = await claim(desk.database, later(seconds=2))
    assert sorted((lane[0].chat_id, lane[0].topic) for lane in second if lane[0].chat_id != 5)[0][0] == 6
    assert await states(desk.database) == {"sending": 4}


async def test_all_that_is_due_for_a_chat_is_claimed_together_oldest_first_and_the_newest_chats_first(
    desk: Desk,
) -> None:
    await told(desk)
    for number, chats_told in enumerate(([4, 5], [5, 6])):
        desk.write(f"new {number}", f"{number} {LONG[number * 40 :]}")
        await desk.load(alert=RULE)
        await fan_out(desk.database, *chats_told)
        async with desk.database.writing() as session:
            at = later(seconds=number)
            await session.execute(update(DeliveryRow).where(DeliveryRow.alert_id == number + 1).values(next_at=at))

    lanes = await claim(desk.database, later(seconds=5), lanes=2)

    assert {lane[0].chat_id: [d.alert_id for d in lane] for lane in lanes} == {5: [1, 2], 6: [2]}


async def test_what_was_in_flight_is_due_again_after_a_crash_and_nothing_waits_too_long(desk: Desk) -> None:
    await news(desk, 1, 2, 3, 4)
    (flying,), (sent,), (early,), (banned,) = await claim(desk.database)
    await settle(desk.database, sent, "sent", message_id=9)
    await settle(desk.database, early, "pending", at=later(hours=1))  # the clock was set back since
    await settle(desk.database, banned, "pending", at=later(hours=1), error="RetryAfter: 3600")

    async with desk.database.writing() as session:
        assert await outbox.recover(session, NOW, longest=dt.timedelta(seconds=300)) == 1

    again = await claim(desk.database)
    assert {lane[0].key for lane in again} == {flying.key, early.key}
    assert sent.key not in {lane[0].key for lane in again}


async def test_what_a_program_that_lives_has_in_flight_is_left_to_it(desk: Desk) -> None:
    await news(desk, 1, 2, 3)
    ((dead,),) = await claim(desk.database, lanes=1, owner=5)
    ((alive,),) = await claim(desk.database, lanes=1, owner=6)
    ((ours,),) = await claim(desk.database, lanes=1, owner=7)

    async with desk.database.writing() as session:
        assert await outbox.recover(session, NOW, longest=PAUSE, living=[6, 7]) == 1
        assert await outbox.any_in_flight(session, 7)
    assert [lane[0].key for lane in await claim(desk.database, owner=7)] == [dead.key]
    await settle(desk.database, alive, "sent")
    async with desk.database.reading() as session:
        assert not await outbox.any_in_flight(session, 7)
    assert ours.key not in (dead.key, alive.key)


async def test_two_programs_that_claim_at_once_get_different_ones(desk: Desk) -> None:
    await news(desk, *range(1, 101))
    async with Database(desk.database._url.render_as_string(hide_password=False)) as other:
        claims = [claim(database, lanes=10, owner=n) for n, database in enumerate((desk.database, other) * 5)]
        claimed = [lane[0].key for lanes in await asyncio.gather(*claims) for lane in lanes]

    assert len(claimed) == len(set(claimed)) == 100


async def test_what_waited_too_long_expires(desk: Desk) -> None:
    await news(desk, 1)

    assert await claim(desk.database, later(days=1))  # a clock that is a day ahead loses nothing
    async with desk.database.writing() as session:
        await outbox.recover(session, NOW, longest=PAUSE)
    assert await claim(desk.database, later(days=3)) == []
    assert await states(desk.database) == {"expired": 1}


async def test_a_daily_delivery_waits_for_the_hour_of_the_chat_and_follows_its_change(desk: Desk) -> None:
    async with desk.database.writing() as session:
        await chatsettings.change_settings(session, 1, NOW, timezone="UTC+3", digest_hour=20)
    await news(desk, 1, daily=True)

    assert await claim(desk.database, later(hours=9)) == []  # NOW is 07:08 UTC, 10:08 there
    async with desk.database.writing() as session:
        await chatsettings.change_settings(session, 1, NOW, digest_hour=11)
    assert await claim(desk.database, later(hours=1))


async def test_a_chat_that_is_gone_gets_nothing_and_comes_back_for_what_is_new(desk: Desk) -> None:
    async with desk.database.writing() as session:
        await subscriptions.add(session, 1, 0, 1, "all", "", language="en", limit=9, now=NOW)
    await news(desk, 1)

    async def receivers() -> list[Receiver]:
        async with desk.database.reading() as session:
            return [each async for each in subscriptions.receivers(session, [1], 99, NOW)]

    async with desk.database.writing() as session:
        await chatstates.close(session, 1, "blocked", NOW)
        assert await chatstates.unreachable(session) == {1}
    assert await claim(desk.database) == []
    assert await receivers() == []
    async with desk.database.writing() as session:
        await chatstates.reopen(session, 1)
    assert await claim(desk.database) == []
    assert len(await receivers()) == 1


async def test_a_chat_that_telegram_does_not_know_is_gone_after_three_strikes_in_a_day(desk: Desk) -> None:
    for hours in (0, 1, 2):
        async with desk.database.writing() as session:
            await chatstates.strike(session, 1, later(hours=hours))
            assert await chatstates.unreachable(session) == set()
    async with desk.database.writing() as session:
        await chatstates.strike(session, 1, later(hours=24))
        assert await chatstates.unreachable(session) == {1}


async def test_a_group_that_moved_takes_everything_along_and_gets_nothing_twice(desk: Desk) -> None:
    async with desk.database.writing() as session:
        await subscriptions.add(session, -1, 2, 7, "all", "", language="ru", limit=9, now=NOW)
        await chatsettings.change_settings(session, -1, NOW, timezone="Europe/Berlin")
        await chats.set_language(session, -1, "ru")
    await news(desk, (-1, 2), (-100, 2))

    for _ in range(2):
        async with desk.database.writing() as session:
            await chatstates.move(session, -1, -100)

    async with desk.database.reading() as session:
        (moved,) = await subscriptions.of_chat(session, -100)
        assert (await chatsettings.find_settings(session, -100)).timezone == "Europe/Berlin"
        assert (await chats.languages(session))[-100] == "ru"
        assert await subscriptions.of_chat(session, -1) == []
    assert moved.topic == 2
    assert [lane[0].chat_id for lane in await claim(desk.database)] == [-100]


async def test_eight_at_once_lose_no_subscription_and_none_gets_past_the_limit(database: Database) -> None:
    async def follow(user: int) -> None:
        for number in range(50):
            async with database.writing() as session:
                await subscriptions.add(
                    session, user, 0, user, "query", f"river {number}", language="en", limit=50, now=NOW
                )

    await asyncio.gather(*map(follow, range(8)))

    async with database.writing() as session:
        assert await subscriptions.count(session) == 400
        more = await subscriptions.add(session, 9, 0, 7, "all", "", language="en", limit=50, now=NOW)
        known = await subscriptions.add(session, 7, 0, 7, "query", " River  3", language="en", limit=50, now=NOW)
    assert more.subscription is None
    assert known.subscription
    assert not known.new


async def test_what_was_settled_long_ago_is_forgotten(desk: Desk) -> None:
    await news(desk, 1, 2)
    (sent,), _ = await claim(desk.database)
    await settle(desk.database, sent, "sent", message_id=9)

    async with desk.database.writing() as session:
        await outbox.purge(session, later(days=40))

    assert await states(desk.database) == {"sending": 1}
    assert len(await alerts(desk.database)) == 1


async def test_export_has_what_is_followed_and_forgetting_leaves_nothing(desk: Desk) -> None:
    async with desk.database.writing() as session:
        await subscriptions.add(session, 5, 0, 5, "speaker", "Dana Orlik", language="en", limit=9, now=NOW)
    await news(desk, 5)

    async with desk.database.writing() as session:
        kept = (await chats.export(session, 5))["alerts"]
        await chats.forget(session, 5)
        nothing = (await chats.export(session, 5))["alerts"]

    assert [one["text"] for one in kept["subscriptions"]] == ["Dana Orlik"]
    assert len(kept["sent"]) == 1
    assert nothing["subscriptions"] == nothing["sent"] == []
