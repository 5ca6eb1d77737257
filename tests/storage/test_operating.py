"""What is kept for operators: the audit log, bans, broadcasts, and what was asked in vain; on both databases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from storage import audit, bans, broadcasts, chats, chatstates, subscriptions, usage
from storage.audit import Act
from storage.broadcasts import Due, Progress
from storage.chats import GivenAnswer, QuotePlace
from storage.database import Database
from tests.storage.conftest import NOW

PLACE = QuotePlace(1, 0, 0, 4, "direct", None, (), 0)


def given(number: int, question: str, *, chat: int = 5, found: bool = False) -> GivenAnswer:
    places = (PLACE,) if found else ()
    return GivenAnswer(number, chat, number, 7, question, NOW.date(), chats.Limits(), places)


async def ask(session: AsyncSession, *answers: GivenAnswer, at: dt.datetime = NOW) -> None:
    await chats.add_answers(session, [(answer, at) for answer in answers])


async def test_the_audit_log_gives_the_newest_acts_first_whatever_was_typed(database: Database) -> None:
    async with database.writing() as session:
        await audit.record(session, Act(NOW, 77, "reload", "a\0b\nc \ud800", "done"))
        await audit.record(session, Act(NOW, 0, "broadcast", "x" * 10_000, "started"))

    async with database.reading() as session:
        newest = await audit.newest(session, 10)
        assert len(await audit.newest(session, 1)) == 1
    assert [act.name for act in newest] == ["broadcast", "reload"]
    assert newest[1] == Act(NOW, 77, "reload", "ab c ?", "done")


async def test_a_ban_holds_until_it_is_lifted_and_remembers_the_notice(database: Database) -> None:
    async with database.writing() as session:
        assert await bans.ban(session, 2**40, NOW)
        assert not await bans.ban(session, 2**40, NOW)
        await bans.told(session, 2**40)
        await bans.ban(session, -5, NOW)

    async with database.writing() as session:
        assert await bans.bans(session) == {2**40: True, -5: False}
        assert await bans.unban(session, 2**40)
        assert not await bans.unban(session, 2**40)
        assert await bans.bans(session) == {-5: False}


async def test_questions_in_vain_are_grouped_by_what_they_say(database: Database) -> None:
    week = NOW - dt.timedelta(days=7)
    async with database.writing() as session:
        await ask(session, given(1, "Where is the ferry?"), given(2, "where is  the ferry"), given(3, "Who won?"))
        await ask(session, given(4, "Where is the ferry?"), given(5, "Found this?", found=True))
        await ask(session, given(6, "Long ago?"), at=NOW - dt.timedelta(days=30))

    async with database.reading() as session:
        groups = await usage.unanswered(session, week)
        days = await usage.days(session, NOW.date(), 31)
    assert [(group.question, group.times) for group in groups] == [("Where is the ferry?", 3), ("Who won?", 1)]
    assert groups[0].last == NOW
    assert [(day.questions, day.unanswered) for day in days if day.questions] == [(1, 1), (5, 4)]
    assert (days[0].date, days[-1].date) == (NOW.date() - dt.timedelta(days=30), NOW.date())
    assert usage.total(days) == (6, 5, 0)


async def filled(session: AsyncSession) -> None:
    """Chats: 5 and 6 asked, 6 blocked the bot, -9 is a group that only asked, -10 one that follows something."""
    await ask(session, given(1, "a", chat=5), given(2, "b", chat=6), given(3, "c", chat=-9))
    await chatstates.close(session, 6, "blocked", NOW)
    await subscriptions.add(session, -10, 0, 7, "all", "", limit=5, language="en", now=NOW)


async def test_a_broadcast_goes_once_to_each_chat_that_can_be_reached(database: Database) -> None:
    async with database.writing() as session:
        await filled(session)
        assert await broadcasts.count_receivers(session) == 2
        number = await broadcasts.start(session, "News", 77, NOW)

    told = []
    while True:
        async with database.writing() as session:
            due = await broadcasts.claim(session, NOW, 1)
        if due is None:
            break
        told.append(due)
        async with database.writing() as session:
            await broadcasts.settle(session, due, "sent")

    assert told == [Due(number, -10, "News", 0), Due(number, 5, "News", 0)]
    async with database.reading() as session:
        assert await broadcasts.progress(session, number) == Progress(0, 2, 0, 0)


async def test_what_a_crash_left_in_flight_and_what_failed_is_sent_again(database: Database) -> None:
    later = NOW + dt.timedelta(seconds=30)
    async with database.writing() as session:
        await filled(session)
        number = await broadcasts.start(session, "News", 77, NOW)
        first = await broadcasts.claim(session, NOW, 1)
        second = await broadcasts.claim(session, NOW, 1)
        assert first
        assert second
        assert await broadcasts.claim(session, NOW, 1) is None
        await broadcasts.retry(session, second, later, failed=True)
        await broadcasts.recover(session)
        assert await broadcasts.claim(session, NOW, 1) == first
        await broadcasts.settle(session, first, "gone")
        again = await broadcasts.claim(session, later, 1)
        assert again == Due(number, second.chat_id, "News", 1)
        await broadcasts.cancel(session, number, NOW)
        await broadcasts.retry(session, again, later, failed=True)
        assert await broadcasts.claim(session, later, 1) is None
        assert await broadcasts.progress(session, number) == Progress(0, 0, 1, 1)
