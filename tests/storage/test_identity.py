from __future__ import annotations

import pytest

from retrieval.reading import Document
from retrieval.types import Article, Paragraph
from storage.identity import document_hash, origin_key, text_hash, url_key


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.org/port?id=7",
        "http://example.org:80/port/?utm_source=feed&id=7#top",
        "HTTPS://EXAMPLE.ORG/port?id=7&fbclid=abc",
    ],
)
def test_addresses_of_one_page_have_one_key(address: str) -> None:
    assert url_key(address) == url_key("https://example.org/port?id=7")


@pytest.mark.parametrize(
    "address", ["https://example.org/port?id=8", "https://example.org/Port?id=7", "https://example.com/port?id=7"]
)
def test_addresses_of_other_pages_have_other_keys(address: str) -> None:
    assert url_key(address) != url_key("https://example.org/port?id=7")


@pytest.mark.parametrize("address", [None, "", "https://example.org/", "no address", "http://[broken", "/port"])
def test_what_names_no_page_of_its_own_has_no_key(address: str | None) -> None:
    assert url_key(address) is None


def test_texts_with_the_same_words_have_one_hash() -> None:
    plain = Article((Paragraph("“The port,” he said."), Paragraph("It is open.")), title="Port")
    odd = Article((Paragraph("the  port he said"), Paragraph("It is open!")), title="PORT")
    moved = Article((Paragraph("The port he said It is open."),), title="Port")

    assert text_hash(plain) == text_hash(odd)
    assert text_hash(plain) != text_hash(moved)


def test_every_difference_in_a_document_is_another_hash() -> None:
    document = Document(text="The port is open.")

    assert document_hash(document) == document_hash(Document(text="The port is open."))
    assert document_hash(document) != document_hash(Document(text="The port is open. "))
    assert document_hash(document) != document_hash(Document(text="The port is open.", section="Sea"))


def test_a_very_long_key_is_shortened_and_stays_its_own() -> None:
    assert origin_key("/articles/port.txt") == "/articles/port.txt"
    assert len(origin_key("x" * 5000)) < 600
    assert origin_key("x" * 5000) != origin_key("x" * 5001)
