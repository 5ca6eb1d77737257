"""Russian names and roles in all cases."""

import subprocess
import sys

import pytest

from retrieval.reading.dictionary import readings
from retrieval.reading.morphology import head_nominative, nominative


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Анатолия Дёмина", "Анатолий Дёмин"),
        ("Анатолию Демину", "Анатолий Демин"),
        ("Деминой", "Демина"),
        ("Марией Захаровой", "Мария Захарова"),
        ("Юлия Светлова", "Юлия Светлова"),
        ("Нине Алексеевне Ветровой", "Нина Алексеевна Ветрова"),
        ("Владимира Анатольевича Громова", "Владимир Анатольевич Громов"),
        ("Анны Ильиничны Синей", "Анна Ильинична Синяя"),
        ("Ольгой Белосельской-Белозерской", "Ольга Белосельская-Белозерская"),
        ("А. Б. Петрова", "А. Б. Петров"),
        ("Урсулой фон дер Ляйен", "Урсула фон дер Ляйен"),
        ("Йенса Столтенберга", "Йенс Столтенберг"),
        ("Биньямином Нетаньяху", "Биньямин Нетаньяху"),
        ("Джона Керри", "Джон Керри"),
        ("Хиллари Клинтон", "Хиллари Клинтон"),
        ("Анны Коваленко", "Анна Коваленко"),
        ("Марины Ткач", "Марина Ткач"),
        ("Игорем Ткачом", "Игорь Ткач"),
        ("Льва Толстого", "Лев Толстой"),
        ("Ильи Соловья", "Илья Соловей"),
        ("Ивана Римского-Корсакова", "Иван Римский-Корсаков"),
        ("Си Цзиньпином", "Си Цзиньпин"),
        ("Сергею Шойгу", "Сергей Шойгу"),
    ],
)
def test_a_name_in_any_case_gives_its_nominative(written: str, expected: str) -> None:
    assert nominative(written) == expected


def test_the_case_decides_between_a_man_and_a_woman() -> None:
    assert nominative("Александра Петрова", ("nomn",)) == "Александра Петрова"
    assert nominative("Александра Петрова", ("gent",)) == "Александр Петров"


@pytest.mark.parametrize(
    ("phrase", "case", "expected"),
    [
        ("официального представителя МИД", "gent", "официальный представитель МИД"),
        ("заместителю министра связи", "datv", "заместитель министра связи"),
        ("пресс-службе министерства", "loct", "пресс-служба министерства"),
        ("послом Чили в Канаде", "ablt", "посол Чили в Канаде"),
        ("Министерстве образования и науки", "loct", "Министерство образования и науки"),
        ("некоторых независимых экспертов", "gent", "некоторые независимые эксперты"),
    ],
)
def test_only_the_head_of_a_phrase_is_put_in_the_nominative(phrase: str, case: str, expected: str) -> None:
    assert " ".join(head_nominative(phrase.split(), case)) == expected


def test_what_is_no_russian_word_stays_as_it_is() -> None:
    assert nominative("Reuters") == "Reuters"
    assert nominative("") == ""
    assert readings("а" * 100_000) == ()


def test_the_dictionary_is_opened_only_for_russian() -> None:
    code = """
import sys
from retrieval.reading import morphology, quotations, russian, transliteration
from retrieval.types import Article, Paragraph
quotations.find_quotations(Article((Paragraph('"We agree," Ann Lee said.'),)))
assert "pymorphy3" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
