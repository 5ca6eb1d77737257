"""The operators of a question, and the limits, phrases and exclusions that they make."""

from __future__ import annotations

import pytest

from retrieval.types import DateRange, Limits, PartialDate
from tests.retrieval.asking import DECEMBER
from tests.retrieval.asking import understood as ask


@pytest.mark.parametrize("operator", ["from:", "said:", "FROM:", "from: ", "от:", "сказал:"])
def test_from_limits_to_a_speaker_and_asks_for_speech(operator: str) -> None:
    query = ask(f"{operator}Orlova grain")
    assert query.filters == Limits(speaker="Orlova")
    assert query.asks_speech
    assert query.words == "grain"


@pytest.mark.parametrize("value", ['"Lena Orlova"', "“Lena Orlova”", "«Lena Orlova»"])
def test_a_value_of_several_words_stands_in_quote_marks(value: str) -> None:
    query = ask(f"grain from:{value} tariff")
    assert query.filters.speaker == "Lena Orlova"
    assert (query.words, query.phrases) == ("grain tariff", ())


def test_source_and_section_limit() -> None:
    assert ask("source:Velm section:sport grain").filters == Limits(source="Velm", section="sport")
    query = ask("источник:Вельм раздел:экономика зерно")
    assert query.filters == Limits(source="Вельм", section="экономика")
    assert query.words == "зерно"


@pytest.mark.parametrize("text", ["since:3 May 2021 until:2022-06 grain", "с:3 мая 2021 по:июнь 2022 grain"])
def test_since_and_until_limit_the_dates_and_take_their_words(text: str) -> None:
    query = ask(text)
    assert query.filters == Limits(dates=DateRange(PartialDate(2021, 5, 3), PartialDate(2022, 6)))
    assert query.words == "grain"


def test_relative_limits_count_from_the_day_given_and_a_missing_year_stays_missing() -> None:
    assert ask("since:yesterday grain").filters.dates == DateRange(since=PartialDate(2024, 6, 11))
    assert ask("до:5 мая зерно").filters.dates == DateRange(until=PartialDate(None, 5, 5))


@pytest.mark.parametrize(
    "text", ["since:32.13.2021 grain", "until:2021-02-30 grain", 'from:"" grain', 'from:"?!" grain']
)
def test_an_operator_that_says_nothing_is_passed_over(text: str) -> None:
    query = ask(text)
    assert query.filters == Limits()
    assert "grain" in query.words


@pytest.mark.parametrize(
    "text",
    ["since:30 February 2021 grain", "grain until:February 30", "с:31 апреля 2021 grain", 'since:"31.4.2021" grain'],
)
def test_a_day_that_no_calendar_has_limits_nothing_and_is_not_searched_for(text: str) -> None:
    query = ask(text)
    assert query.filters == Limits()
    assert query.words == "grain"


def test_words_in_quote_marks_must_stand_so() -> None:
    query = ask('"dead letter" «мёртвая буква» harbour')
    assert query.phrases == ("dead letter", "мёртвая буква")
    assert query.words == "dead letter мёртвая буква harbour"


def test_a_minus_excludes_a_word_or_a_phrase_but_a_hyphen_or_a_number_does_not() -> None:
    query = ask('harbour -grain -"dead letter" -зерно')
    assert query.excluded == ("grain", "dead letter", "зерно")
    assert query.words == "harbour"
    assert ask("well-known grain -5 - 3").excluded == ()


def test_or_joins_what_stands_beside_it() -> None:
    assert ask("tariff grain OR wheat OR rye").any_of == (("grain", "wheat", "rye"),)
    assert ask("зерно ИЛИ пшеница").any_of == (("зерно", "пшеница"),)
    assert ask('"spring wheat" OR rye').phrases == ()
    assert ask("a | b c OR d").any_of == (("a", "b"), ("c", "d"))


@pytest.mark.parametrize("text", ["grain or wheat", "GRAIN OR WHEAT", "OR grain", "grain OR", "OR"])
def test_or_is_a_plain_word_in_small_letters_in_a_shouted_question_and_at_an_end(text: str) -> None:
    assert ask(text).any_of == ()


@pytest.mark.parametrize("text", ["? OR grain", "grain, OR wheat", '"?" OR grain'])
def test_or_after_a_mark_joins_nothing(text: str) -> None:
    assert ask(text).any_of == ()


def test_a_flag_wins_over_the_questions_own_operator_and_leaves_the_others() -> None:
    flags = Limits(speaker="Ilyin", dates=DECEMBER)
    query = ask("from:Orlova since:2021 source:Velm grain", flags)
    assert query.filters == Limits(speaker="Ilyin", dates=DECEMBER, source="Velm")
