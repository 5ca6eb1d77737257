"""Standing queries: what satisfies one, in which paragraph, and how few are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from retrieval.analysis import Analyzer
from retrieval.matching import Match, Matcher, first_matches, follow, nearest_quote, quote_of, standing_query
from retrieval.types import Article, Paragraph, Quotation, Speaker

ANALYZER = Analyzer()
ORLIK = Speaker("Dana Orlik", "Minister of Water", "she", "stated")
SAID = "We took forty barrels of waste out of the river"


def article(*paragraphs: str, **more: Any) -> Article:
    """An article; whatever stands between “ and ” is said by Dana Orlik."""
    quotes = []
    for index, text in enumerate(paragraphs):
        start = text.find("“") + 1
        if start:
            end = text.index("”")
            quotes.append(Quotation(text[start:end], index, start, end, "direct", ORLIK))
    given: dict[str, Any] = {"title": "News from Veldhaven", "source": "Northern Post", "quotes": tuple(quotes)}
    return Article(tuple(map(Paragraph, paragraphs)), **given | more)


def matches(query: str, *paragraphs: str, follows: str = "query", **more: Any) -> list[Match]:
    matcher = Matcher(ANALYZER)
    matcher.add(7, follow(follows, query, ANALYZER))
    return matcher.match(article(*paragraphs, **more))


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("barrels", "One barrel was left.", True),  # any form of the word
        ("river barrels", "Forty barrels left the river.", True),
        ("river barrels", "Forty barrels left the lake.", False),
        ("one two three four harbour river lake dam", "One, two, three, four: a harbour, a river.", True),
        ("harbour river lake dam pier", "The harbour and the river.", False),
        ('"river commission"', "The commission of the river met.", False),
        ('"river commission"', "The River Commission met.", True),
        ("river -lake", "The river is clean.", True),
        ("river -lake", "The river is clean, the lake is not.", False),
        ("barrel OR drum", "A drum was found.", True),
        ("barrel OR drum", "A box was found.", False),
        ("waste barrel OR drum", "A drum was found.", False),
        ("рыба в реке", "В реках снова водится рыба.", True),
        ("рыба в реке", "В озере водится рыба.", False),
        ("What did Orlik say about the river?", "Orlik spoke of the river.", True),
        ("what happened to the river in May 2021?", "What happened to the river was told.", True),
    ],
)
def test_what_a_paragraph_must_have(query: str, text: str, fits: bool) -> None:
    assert bool(matches(query, "Something else entirely.", text)) is fits


def test_all_must_stand_in_one_paragraph_but_the_title_counts_as_its_context() -> None:
    assert not matches("river fish", "The river is clean.", "The fish are back.")
    assert matches("river fish", "The fish are back.", title="River report")
    assert not matches("river fish", "Nothing else.", title="River fish report")


def test_the_paragraph_with_most_of_the_words_is_the_match() -> None:
    (match,) = matches(
        "river waste barrel dam lake", "River and waste, a barrel, a dam.", "River, waste, barrel, dam, lake."
    )

    assert match.index == 1


@pytest.mark.parametrize(
    ("follows", "name", "fits"),
    [
        ("speaker", "Orlik", True),
        ("speaker", "Dana Orlik", True),
        ("speaker", "Дана Орлик", True),
        ("speaker", "Igor Orlik", False),
        ("source", "northern post", True),
        ("source", "Southern Post", False),
        ("section", "Environment", True),
        ("section", "Sport", False),
        ("all", "", True),
        ("query", "from:Orlik barrels", True),
        ("query", "from:Brandt barrels", False),
        ("query", "from:Orlik lake", False),
        ("query", 'source:"Northern Post" barrel', True),
        ("query", "source:Southern barrel", False),
    ],
)
def test_speakers_sources_and_sections_by_name(follows: str, name: str, fits: bool) -> None:
    text = f"“{SAID},” Orlik said."

    assert bool(matches(name, "A report.", text, follows=follows, section="Environment")) is fits


def test_a_query_of_nothing_asks_for_nothing() -> None:
    assert not standing_query("of the", ANALYZER)
    assert not standing_query("", ANALYZER)
    assert not follow("speaker", "…", ANALYZER)
    assert standing_query("-lake", ANALYZER)


def test_the_quote_is_what_matched_and_stands_in_the_article() -> None:
    news = article("VELDHAVEN. A report of the day.", f"“{SAID},” Orlik said. The lake comes next.")
    for follows, text in (("query", "barrels river"), ("speaker", "Orlik"), ("all", ""), ("source", "Northern Post")):
        (quote,) = first_matches([news], follow(follows, text, ANALYZER), ANALYZER)
        assert quote.text == f"{SAID},"
        assert quote.speaker == ORLIK
    (narrated,) = first_matches([news], follow("query", "lake", ANALYZER), ANALYZER)
    assert narrated.text.endswith("The lake comes next.")
    assert quote_of(article(), Match((), follow("all", "", ANALYZER), None), ANALYZER) is None


def test_many_ids_may_share_a_query_and_come_back_together() -> None:
    matcher = Matcher(ANALYZER)
    for number in range(5):
        matcher.add(number, follow("query", "river" if number % 2 else "lake", ANALYZER))

    (match,) = matcher.match(article("The river is clean."))

    assert match.ids == (1, 3)
    assert len(matcher) == 5


def test_of_very_many_queries_only_those_that_may_match_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    from retrieval import matching

    looked_at = []
    real = matching._Text.satisfies
    monkeypatch.setattr(matching._Text, "satisfies", lambda text, query: looked_at.append(query) or real(text, query))
    matcher = Matcher(ANALYZER)
    for number in range(5000):  # each has the common word "river" and a rare one
        matcher.add(number, follow("query", f"river harbour{number}", ANALYZER))

    (match,) = matcher.match(article("The river reaches harbour77.", *["A river, a river, a river."] * 20))

    assert match.ids == (77,)
    assert len(looked_at) < 100


def test_after_a_correction_the_nearest_words_are_found_or_none() -> None:
    now = article("A report.", "The minister counted fourteen barrels of waste in the river this week.")

    found = nearest_quote(now, "The minister counted forty barrels of waste in the river.", ANALYZER)

    assert found
    assert "fourteen barrels" in found.text
    assert nearest_quote(now, "Nobody asked the fish.", ANALYZER) is None


@pytest.mark.parametrize(
    "text", ['"' * 4000, "-" * 4000, "a OR " * 1000, "«" * 2000 + "»" * 2000, "." * 4000, "\x00\ud800"]
)
def test_hostile_queries_are_taken_apart_quickly_and_match_nothing_by_accident(text: str) -> None:
    assert not standing_query(text, ANALYZER) or not matches(text, "The river is clean.")
