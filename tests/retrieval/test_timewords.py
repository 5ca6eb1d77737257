"""Days and spans of time, as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.timewords import find_times, leading_time
from tests.growth import assert_linear

NOW = dt.date(2024, 6, 12)  # a Wednesday


def spans(text: str, now: dt.date = NOW) -> list[str]:
    """Each span found, in EDTF: "since..until", an open end left empty."""
    return [f"{t.dates.since or ''}..{t.dates.until or ''}" for t in find_times(text, now)]


def test_the_words_are_found_where_they_stand_with_their_preposition() -> None:
    text = "What happened in December at the port?"
    (found,) = find_times(text, NOW)
    assert text[found.start : found.end] == "in December"


@pytest.mark.parametrize(
    "text", ["in December", "during december", "в декабре", "in early December", "в конце декабря"]
)
def test_a_month_without_a_year_stays_without_one(text: str) -> None:
    assert spans(text) == ["XXXX-12..XXXX-12"]


def test_a_day_without_a_year_stays_without_one() -> None:
    assert spans("on 29 February") == ["XXXX-02-29..XXXX-02-29"]
    assert spans("5 мая") == ["XXXX-05-05..XXXX-05-05"]


@pytest.mark.parametrize(
    "text",
    [
        "3 May 2021",
        "on May 3rd, 2021",
        "the 3rd of May 2021",
        "2021-05-03",
        "3.5.2021",
        "3 мая 2021 года",
        "3 мая 2021",
    ],
)
def test_a_full_date_is_one_day(text: str) -> None:
    assert spans(text) == ["2021-05-03..2021-05-03"]


def test_a_year_or_a_month_of_a_year_is_all_of_it() -> None:
    assert spans("in 2020") == ["2020..2020"]
    assert spans("в мае 2021 года") == ["2021-05..2021-05"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("since 3 May 2021", "2021-05-03.."),
        ("с 3 мая 2021", "2021-05-03.."),
        ("after 2019", "2019.."),
        ("before March 2021", "..2021-03"),
        ("до 5 мая 2021", "..2021-05-05"),
        ("between 3 May and 5 June 2022", "2022-05-03..2022-06-05"),
        ("с 3 мая по 5 июня 2022", "2022-05-03..2022-06-05"),
        ("from May to June", "XXXX-05..XXXX-06"),
    ],
)
def test_since_until_and_between_open_and_close_a_span(text: str, span: str) -> None:
    assert spans(text) == [span]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("today", "2024-06-12..2024-06-12"),
        ("вчера", "2024-06-11..2024-06-11"),
        ("позавчера", "2024-06-10..2024-06-10"),
        ("last week", "2024-06-03..2024-06-09"),
        ("на прошлой неделе", "2024-06-03..2024-06-09"),
        ("неделю назад", "2024-06-03..2024-06-09"),
        ("this week", "2024-06-06..2024-06-12"),
        ("last month", "2024-05..2024-05"),
        ("в прошлом году", "2023..2023"),
        ("three days ago", "2024-06-09..2024-06-09"),
        ("два дня назад", "2024-06-10..2024-06-10"),
        ("за последние две недели", "2024-05-29..2024-06-12"),
        ("on Monday", "2024-06-10..2024-06-10"),
        ("last Wednesday", "2024-06-05..2024-06-05"),
        ("в понедельник", "2024-06-10..2024-06-10"),
    ],
)
def test_relative_times_count_from_the_day_given(text: str, span: str) -> None:
    assert spans(text) == [span]


def test_the_month_before_january_is_december_of_the_year_before() -> None:
    assert spans("last month", dt.date(2024, 1, 31)) == ["2023-12..2023-12"]


@pytest.mark.parametrize("now", [dt.date.min, dt.date.max])
@pytest.mark.parametrize(
    "text", ["last week", "999 years ago", "past 999 years", "last month", "позавчера", "on Monday"]
)
def test_the_ends_of_the_calendar_break_nothing(text: str, now: dt.date) -> None:
    assert len(spans(text, now)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2021",
        "2021-02-30",
        "on 30 February",
        "30 February 2021",
        "since 30 February 2021",
        "February 30, 2021",
        "29 февраля 2023",
        "31 апреля",
        "0000-05-03",
    ],
)
def test_days_that_no_calendar_has_are_passed_over(text: str) -> None:
    assert spans(text) == []


def test_a_date_that_two_countries_read_differently_is_not_guessed() -> None:
    assert spans("3/5/2021") == []
    assert spans("13/5/2021") == spans("5/13/2021") == ["2021-05-13..2021-05-13"]


@pytest.mark.parametrize(
    "text", ["May I ask?", "they march on", "1500 people", "in 2020 elections", "the second mar", ""]
)
def test_words_that_only_look_like_a_time_are_none(text: str) -> None:
    assert spans(text) == []


def test_several_times_are_found_in_order() -> None:
    assert spans("since 3 May 2021 until June 2022") == ["2021-05-03..", "..2022-06"]


def test_a_leading_time_may_be_a_month_or_a_year_alone() -> None:
    for text, words in [("May 2021 grain", "May 2021"), ("2021 grain", "2021"), ("вчера и сегодня", "вчера")]:
        found = leading_time(text, NOW)
        assert found is not None
        assert text[found.start : found.end] == words
    assert leading_time("grain in May", NOW) is None
    assert leading_time("", NOW) is None


_words = st.sampled_from(
    "in since until from to last past this ago three 3 31 30 99 2021 May February of the early , - . 2021-13 "
    "31.02.2021 XXXX-12 week years day в с по до на прошлой неделе года мая февраля назад два вчера вторник".split()
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_words, max_size=12).map(" ".join) | st.text(max_size=60), st.dates())
def test_spans_stand_in_order_never_overlap_and_are_of_the_calendar(text: str, now: dt.date) -> None:
    position = 0
    for found in find_times(text, now):
        assert position <= found.start < found.end <= len(text)
        position = found.end
        for date in (found.dates.since, found.dates.until):
            if date is not None:
                assert type(date).checked(date.year, date.month, date.day) == date


@pytest.mark.parametrize("junk", ["of ", "1", "early ", "с 3 мая по ", "XXXX-", "2021-", "1.", "in 5 ", "'a", "١"])
def test_junk_costs_no_more_than_its_length(junk: str) -> None:
    assert_linear(lambda text: find_times(text, NOW), junk)
