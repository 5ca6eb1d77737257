from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.types import Article, Paragraph, PartialDate
from storage.identity import text_hash, url_key
from storage.plan import Add, Join, Known, Look, Note, Read, Revise, Stored, look, plan

LEADING = Known(origin_id=1, article_id=7, content_hash="h", leads=True, gone=False, hidden=False, reader_version=1)
FOLLOWING = replace(LEADING, leads=False)


@pytest.mark.parametrize(
    ("known", "content_hash", "expected"),
    [
        (None, "h", Look.READ),
        (LEADING, "h", Look.SAME),
        (LEADING, "changed", Look.READ),
        (replace(LEADING, reader_version=0), "h", Look.READ),
        (replace(LEADING, hidden=True, gone=True), "h", Look.READ),
        (replace(LEADING, origin_id=None), "h", Look.NOTE),
        (FOLLOWING, "h", Look.SAME),
        (FOLLOWING, "changed", Look.NOTE),
        (replace(FOLLOWING, gone=True), "h", Look.NOTE),
        (replace(FOLLOWING, reader_version=0), "h", Look.SAME),
        (replace(FOLLOWING, hidden=True), "h", Look.READ),
    ],
)
def test_only_what_may_change_an_article_is_read(known: Known | None, content_hash: str, expected: Look) -> None:
    assert look(content_hash, known, reader_version=1) is expected


def read(key: str, text: str, *, title: str | None = None, url: str | None = None, date: int | None = None) -> Read:
    article = Article((Paragraph(text),), title=title, url=url, date=PartialDate(date) if date else None)
    return Read(key, f"hash of {text}", article, text_hash(article), url_key(url))


def stored(item: Read, *, hidden: bool = False, sources: frozenset[int] = frozenset({1})) -> Stored:
    return Stored(replace(item.article, id=7), item.text_hash, item.url_key, hidden, sources)


def test_a_new_text_is_added_and_its_copy_joins_it() -> None:
    port, copy, ferry = read("a", "The port is open."), read("b", "the PORT is open"), read("c", "The ferry is late.")

    first, joined, second = plan(1, [port, copy, ferry], {}, [], 1)

    assert (first, second) == (Add(port), Add(ferry))
    assert isinstance(joined, Join)
    assert (joined.read, joined.article_id, joined.earlier) == (copy, None, first)


def test_a_text_that_is_stored_joins_its_article_unless_the_dates_disagree() -> None:
    old = stored(read("a", "Rates did not change.", date=2023))

    same, undated, other = (read("b", "Rates did not change.", date=year) for year in (2023, None, 2024))

    assert plan(1, [same, undated], {}, [old], 1) == [Join(same, 7), Join(undated, 7)]
    assert plan(1, [other], {}, [old], 1) == [Add(other)]


def test_a_hidden_article_that_is_met_again_comes_back_once() -> None:
    old = stored(read("a", "The port is open."), hidden=True)
    one, two = read("b", "The port is open."), read("c", "The port is open.")

    assert plan(1, [one, two], {}, [old], 1) == [Revise(one, old, None), Join(two, 7)]


def test_one_address_is_one_article_across_sources_when_the_words_agree() -> None:
    url = "https://example.org/port"
    old = stored(read("a", "A summary.", title="Port opens", url=url))
    agrees = read("b", "The whole text.", title="Port opens", url=url)
    disagrees = read("c", "The mayor is ill.", title="Mayor ill", url=url)

    assert plan(2, [agrees, disagrees], {}, [old], 1) == [Join(agrees, 7), Add(disagrees)]
    assert plan(1, [agrees], {}, [old], 1) == [Add(agrees)]


def test_a_known_place_revises_its_article_or_is_noted() -> None:
    old = stored(read("a", "The port is open."))
    new = read("a", "The port is closed.")

    (revision,) = plan(1, [new], {"a": LEADING}, [old], 1)

    assert isinstance(revision, Revise)
    assert revision.corrects
    assert revision.article == replace(new.article, id=7)
    assert plan(1, [new], {"a": FOLLOWING}, [old], 1) == [Note("a", new.content_hash, FOLLOWING)]
