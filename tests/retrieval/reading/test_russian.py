"""Russian dispatches, all invented: who said what, in every form that news uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.reading.russian import find_quotations
from retrieval.types import Article, Dateline, Paragraph, Quotation


@dataclass(frozen=True)
class Dispatch:
    """One of `russian_dispatches.txt`."""

    name: str
    title: str | None
    text: str
    said: list[tuple[str, str, str, str]]  # kind, speaker, role, words


def dispatches() -> list[Dispatch]:
    out = []
    for block in Path(__file__).with_name("russian_dispatches.txt").read_text("utf-8").split("=== ")[2:]:
        name, *lines = block.strip().split("\n")
        title = lines.pop(0)[2:] if lines[0].startswith("# ") else None
        text = "\n".join(line for line in lines if not line.startswith("> "))
        said = [tuple(p.strip() for p in line[2:].split("|")) for line in lines if line.startswith("> ")]
        out.append(Dispatch(name, title, text, [(kind, who, role, words) for kind, who, role, words in said]))
    return out


def read(text: str, title: str | None = None) -> tuple[Quotation, ...]:
    dateline = text.find("¦")
    paragraphs = tuple(Paragraph(p.strip()) for p in text.replace("¦", "").strip().split("\n\n"))
    stated = Dateline(end=dateline - len(text) + len(text.lstrip())) if dateline >= 0 else None
    return find_quotations(Article(paragraphs, title=title, language="ru", dateline=stated))


@pytest.mark.parametrize("dispatch", dispatches(), ids=lambda d: d.name)
def test_every_quotation_has_its_words_kind_and_speaker(dispatch: Dispatch) -> None:
    found = read(dispatch.text, dispatch.title)
    for quotation, (kind, who, role, words) in zip(found, dispatch.said, strict=False):
        speaker = quotation.speaker
        assert (quotation.kind, quotation.text) == (kind, words)
        if who.startswith("~"):
            assert speaker is not None
            assert (speaker.name, speaker.as_written) == (None, who[1:])
        else:
            assert ((speaker and speaker.name) or "") == who
        if role:
            assert speaker is not None
            assert speaker.role == role
    assert len(found) == len(dispatch.said)


@pytest.mark.parametrize(
    "text",
    [
        "Он хотел сказать, что устал.",
        "Министр Павел Дроздов не сказал, что будет дальше.",
        "Дроздов сказал бы, что всё хорошо.",
        "Роман «Обломов» я прочёл в детстве.",
        "Фильм «Тихий берег» получил приз, а газета «Волна» закрылась.",
        "— первый пункт списка;",
        "Так называемая «новая экономика» не принесла результатов.",
        "Жители города Антоново вышли на улицу.",
    ],
)
def test_what_nobody_says_is_no_quotation(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Нина Ветрова опровергла, что завод закроют.", ["опровергла, что завод закроют"]),
        ("Нина Ветрова отвергла, что завод закроют.", ["отвергла, что завод закроют"]),
        ("Нина Ветрова сомневается, что завод закроют.", ["сомневается, что завод закроют"]),
        ("Нина Ветрова отрицает, что знала, и добавила, что рада.", ["отрицает, что знала", "рада"]),
        ("Отрицая, что знала, Нина Ветрова заявила, что рада.", ["Отрицая, что знала", "рада"]),
        ("Нина Ветрова не отрицает, что завод закроют.", ["завод закроют"]),
        ("Нина Ветрова не исключила, что завод закроют.", ["завод закроют"]),
        ("Нина Ветрова опровергла слухи: завод не закроют.", ["завод не закроют"]),
    ],
)
def test_a_denial_is_read_with_its_verb(text: str, words: list[str]) -> None:
    found = read(text)
    assert [(q.kind, q.text, q.speaker and q.speaker.name) for q in found] == [
        ("indirect", one, "Нина Ветрова") for one in words
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Завод закроют, опровергла Нина Ветрова.",
        "Опровергла Нина Ветрова, что завод закроют.",
        "Нина Ветрова не опровергла, что завод закроют.",
        "Нина Ветрова опровергла «слухи о закрытии».",
        "Завод закрыт. При этом Нина Ветрова отрицает вину.",
    ],
)
def test_a_denial_that_cannot_be_read_with_its_verb_is_no_quotation(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize("case", ["По словам {}, всё готово.", "По мнению {}, всё готово.", "Со слов {}, всё готово."])
@pytest.mark.parametrize(
    ("genitive", "name"),
    [
        ("Павла Дроздова", "Павел Дроздов"),
        ("Нины Ветровой", "Нина Ветрова"),
        ("Александра Петрова", "Александр Петров"),
        ("Александры Петровой", "Александра Петрова"),
        ("Юлии Щукиной", "Юлия Щукина"),
        ("Йохана Штайна", "Йохан Штайн"),
        ("Греты Вольф", "Грета Вольф"),
    ],
)
def test_a_name_in_the_genitive_is_shown_in_the_nominative(case: str, genitive: str, name: str) -> None:
    (quotation,) = read(case.format(genitive))
    assert quotation.text == "всё готово"
    assert quotation.speaker is not None
    assert quotation.speaker.name == name
    assert quotation.speaker.certainty == "stated"


def test_two_people_with_one_surname_are_never_merged() -> None:
    found = read("Иван Громов и Пётр Громов спорили. Громов сказал, что прав. Пётр Громов возразил, что нет.")
    first, second = (q.speaker for q in found)
    assert first is not None
    assert first.name == "Громов"  # which of the two, the article does not say
    assert second is not None
    assert second.name == "Пётр Громов"


def test_a_pronoun_with_two_candidates_names_neither() -> None:
    (found,) = read("Иван Громов встретился с послом, с ними был Пётр Дёмин.\n\n«Всё хорошо», — сказал он.")
    assert found.speaker is not None
    assert (found.speaker.name, found.speaker.as_written, found.speaker.certainty) == (None, "он", None)


def test_a_pronoun_names_only_a_person_of_its_gender() -> None:
    (found,) = read("Иван Громов встретился с Ниной Ветровой.\n\n«Всё хорошо», — сказала она.")
    assert found.speaker is not None
    assert (found.speaker.name, found.speaker.certainty) == ("Нина Ветрова", "stated")


def test_a_quotation_left_open_goes_on_in_the_next_paragraph() -> None:
    found = read("Мэр Нина Ветрова сказала: «Мы строим мост.\n\n«Он будет готов летом».")
    assert [(q.text, q.speaker and q.speaker.name) for q in found] == [
        ("Мы строим мост.", "Нина Ветрова"),
        ("Он будет готов летом", "Нина Ветрова"),
    ]


def test_a_headline_quotation_has_no_paragraph_and_comes_first() -> None:
    found = read("Мэр Нина Ветрова сказала, что мост готов.", "Ветрова: мост готов")
    assert [(q.paragraph, q.start, q.speaker and q.speaker.name) for q in found] == [
        (None, 9, "Нина Ветрова"),
        (0, 30, "Нина Ветрова"),
    ]


def test_segments_of_one_utterance_share_a_group() -> None:
    first, second, third = read("«Да, — сказал Иван Громов. — Мы готовы». По его словам, всё решено.")
    assert first.group == second.group != third.group


PIECES = st.sampled_from(
    [
        *"«»„“”\"'—-–.,:;!?…() \n",
        "сказал ",
        "сказала ",
        "что ",
        "по словам ",
        "он ",
        "Пётр ",
        "Дёмин ",
        "Об этом ",
        "МИД ",
        "и ",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join), st.lists(PIECES, max_size=20).map("".join))
def test_any_text_gives_exact_spans(text: str, title: str) -> None:
    article = Article((Paragraph(text), Paragraph(title)), title=title, language="ru")
    for quotation in find_quotations(article):
        source = title if quotation.paragraph is None else article.paragraphs[quotation.paragraph].text
        assert quotation.text == source[quotation.start : quotation.end] != ""
        assert quotation.text == quotation.text.strip()


@pytest.mark.parametrize(
    "piece", ["«", '"', "сказал, что ", "он сказал ", "Пётр Дёмин, ", "— а ", "«Да, — сказал он. — Нет». "]
)
def test_hostile_text_is_read_to_its_end(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    for quotation in find_quotations(Article((Paragraph(text),), title=text[:300], language="ru")):
        assert quotation.text


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Министр обороны Торейна Анри Кастеллан заявил, что флот готов.", "Анри Кастеллан", "Министр обороны Торейна"),
        ("«Да», — сказала министр Велдмарка Марта Велдхейс.", "Марта Велдхейс", "министр Велдмарка"),
        ("«Ждём», — заявил глава союза Остхавна Йонас Брандвик.", "Йонас Брандвик", "глава союза Остхавна"),
    ],
)
def test_a_place_no_dictionary_has_belongs_to_the_role_not_to_the_name(text: str, name: str, role: str) -> None:
    (quotation,) = find_quotations(Article((Paragraph(text),), language="ru"))

    assert quotation.speaker is not None
    assert (quotation.speaker.name, quotation.speaker.role) == (name, role)


@pytest.mark.parametrize("amount", ["5%", "5 %", "20 °C", "100 ₽", "18+", "$5"])
def test_a_sign_after_a_number_belongs_to_the_words(amount: str) -> None:
    (found,) = read(f"По данным министерства, показатель вырос до {amount}.")
    assert found.text == f"показатель вырос до {amount}"
