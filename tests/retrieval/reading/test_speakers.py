"""Names that stand beside a role, and pronouns that refer to them, in English articles."""

from __future__ import annotations

import pytest

from retrieval.reading.quotations import find_quotations
from retrieval.types import Article, Paragraph


def speakers(*paragraphs: str) -> list[tuple[str | None, str | None]]:
    """Name and role of each quotation's speaker, in order."""
    quotes = find_quotations(Article(tuple(Paragraph(p) for p in paragraphs)))
    return [(q.speaker.name, q.speaker.role) if q.speaker else (None, None) for q in quotes]


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Its president, Liv Torsen, said that the boats would wait.", "Liv Torsen", "president"),
        (
            "The head of the Osthavn Pilots’ Union, Jorunn Brandvik, who watched, said the boats would wait.",
            "Jorunn Brandvik",
            "head of the Osthavn Pilots’ Union",
        ),
        ("“We will wait,” said the mayor, Tomasz Reinholt.", "Tomasz Reinholt", "mayor"),
        ("“We will wait,” the mayor of Grenau, Tomasz Reinholt, said.", "Tomasz Reinholt", "mayor of Grenau"),
    ],
)
def test_a_name_in_apposition_to_a_role_speaks(text: str, name: str, role: str) -> None:
    assert speakers("The pilots met on Monday.", text) == [(name, role)]


@pytest.mark.parametrize(
    "text",
    [
        "A spokesman for the mayor, Tomasz Reinholt, said that the boats would wait.",  # whose name is it?
        "The mayor of Salem, West Ardland, said that the boats would wait.",
        "The mayor, the governor and the judge said that the boats would wait.",
        "The mayor, Tomasz Reinholt and Liv Torsen said that the boats would wait.",
    ],
)
def test_what_may_be_no_name_of_the_role_names_nobody(text: str) -> None:
    assert [name for name, _ in speakers("The pilots met on Monday.", text)] == [None]


def test_a_role_that_is_told_by_another_is_not_given_to_the_name_behind_it() -> None:
    text = "A spokesman for the mayor, Tomasz Reinholt, left. “We will wait,” Reinholt said."
    assert speakers(text) == [("Tomasz Reinholt", None)]


def test_a_pronoun_means_whom_the_sentence_before_names_behind_a_role() -> None:
    told = speakers(
        "Ann Lee, a lawyer, told the Post that the case was closed.",
        "The chamber met. Its president, Liv Torsen, said that machines were on order. “We are ready,” she said.",
        "The mayor of Grenau, Tomasz Reinholt, thanked the engineers. “It went up,” he told the Observer.",
    )
    assert [name for name, _ in told] == ["Ann Lee", "Liv Torsen", "Liv Torsen", "Tomasz Reinholt"]


def test_a_pronoun_means_whom_a_role_follows_and_her_deputy_is_no_woman_for_that() -> None:
    told = speakers(
        "Governor Elena Voss said that prices fell.",
        "Aksel Rahm, her deputy, agreed. “I asked for less,” he said.",
    )
    assert [name for name, _ in told] == ["Elena Voss", "Aksel Rahm"]


def test_a_pronoun_does_not_mean_a_body_that_a_role_names() -> None:
    (_, (name, _)) = speakers("The owner, Acme Foods, said that the shop was shut. “We wait,” he said.")
    assert name is None


@pytest.mark.parametrize("noun", ["Flood forecasts", "Rain reports", "Storm claims"])
def test_a_noun_that_opens_a_sentence_before_another_is_nobody(noun: str) -> None:
    text = f"{noun} for the valley are to begin in October."
    assert [name for name, _ in speakers(text, "“It went up,” he said.")] == [None]


def test_a_list_after_a_name_is_no_role_of_it() -> None:
    told = speakers("Ann Lee, and the mayor, left. “We will wait,” Lee said.")
    assert told == [("Ann Lee", None)]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("The court read part of Norland presidential nominee Oskar Brandt’s letter.", "Norland presidential nominee"),
        ("Sen. Ann Lee met famous Ostrian reporter Oskar Brandt.", "Ostrian reporter"),
        ("The vote dealt a blow to Norland Gov. Oskar Brandt.", "Norland Gov."),
    ],
)
def test_the_role_before_a_name_is_its_bearers_own(text: str, role: str) -> None:
    assert speakers(text, "“It is late,” Oskar Brandt said.") == [("Oskar Brandt", role)]
