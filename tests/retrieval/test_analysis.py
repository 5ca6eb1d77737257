"""What counts as the same word."""

from __future__ import annotations

import pytest

from retrieval.analysis import Analyzer
from tests.growth import assert_linear


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Orlova’s", "orlova"),
        ("sanctions", "Sanction"),
        ("ﬁnance", "finance"),
        ("ещё зелёный", "еще зеленый"),
        ("переговоров", "переговоры"),
        ("Erdoğan", "Erdogan"),
        ("U.S.", "US"),
        ("O’Brien", "O'Brien"),
        ("trans\u00adlation", "translation"),
        ("2,500", "2500"),
        ("3,5", "3.5"),
    ],
)
def test_these_meet(analyzer: Analyzer, written: str, asked: str) -> None:
    assert analyzer.terms(written) == analyzer.terms(asked) != []


@pytest.mark.parametrize(("one", "other"), [("3.5", "35"), ("US", "us"), ("мой", "мои дом")])
def test_these_differ(analyzer: Analyzer, one: str, other: str) -> None:
    assert analyzer.terms(one) != analyzer.terms(other)


def test_each_word_is_stemmed_by_its_own_script(analyzer: Analyzer) -> None:
    mixed = analyzer.terms("Посол назвал sanctions ошибкой", "ru")
    assert set(analyzer.terms("sanctions", "en")) < set(mixed)
    assert set(analyzer.terms("ошибки", "en")) < set(mixed)


def test_stop_words_leave_a_gap(analyzer: Analyzer) -> None:
    assert analyzer.terms("the bank of England") == ["bank", "england"]
    assert analyzer.sequence("the bank of England") == ["", "bank", "", "england"]


def test_tokens_say_where_they_stand(analyzer: Analyzer) -> None:
    text = "  “NATO’s” harbours, U.S. and и\u0306од"
    tokens = analyzer.tokens(text)
    assert [text[token.start : token.end] for token in tokens] == ["NATO’s", "harbours", "U.S", "and", "и\u0306од"]
    assert [token.term for token in tokens] == analyzer.sequence(text)


def test_an_unknown_language_is_read_by_its_script(analyzer: Analyzer) -> None:
    assert analyzer.terms("the harbours", "xx") == analyzer.terms("the harbours", "en")


@pytest.mark.parametrize("part", ['"', ".", "a", "a.", "a'", "1,", "\u0300", "1.1a", "и\u0306"])
def test_no_text_costs_more_than_its_length(analyzer: Analyzer, part: str) -> None:
    assert_linear(analyzer.sequence, part, 16_000)


def test_the_words_of_some_terms_alone_are_those_among_all_of_them() -> None:
    analyzer, text, terms = Analyzer(), "The ships shipped «ship’s» cargo; a ship is no shop.", {"ship", "shop", "sea"}
    for _ in range(2):  # read, and remembered
        assert analyzer.tokens(text, "en", terms) == [t for t in analyzer.tokens(text) if t.term in terms]
        assert analyzer.term_set(text, "en") == {"ship", "cargo", "shop"}
