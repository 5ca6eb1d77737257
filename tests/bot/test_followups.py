"""What a reply to an answer means."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.followups import follow_up
from retrieval.types import DateRange, Limits, PartialDate

TODAY = dt.date(2024, 6, 10)


@pytest.mark.parametrize(
    ("previous", "reply", "question"),
    [
        ("What did Orlik say about water?", "and about fish?", "What did Orlik say about fish?"),
        ("Что сказал Орлик о воде?", "а про рыбу?", "Что сказал Орлик о рыбу?"),
        ("What did Orlik say about water?", "what about Brandt?", "What did Brandt say about water?"),
        ("Что сказал Орлик о воде?", "а Брандт?", "Что сказал Брандт о воде?"),
        ("How many barrels lie in the Lower Orlik?", "and in Lake Vell?", "How many barrels lie in the Lake Vell?"),
        ("how clean is the river", "and the lake?", "how clean is the river the lake?"),
        (
            "What did Orlik say about water?",
            "and what did Brandt say?",
            "what did Brandt say? What did  say about water?",
        ),
    ],
)
def test_a_reply_changes_the_topic_or_the_speaker(previous: str, reply: str, question: str) -> None:
    assert follow_up(previous, Limits(source="NNA"), reply, TODAY) == (question, Limits(source="NNA"))


@pytest.mark.parametrize("reply", ["and in May?", "а в мае?", "In May?"])
def test_a_reply_that_names_a_time_sets_the_dates(reply: str) -> None:
    question, limits = follow_up("What did Orlik say about water in April?", Limits(), reply, TODAY)

    assert question == "What did Orlik say about water?"
    assert limits == Limits(dates=DateRange(PartialDate(None, 5), PartialDate(None, 5)))


@pytest.mark.parametrize(
    "reply", ["Who won the football match yesterday evening?", "river 4", "???", "and", "а", "x" * 4096]
)
def test_a_question_of_its_own_stays_as_it_is(reply: str) -> None:
    assert follow_up("What did Orlik say?", Limits(speaker="Orlik"), reply, TODAY) == (reply, Limits())
