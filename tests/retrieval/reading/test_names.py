"""Which names mean one person."""

from __future__ import annotations

import pytest

from retrieval.reading.names import group_names, same_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lindqvist", "Erik Lindqvist"),
        ("Mr. Lindqvist", "Erik Lindqvist"),
        ("E. Lindqvist", "Erik Lindqvist"),
        ("Erik J. Lindqvist", "Erik Lindqvist"),
        ("Анатолий Ветров", "Anatoly Vetrov"),
    ],
)
def test_forms_of_one_name_agree(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna Lindqvist", "Erik Lindqvist"), ("Erik Lindqvist Jr.", "Erik Lindqvist"), ("Erik Lind", "Erik Lindqvist")],
)
def test_two_people_with_one_surname_stay_two(one: str, other: str) -> None:
    assert not same_person(one, other)


def test_names_are_grouped_under_the_fullest() -> None:
    groups = group_names(["Vetrov", "Anatoly Vetrov", "Mr. Vetrov"])
    assert set(groups.values()) == {"Anatoly Vetrov"}


def test_a_bare_surname_joins_nobody_when_two_people_bear_it() -> None:
    groups = group_names(["Obi", "John Obi", "Mary Obi"])
    assert groups == {"Obi": "Obi", "John Obi": "John Obi", "Mary Obi": "Mary Obi"}
