"""What the plain words of a question suggest, and when it is worth offering as a limit."""

from __future__ import annotations

import datetime as dt

import pytest

from retrieval.offers import offered
from retrieval.question import understand
from retrieval.types import AnswerQuote, Article, DateRange, Limits, Paragraph, PartialDate, Speaker

DECEMBER = PartialDate(month=12)


def quote(speaker: str | None = None, date: str | None = None, source: str | None = None) -> AnswerQuote:
    article = Article((Paragraph("Wheat is cheap."),), date=PartialDate.parse(date) if date else None, source=source)
    return AnswerQuote(article, 0, 0, 14, "direct", Speaker(speaker) if speaker else None, 1.0)


def offers(question: str, *quotes: AnswerQuote, filters: Limits = Limits()) -> Limits:
    return offered(understand(question, now=dt.date(2024, 6, 12), filters=filters), quotes)


@pytest.mark.parametrize("name", ["Orlova", "orlova", "Орлова"])
def test_a_speaker_is_offered_as_the_articles_spell_the_name(name: str) -> None:
    quotes = quote("Lena Orlova"), quote("Marek Ilyin"), quote()
    assert offers(f"What did {name} say about wheat?", *quotes) == Limits(speaker="Orlova")


def test_dates_are_offered_as_far_as_the_question_states_them() -> None:
    quotes = quote(date="2023-12-31"), quote(date="XXXX-12-01"), quote(date="2023-11-30"), quote()
    assert offers("What was said of wheat in December?", *quotes) == Limits(dates=DateRange(DECEMBER, DECEMBER))


def test_a_source_is_offered_that_the_question_names() -> None:
    quotes = quote(source="The Week"), quote(source="Northern Post"), quote()
    assert offers("What does the Northern Post write about wheat this week?", *quotes[:2]).source == "Northern Post"
    assert offers("What is new about wheat this week?", *quotes).source is None


@pytest.mark.parametrize("question", ["What did Orlova say in December, in the Northern Post?", "Что сказала Орлова?"])
def test_nothing_is_offered_that_every_quote_fits_or_none(question: str) -> None:
    fits = quote("Lena Orlova", "2023-12-31", "Northern Post")
    assert not offers(question, fits, fits)
    assert not offers(question, quote("Marek Ilyin", "2023-11-30", "NORD"), quote())
    assert not offers(question)


def test_nothing_is_offered_that_is_a_limit_already() -> None:
    fits = quote("Lena Orlova", "2023-12-31", "Northern Post")
    limits = Limits("Orlova", DateRange(DECEMBER, DECEMBER), "Northern Post")
    question = "What did Orlova say in December, in the Northern Post?"
    assert offers(question, fits, quote()) == limits
    assert not offers(question, fits, quote(), filters=limits)
