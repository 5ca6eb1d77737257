"""Where sentences begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.sentences import sentences
from tests.growth import assert_linear


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The port is closed.| Boats wait outside.",
        "Wow!| What now?| Yes…| And so on.",
        "Порт закрыт.| Лодки ждут.",
        "“We won.”| She left.",
        "«Мы победили».| Она ушла.",
        "The treaty (signed in May.)| Nobody read it.",
        "Plan B.| The rest is known.",
    ],
)
def test_each_terminator_before_a_capital_ends_a_sentence(text: str) -> None:
    assert split(text.replace("|", "")) == [part.strip() for part in text.split("|")]


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Orlov met Dr. Venn on Monday.",
        "J. K. Merrow wrote to Gov. Hale.",
        "The U.S. President came at 9 a.m. Monday.",
        "It costs 3.5 crowns, see No. 5 of the list.",
        "Grain Corp. Chairman Hale stayed, e.g. Tuesday.",
        "А. И. Ильин приехал в г. Вельм на ул. Портовую.",
        "Тариф, т. е. Пошлина, вырос на 5 тыс. рублей.",
    ],
)
def test_abbreviations_initials_and_numbers_end_nothing(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "They met in the U.S.| The law holds there.",
        "Зерно, мука и т. д.| Она сказала больше.",
        "Порт построен в 1921 г.| Он велик.",
    ],
)
def test_an_abbreviation_may_end_a_sentence_when_the_next_word_begins_one(text: str) -> None:
    assert split(text.replace("|", "")) == [part.strip() for part in text.split("|")]


def test_a_full_stop_before_a_lower_case_word_ends_nothing() -> None:
    assert split("By their means. delivery is late.") == ["By their means. delivery is late."]


@pytest.mark.parametrize("text", ["“Why?” Orlova said.", "«Почему?» — спросил Ильин.", "Why ? ” she said."])
def test_the_words_of_saying_go_with_the_quotation(text: str) -> None:
    assert split(text + " Nobody knew.") == [text, "Nobody knew."]


def test_a_missing_space_between_sentences_is_forgiven_but_names_stay_whole() -> None:
    assert split("It is done.Then she left.") == ["It is done.", "Then she left."]
    assert split("Read Node.JS or v2.0 of it.") == ["Read Node.JS or v2.0 of it."]


def test_text_without_a_terminator_is_one_sentence_and_white_space_is_none() -> None:
    assert split("  no end here ") == ["no end here"]
    assert split("") == split(" \n\t ") == []


_pieces = st.sampled_from('Mr. |U.S. |Orlova |г. |т. д. |. |." |?” |“|«|»| — |said |он |5 |A.|\n|…|(|)|'.split("|"))


@settings(max_examples=60, deadline=None)
@given(st.lists(_pieces, max_size=30).map("".join) | st.text(max_size=120))
def test_the_spans_cover_all_but_white_space_in_order_without_overlap(text: str) -> None:
    position = 0
    for start, end in sentences(text):
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert not text[start].isspace()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    "junk", ['"', ".", "a", ". ", '." "', "“", "« ", "Mr. ", "A.", '?" ', ".'", "т. д. ", "A. B. "]
)
def test_junk_costs_no_more_than_its_length(junk: str) -> None:
    assert_linear(sentences, junk, 16_000)
