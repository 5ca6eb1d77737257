"""Limits in words, and as operators to type."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.chat import reply
from bot.markup import plain
from bot.narrowing import typed
from bot.texts import words_for
from retrieval.operators import read_operators
from retrieval.types import DateRange, Limits, PartialDate
from tests.fakes import FakeServices, quote

MAY, DAY, LATER = PartialDate(2021, 5), PartialDate(2021, 5, 3), PartialDate(2021, 5, 9)
SPANS = [
    (DateRange(PartialDate(month=12), PartialDate(month=12)), "December", "декабрь"),
    (DateRange(DAY, DAY), "3 May 2021", "3 мая 2021"),
    (DateRange(DAY, LATER), "3–9 May 2021", "3–9 мая 2021"),
    (DateRange(DAY, PartialDate(2021, 6, 5)), "3 May – 5 June 2021", "3 мая – 5 июня 2021"),
    (DateRange(PartialDate(2020, 12), MAY), "December 2020 – May 2021", "декабрь 2020 – май 2021"),
    (DateRange(since=MAY), "since May 2021", "с мая 2021"),
    (DateRange(until=PartialDate(month=5, day=3)), "until 3 May", "по 3 мая"),
    (DateRange(PartialDate(2020), PartialDate(2021)), "2020 – 2021", "2020 – 2021"),
]


@pytest.mark.parametrize(("dates", "english", "russian"), SPANS)
def test_a_span_of_days_is_shown_as_briefly_as_it_can_be(dates: DateRange, english: str, russian: str) -> None:
    assert (words_for("en").days(dates), words_for("ru").days(dates)) == (english, russian)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("dates", [dates for dates, _, _ in SPANS])
def test_operators_to_type_are_read_as_the_limit_they_stand_for(dates: DateRange, language: str) -> None:
    offers = Limits("Lena Orlova", dates, "Northern Post")
    for limits in (offers, Limits(speaker="Orlova"), Limits(dates=dates)):
        line = plain(" wheat ".join(typed(limits, words_for(language))))
        assert read_operators(line, dt.date(2024, 6, 12)).filters == limits


async def test_the_terminal_names_the_operators_that_narrow_an_answer_down(services: FakeServices) -> None:
    services.answers("river", quote("The river is clean again"), quote("Nobody saw it", speaker=None))
    answer = await reply(services, "What did Orlik say of the river?")
    assert plain(answer.text).endswith("\n\nTo narrow it down, add: from:Orlik")
    assert "narrow" not in (await reply(services, "from:Orlik river")).text
