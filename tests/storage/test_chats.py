"""What is kept of chats and readers."""

from __future__ import annotations

import datetime as dt

from retrieval.types import AnswerQuote, Article, DateRange, Limits, Paragraph, PartialDate, Speaker
from storage import chats
from storage.chats import GivenAnswer, QuotePlace
from storage.database import Database

NOW = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
ARTICLE = Article((Paragraph("“The river is clean,” Orlik said."),), id=7)
QUOTE = AnswerQuote(ARTICLE, 0, 1, 19, "direct", Speaker("Dana Orlik", "Minister", "Orlik", "stated"), 1.0, ("river",))


def given(answer_id: int, user_id: int = 5, message_id: int = 11) -> GivenAnswer:
    dates = DateRange(since=PartialDate(None, 12, 31))
    filters = Limits("Orlik", dates, "NNA", None)
    day = dt.date(2024, 5, 6)
    return GivenAnswer(answer_id, -100500, message_id, user_id, "the river?", day, filters, (QuotePlace.of(QUOTE),))


async def test_an_answer_comes_back_as_it_was_kept(database: Database) -> None:
    answer = given(chats.new_answer_id())
    async with database.writing() as session:
        await chats.add_answers(session, [(answer, NOW)])
        await chats.add_answers(session, [(answer, NOW)])

    async with database.reading() as session:
        assert await chats.find_answer(session, answer.id) == answer
        assert await chats.find_answer_at(session, -100500, 11) == answer
        assert await chats.find_answer_at(session, -100500, 12) is None
        assert await chats.find_answer(session, 1) is None


def test_a_quote_is_only_given_while_its_article_says_it() -> None:
    place = QuotePlace.of(QUOTE)

    again = place.within(ARTICLE)
    assert again
    assert again.text == "The river is clean"
    assert place.within(Article((Paragraph("“The river is dirty,” Orlik said."),), id=7)) is None
    assert place.within(Article((), id=7)) is None


async def test_a_chat_keeps_its_language_until_it_chooses_another(database: Database) -> None:
    for language in ("ru", "en"):
        async with database.writing() as session:
            await chats.set_language(session, 5, language)
            await chats.set_language(session, 6, language)
    async with database.writing() as session:
        await chats.set_language(session, 6, None)

    async with database.reading() as session:
        assert await chats.languages(session) == {5: "en"}


async def test_the_last_vote_counts_and_all_of_a_reader_is_exported_and_then_forgotten(database: Database) -> None:
    async with database.writing() as session:
        await chats.add_answers(session, [(given(1, user_id=5), NOW), (given(2, user_id=6), NOW)])
        await chats.set_language(session, 5, "ru")
        await chats.vote(session, 1, 6, 1)
        await chats.vote(session, 2, 5, 1)
        await chats.vote(session, 2, 5, -1)

    async with database.reading() as session:
        kept = await chats.export(session, 5)
    assert kept["telegram_id"] == 5
    assert kept["language"] == "ru"
    assert [q["question"] for q in kept["questions"]] == ["the river?"]
    assert kept["votes"] == [{"answer": "2", "value": -1}]

    async with database.writing() as session:
        await chats.forget(session, 5)
    async with database.reading() as session:
        left = await chats.export(session, 5)
        nothing = {name: [] if name in ("subscriptions", "sent") else None for name in kept["alerts"]}
        assert left == {"telegram_id": 5, "language": None, "questions": [], "votes": [], "alerts": nothing}
        assert len((await chats.export(session, 6))["questions"]) == 1
