"""Quote marks in all styles, whole and broken, found by offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.marks import marked_spans
from tests.growth import assert_linear


def spans(text: str) -> list[str]:
    return [text[span.start : span.end] for span in marked_spans([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Why not,” he said. “We can.”", ["Why not,", "We can."]),
        ('"Why not," he said. "We can."', ["Why not,", "We can."]),
        ("He said ''no way,'' and left.", ["no way,"]),
        ("«Да», — сказал он. «Нет».", ["Да", "Нет"]),
        ("„Ja“, sagte er. »Nein«, sagte sie.", ["Ja", "Nein"]),
        ("‘We’re late,’ she told the members’ club. ‘Go.’", ["We’re late,", "Go."]),
        ("‘The members’ rights are ours,’ he said.", ["The members’ rights are ours,"]),
    ],
)
def test_every_style_of_marks_is_read(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("” Why ? What for ? ” he said.", ["Why ? What for ?"]),
        ("“They were sent there “, did he declare.", ["They were sent there"]),
        ("“It is not a small one , “added the mayor.", ["It is not a small one ,"]),
        ("“On the river, ”Brandt wrote.", ["On the river,"]),
        ('“No sign" of it, “none.”', ["No sign", "none."]),
        ('«Мука подорожала", — сказал он. «Да».', ["Мука подорожала", "Да"]),
        ('"Мука подорожала», — сказал он. "Да".', ["Мука подорожала", "Да"]),
        (',,Мука подорожала", — сказал он.', ["Мука подорожала"]),
        ("<<Мука подорожала>>, — сказал он.", ["Мука подорожала"]),
        ('«Завод "Маяк" закрыт», — сказал он.', ['Завод "Маяк" закрыт']),
        ('All the [old] pumps" and the only "spare parts" are here.', ["spare parts"]),
    ],
)
def test_marks_that_machines_broke_are_read_by_their_place(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“As they say, ‘slow down’, so I did,” she said.", ["As they say, ‘slow down’, so I did,"]),
        ("‘I heard “never again”,’ he said.", ["I heard “never again”,"]),
        ('"He asked: “Where to?” and left," she said.', ["He asked: “Where to?” and left,"]),
        ("«Мы едем в „Рощу“ завтра», — сказал он.", ["Мы едем в „Рощу“ завтра"]),
        ("«Завод «Маяк» — сказал он. «Это «Луч».", ["Завод «Маяк", "Это «Луч"]),
    ],
)
def test_a_quotation_keeps_those_inside_it(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


def test_inches_apostrophes_and_shortened_years_quote_nothing() -> None:
    assert spans("He is 6'3\" tall, was born in the '70s and doesn't like the dogs' barking.") == []


def test_a_quotation_left_open_goes_on_in_the_next_paragraph() -> None:
    first, second = marked_spans(["“It leaks. All of it.", "“And it will leak,” he said."])
    assert [(s.closed, s.continues) for s in first] == [(False, False)]
    assert [(s.closed, s.continues) for s in second] == [(True, True)]


def test_a_mark_that_nothing_closes_ends_with_its_paragraph() -> None:
    text = "“It leaks. All of it."
    (span,) = marked_spans([text, "The mayor left."])[0]
    assert text[span.start : span.end] == "It leaks. All of it."
    assert not span.closed


@given(st.lists(st.text(alphabet="aA .,“”\"'‘’«»„\n", max_size=60), max_size=4))
def test_spans_are_in_order_and_never_overlap(paragraphs: list[str]) -> None:
    for text, found in zip(paragraphs, marked_spans(paragraphs), strict=True):
        at = 0
        for span in found:
            assert at <= span.outer_start <= span.start < span.end <= span.outer_end <= len(text)
            at = span.outer_end


@pytest.mark.parametrize(
    "seed", ['"', "“", "‘", "’", "'", "«", '«a" ', '"a» ', ",,a", '"a', "“a ", "‘as’ ", "« ", "''"]
)
def test_the_work_grows_with_the_length_alone(seed: str) -> None:
    assert_linear(lambda text: marked_spans([text]), seed)
