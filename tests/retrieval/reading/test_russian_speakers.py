"""Who speaks in a Russian sentence: a name in the nominative where it gives one, else the words as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.reading.russian import find_quotations
from retrieval.types import Article, Paragraph, Speaker

LINES = Path(__file__).with_name("russian_speakers.txt").read_text("utf-8").splitlines()


def speakers(*paragraphs: str) -> list[Speaker]:
    found = find_quotations(Article(tuple(map(Paragraph, paragraphs)), language="ru"))
    return [quotation.speaker for quotation in found if quotation.speaker]


@pytest.mark.parametrize("line", [line for line in LINES if " => " in line])
def test_only_a_name_that_the_sentence_gives_is_shown_as_one(line: str) -> None:
    sentence, expected = line.split(" => ")
    found = speakers(sentence)
    assert found
    for speaker in found:
        assert speaker.certainty == "stated"
        if expected.startswith("~"):
            assert (speaker.name, speaker.as_written) == (None, expected[1:])
        else:
            assert speaker.name == expected


def test_no_title_of_a_thing_speaks() -> None:
    assert speakers("Гипотеза Брокара гласит, что простых чисел много.") == []
    assert speakers("Несколько недель спустя заявили, что всё готово.") == []


def test_a_noun_alone_means_the_one_body_of_its_sort_that_spoke() -> None:
    first, second = speakers("МИД заявил, что всё готово.", "В ведомстве отметили, что срок не назван.")
    assert (second.name, second.as_written, second.certainty) == (first.name, "ведомстве", "from_context")


def test_a_noun_alone_that_two_bodies_fit_names_neither() -> None:
    *_, last = speakers("МИД заявил, что всё готово. Минобороны заявило, что нет. Ведомство уточнило, что ждёт.")
    assert (last.name, last.as_written) == (None, "Ведомство")


@pytest.mark.parametrize(
    ("fuller", "oblique", "name"),
    [
        ("Илон Маск прибыл.", "По словам Маска, всё готово.", "Илон Маск"),
        ("Василий Небензя заявил, что рад.", "По словам Небензи, всё готово.", "Василий Небензя"),
        ("Томас Хюбнер прибыл.", "По словам Хюбнера, всё готово.", "Томас Хюбнер"),
        ("Ольга Гончар прибыла.", "Гончар заявила, что рада.", "Ольга Гончар"),
    ],
)
def test_a_name_given_elsewhere_in_the_article_tells_the_nominative(fuller: str, oblique: str, name: str) -> None:
    assert speakers(fuller, oblique)[-1].name == name


def test_a_town_is_not_the_person_whom_a_pronoun_surely_means() -> None:
    (found,) = speakers("Студенты прибыли в Виттенберг.", "«Всё хорошо», — сказал он.")
    assert (found.name, found.certainty) == (None, None)
