"""What a Russian form can be, as pymorphy3's own analyzer tells it."""

import pymorphy3
import pytest

from retrieval.reading.dictionary import forms, in_dictionary, inflected, readings

ANALYZER = pymorphy3.MorphAnalyzer(lang="ru")
WORDS = """стали ели еще ещё берет все всё её елка живет Мария Петрова Анатольевича МИДе кабмин пресс-служба экс-министр
штольца бергстрём кто-нибудь ростелекомов сталь-то что о ж перелез передел веселее ел е ёж 35-летняя""".split()


@pytest.mark.parametrize("word", WORDS)
def test_a_form_has_the_readings_that_the_analyzer_gives_it_in_its_order(word: str) -> None:
    parses = [p for p in ANALYZER.parse(word.lower()) if len(word) > 1 or p.tag.POS != "NOUN"]
    found = readings(word)
    assert [(r.lemma, r.pos) for r in found] == [(p.normal_form, str(p.tag.POS or "")) for p in parses]
    assert [r.score for r in found] == pytest.approx([p.score for p in parses])
    assert in_dictionary(word) == ANALYZER.word_is_known(word.lower())


def test_what_is_no_russian_word_has_no_reading() -> None:
    assert readings("Reuters") == readings("") == readings("а" * 100_000) == ()
    assert not in_dictionary("а" * 100_000)


def test_forms_are_all_that_a_word_takes_and_one_can_be_asked_for() -> None:
    assert {"сказал", "сказала", "сказав"} <= {form.lemma for form in forms("сказать")}
    reading = readings("министерству")[0]
    assert (inflected("министерству", reading, {"nomn"}), inflected("министерству", reading, {"VERB"})) == (
        "министерство",
        None,
    )
