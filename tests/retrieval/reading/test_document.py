"""From what a source hands over to an article; the contract on paragraphs, to the letter."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from retrieval.exceptions import ReadingError
from retrieval.reading import Document, read
from retrieval.types import Article, Paragraph

TODAY = dt.date(2024, 12, 1)
SEED = Path(__file__).parents[3].parent / "shared" / "seed" / "antonov-foreign-policy.txt"

DISPATCH = """Talks on herring begin in Osthavn – Business & Economy


OSTHAVN, March 14. / NORD /. The talks will not be short, Fisheries Minister Marta Veldhuis said on Tuesday.

” Why ? Because they never are. ” she said.

Two sides, one stock

“We have  waited ,”\u00a0Brandvik answered.

Source link


Comments are closed.
"""


def article(text: str, **fields: object) -> Article:
    return read(Document(text=text, **fields), TODAY)  # type: ignore[arg-type]


def texts(read_article: Article) -> list[str]:
    return [paragraph.text for paragraph in read_article.paragraphs]


def test_a_dispatch_is_taken_apart() -> None:
    found = article(DISPATCH)
    assert found.title == "Talks on herring begin in Osthavn"
    assert found.section == "Business & Economy"
    assert found.source == "NORD"
    assert found.language == "en"
    assert found.dateline is not None
    assert (found.dateline.place, str(found.dateline.date), found.dateline.agency) == ("OSTHAVN", "XXXX-03-14", "NORD")
    assert found.paragraphs[0].text[found.dateline.end :].startswith("The talks will not be short")
    assert (str(found.date), found.date_origin) == ("XXXX-03-14", "dateline")
    assert [paragraph.heading for paragraph in found.paragraphs] == [None, None, "Two sides, one stock"]


def test_paragraphs_keep_their_characters() -> None:
    assert texts(article(DISPATCH)) == [
        "OSTHAVN, March 14. / NORD /. The talks will not be short, Fisheries Minister Marta Veldhuis said on Tuesday.",
        "” Why ? Because they never are. ” she said.",
        "“We have  waited ,”\u00a0Brandvik answered.",
    ]
    assert texts(article("One\nline, another\r\nline.\n\n\u2003Two. \n")) == ["One\nline, another\r\nline.", "Two."]


def test_what_the_source_states_comes_before_what_the_text_shows() -> None:
    found = article(DISPATCH, title="Herring", source="The Observer", section="Fish", language="ru-RU", external_id="7")
    assert (found.title, found.source, found.section, found.language) == ("Herring", "The Observer", "Fish", "ru")
    assert found.external_id == "7"
    assert found.dateline is not None
    assert found.dateline.agency == "NORD"


def test_a_headline_that_repeats_the_title_is_no_paragraph() -> None:
    found = article("Talks on herring begin.\n\nThe talks began.\n\nThey go on.", title="Talks on Herring begin")
    assert texts(found) == ["The talks began.", "They go on."]


def test_a_text_of_one_paragraph_is_a_paragraph_never_a_title() -> None:
    found = article("Talks on herring begin in Osthavn")
    assert (found.title, texts(found)) == (None, ["Talks on herring begin in Osthavn"])
    found = article("Talks on herring begin in Osthavn\n\nSource link")
    assert (found.title, texts(found)) == (None, ["Talks on herring begin in Osthavn"])


def test_a_first_paragraph_is_no_title() -> None:
    found = article("The talks began.\n\nThey go on.")
    assert (found.title, texts(found)) == (None, ["The talks began.", "They go on."])


def test_line_breaks_part_paragraphs_where_no_blank_line_does_and_set_nothing_off() -> None:
    found = article("Rates rise\nThe bank raised rates.\nMarkets fell.")
    assert (found.title, texts(found)) == (None, ["Rates rise", "The bank raised rates.", "Markets fell."])


def test_a_dateline_on_the_next_line_sets_a_headline_off() -> None:
    found = article("Talks begin\nOSTHAVN, May 2. /NORD/. They will be long.\nNobody minds.")
    assert (found.title, len(found.paragraphs)) == ("Talks begin", 2)
    found = article("Talks begin\nOSTHAVN, May 2. /NORD/. They will be long.\n\nNobody minds.")
    assert (found.title, len(found.paragraphs)) == ("Talks begin", 2)


def test_a_byte_order_mark_belongs_to_no_paragraph() -> None:
    assert texts(article("\ufeff The talks began.\n\n\ufeffThey go on.")) == ["The talks began.", "They go on."]


def test_given_paragraphs_are_taken_at_their_word() -> None:
    given = ("Short first line", " The talks began. ", "Two positions", "They go on.", "", Paragraph("Late.", "Later"))
    found = read(Document(paragraphs=given), TODAY)
    assert found.title is None
    assert texts(found) == ["Short first line", "The talks began.", "Two positions", "They go on.", "Late."]
    assert [paragraph.heading for paragraph in found.paragraphs] == [None, None, None, None, "Later"]


def test_a_subhead_needs_text_behind_it_and_a_list_is_no_subhead() -> None:
    body = "The talks began.\n\nHerring\n\nCod\n\nSprat\n\nThey go on.\n\nThe end of it"
    found = article(body, title="T")
    assert texts(found) == ["The talks began.", "Herring", "Cod", "Sprat", "They go on.", "The end of it"]
    assert {paragraph.heading for paragraph in found.paragraphs} == {None}


def test_a_dispatch_whose_lines_are_its_paragraphs_has_its_subheads() -> None:
    found = article("Talks begin\nOSTHAVN, May 2. /NORD/. They will be long.\nTwo positions\nNobody minds.")
    assert found.paragraphs[1:] == (Paragraph("Nobody minds.", "Two positions"),)


def test_headings_of_markdown_are_headings() -> None:
    found = article("# Talks begin\n\nThey will be long.\n\n## What next?\n\nNobody knows.")
    assert found.title == "Talks begin"
    assert found.paragraphs == (Paragraph("They will be long."), Paragraph("Nobody knows.", "What next?"))


def test_a_date_and_a_byline_over_the_text_are_read_and_are_no_paragraphs() -> None:
    found = article("Talks begin\n\nBy Nora Quist\n\nPublished: 9 November 2023\n\nThey will be long.\n\nNobody minds.")
    assert texts(found) == ["They will be long.", "Nobody minds."]
    assert (str(found.date), found.date_origin) == ("2023-11-09", "dateline")
    found = article("Talks begin\n\nOSTHAVN, May 2. /NORD/.\n\nThey will be long.")
    assert (found.dateline and found.dateline.place, texts(found)) == ("OSTHAVN", ["They will be long."])


@pytest.mark.parametrize(
    ("line", "date", "source"),
    [
        ("10.10.2023 Источник: Вестник", "2023-10-10", "Вестник"),
        ("10.10.2023, 14:05 | Source: «Harbour Post»", "2023-10-10", "Harbour Post"),
        ("10 октября Источник: vestnik.example", "XXXX-10-10", "vestnik.example"),
        ("10.10.2023 Источник: https://vestnik.example/1", "2023-10-10", None),
    ],
)
@pytest.mark.parametrize(
    "text", ["{}\n\nTalks begin\n\nThey began.\n\nThey go on.", "Talks begin\n{}\nThey began.\nEnd."]
)
def test_a_line_of_date_and_source_is_read_and_is_neither_title_nor_paragraph(
    text: str, line: str, date: str, source: str | None
) -> None:
    found = article(text.format(line))
    assert (found.title, texts(found)[0], str(found.date), found.source) == ("Talks begin", "They began.", date, source)


def test_a_sentence_behind_a_date_is_no_source() -> None:
    line = "10.10.2023 Source: people near the talks said that they were long. They were."
    found = article(f"Talks begin\n\n{line}\n\nThey go on.")
    assert (found.date, found.source, texts(found)[0]) == (None, None, line)


def test_a_dateline_on_its_own_line_is_read_and_no_quotation_begins_with_it() -> None:
    found = article("GRENAU, DC – March 3, 2023 –\n\nThe court fined Acme, Ann Lee said.\n\nIt did.")
    assert (str(found.date), found.quotes[0].text) == ("2023-03-03", "The court fined Acme")
    found = article("GRENAU, DC – March 3, 2023 – The court fined Acme, Ann Lee said.\n\nIt did.")
    assert (str(found.date), found.quotes[0].text) == ("2023-03-03", "The court fined Acme")


def test_a_year_comes_from_the_source_and_says_so() -> None:
    found = article(DISPATCH, dates={"front matter": "2024-03-15"})
    assert (str(found.date), found.date_origin) == ("2024-03-14", "front matter")
    assert str(found.dateline.date) == "XXXX-03-14"  # type: ignore[union-attr]


def test_no_date_is_no_date() -> None:
    found = article("The talks began on Friday.\n\nIt was 31 December.")
    assert (found.date, found.date_origin, found.dateline) == (None, None, None)


@pytest.mark.parametrize(("language", "read_as"), [(None, "ru"), ("en", "en"), ("de", "ru"), ("ru_RU", "ru")])
def test_the_language_is_the_stated_one_or_that_of_the_script(language: str | None, read_as: str) -> None:
    assert article("Переговоры начались в Osthavn.", language=language).language == read_as


@pytest.mark.parametrize("text", ["", " \n\n ", "?!", "* * *", "Source link", "12 345", "\ufeff", "a\0b", "a\ud800b"])
def test_nothing_to_read_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ReadingError) as refusal:
        article(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "\n " * 10_000 + "a",
        "A / " * 5_000,
        "A, " * 5_000,
        "December 31, " * 2_000,
        "(Reuters) - " * 2_000,
        "a" + " " * 10_000 + "b",
        "Sub Head\n\n" * 2_000,
        "Read more: " * 2_000,
        "\x01\x1b[31m\u202e herring",
    ],
    ids=range(9),
)
def test_odd_texts_are_read(text: str) -> None:
    document = Document(text=text)
    assert read(document, TODAY).paragraphs


@pytest.mark.skipif(not SEED.exists(), reason="the seed article is not beside the project")
def test_the_seed_article_is_understood() -> None:
    found = article(SEED.read_text(encoding="utf-8"))
    assert found.title == ("Russian Ambassador says no one should doubt Russia is determined to defend its security")
    assert (found.section, found.source) == ("Russian Politics & Diplomacy", "TASS")
    assert found.dateline is not None
    assert (found.dateline.place, str(found.date)) == ("WASHINGTON", "XXXX-12-31")
    assert list(dict.fromkeys(p.heading for p in found.paragraphs)) == [None, "NATO and Ukraine", "Eastward expansion"]
    assert found.paragraphs[-1].text.endswith("Antonov wrote.")
