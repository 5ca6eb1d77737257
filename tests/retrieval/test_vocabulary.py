"""Names are found across scripts, and near words are offered, from the words that the index has."""

from __future__ import annotations

import datetime as dt

import pytest

from retrieval.embedded import EmbeddedEngine
from retrieval.question import understand
from retrieval.types import Passage, Query

TEXTS = {
    1: ("Oleg Antonov spoke of Ukraine and NATO in Lavrentsk.", "en"),
    2: ("Министр Глеб Ракитин и посол Зеленский говорили о Лаврове.", "ru"),
    3: ("The herring quota stays.", "en"),
}


async def engine() -> EmbeddedEngine:
    found = await EmbeddedEngine.open()
    await found.add([Passage(number, 0, text, language=language) for number, (text, language) in TEXTS.items()])
    return found


def asked(question: str) -> Query:
    return understand(question, now=dt.date(2024, 1, 1))


async def found_by(question: str) -> list[int]:
    index = await engine()
    query = asked(question)
    result = await index.search(query)
    unknown = [term for term, idf in result.idf.items() if not idf]
    query = await index.respelled(query, unknown)
    return [hit.article_id for hit in (await index.search(query)).hits]


@pytest.mark.parametrize("question", ["Антонов", "об Антонове", "слова Антонову", "нато", "Украина", "в Украине"])
async def test_a_name_in_cyrillic_finds_its_latin_spelling(question: str) -> None:
    assert await found_by(question) == [1]


@pytest.mark.parametrize("question", ["Rakitin", "Zelensky", "Lavrov", "Gleb"])
async def test_a_name_in_latin_letters_finds_its_cyrillic_spelling(question: str) -> None:
    assert await found_by(question) == [2]


@pytest.mark.parametrize("question", ["Борисов", "Volkov", "сельдь", "1999", "я"])
async def test_what_no_article_has_in_either_script_finds_nothing(question: str) -> None:
    assert await found_by(question) == []


async def test_words_that_are_known_are_left_as_they_were_asked() -> None:
    index, query = await engine(), asked('herring Антонов "the quota"')

    other = await index.respelled(query, ["антон"])

    assert other.words == query.words.replace("Антонов", "antonov")
    assert other.text == query.text
    assert await index.respelled(query, []) is query


@pytest.mark.parametrize(("wrong", "right", "article"), [("ukran", "ukrain", 1), ("ракитен", "ракитин", 2)])
async def test_a_word_with_a_slip_is_near_the_right_one(wrong: str, right: str, article: int) -> None:
    (near,) = await (await engine()).near([wrong])

    assert (near.term, near.article_id, near.index) == (right, article, 0)


async def test_nothing_is_near_numbers_short_words_and_what_is_unlike_all() -> None:
    assert await (await engine()).near(["2024", "ab", "zzzzzzzz", ""]) == []


async def test_words_of_removed_articles_are_not_offered() -> None:
    index = await engine()
    await index.remove([1])

    assert await index.near(["ukran"]) == []
    assert (await index.respelled(asked("Антонов"), ["антон"])).words == "Антонов"


async def test_a_russian_word_whose_stem_changes_is_found_in_another_form() -> None:
    index = await EmbeddedEngine.open()
    await index.add([Passage(1, 0, "Плёнка пропала из архива.", language="ru")])
    query = asked("Сколько пленок исчезло?")
    assert not (await index.search(query)).hits
    result = await index.search(await index.respelled(query, ["пленок", "исчезл"]))
    assert "пленк" in result.hits[0].terms
