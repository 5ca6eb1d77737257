from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import pytest

from retrieval.types import Article, Dateline, Paragraph, PartialDate, Quotation, Speaker
from storage.articles import (
    CHUNK,
    Counts,
    changes_since,
    count,
    find_article,
    find_articles,
    fingerprint,
    latest,
    stream_articles,
)
from storage.codec import ARTICLE_COLUMNS, decode_article, encode_article
from storage.database import Database
from tests.storage.conftest import NOW, Desk

FULL = Article(
    paragraphs=(Paragraph("“We sail,” Berg said. 🚢", "Ships"), Paragraph("Паром «Лина» опоздал.")),
    title="‘We sail’",
    external_id="x",
    section="Sea",
    source="NORD",
    url="https://example.org/1",
    language="en",
    dateline=Dateline("OSTHAVN", PartialDate(None, 12, 31), "NORD", 4),
    date=PartialDate(None, 12, 31),
    date_origin="dateline",
    quotes=(
        Quotation(
            "We sail,", 0, 1, 9, "direct", Speaker("Ada Berg", "mayor", "Berg", "stated"), "said", "after", 0.9, 1
        ),
        Quotation("We sail", None, 1, 8, "direct"),
        Quotation("Лина", 1, 7, 11, "direct", Speaker(None, None, "a source", "from_context"), None, "near", 0.5, 2),
    ),
    id=7,
    first_seen=NOW,
)


def test_an_article_is_the_same_after_it_was_a_row() -> None:
    row = {"id": 7, "first_seen_at": NOW, **encode_article(FULL)}

    assert decode_article([row[name] for name in ARTICLE_COLUMNS]) == FULL


def test_the_example_fills_every_field_so_that_none_is_lost_unseen() -> None:
    for value in (FULL, FULL.dateline, FULL.paragraphs[0], FULL.quotes[0], FULL.quotes[0].speaker):
        fields = msgspec.structs.fields if isinstance(value, msgspec.Struct) else dataclasses.fields
        for field in fields(value):  # type: ignore[arg-type]
            assert getattr(value, field.name) not in (None, (), ""), field.name


async def test_articles_are_found_by_id_in_the_order_asked_for(desk: Desk) -> None:
    for number in range(CHUNK + 5):
        desk.write(f"{number}", f"The ferry number {number} is late.")
    await desk.load()
    wanted = [CHUNK + 3, 2, 999, 2, 40]

    async with desk.database.reading() as session:
        found = await find_articles(session, wanted)
        everything = await find_articles(session, range(CHUNK + 5, 0, -1))
        assert [article.id for article in found] == [CHUNK + 3, 2, 40]
        assert [article.id for article in everything] == list(range(CHUNK + 5, 0, -1))
        assert await find_article(session, 2) == found[1]
        assert await find_article(session, 999) is None


async def test_hidden_articles_are_never_given(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The ferry to Lindholm is late.")
    await desk.load()
    del desk.sources["desk"]["a"]
    await desk.load()

    async with desk.database.reading() as session:
        assert await find_article(session, 1) is None
        assert [article.id for article in await find_articles(session, [1, 2])] == [2]
        assert [article.id for article in await latest(session)] == [2]
        assert [[article.id for article in chunk] async for chunk in stream_articles(session)] == [[2]]
        assert (await count(session)).articles == 1


async def test_the_latest_articles_come_by_when_they_were_first_seen(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The ferry to Lindholm is late.")
    await desk.load(now=NOW)
    desk.write("c", "The mayor has a cold.")
    desk.write("a", "The port of Osthavn opened on Tuesday.")  # corrected, which makes it no newer
    await desk.load(now=NOW + dt.timedelta(hours=1))

    async with desk.database.reading() as session:
        assert [article.id for article in await latest(session)] == [3, 2, 1]
        assert [article.id for article in await latest(session, limit=1, offset=1)] == [2]


async def test_everything_is_counted(desk: Desk) -> None:
    desk.write("a", "“We sail,” Mayor Ada Berg said.", "“We wait,” Berg said.", dates={"data": "2024-05-01"})
    desk.write("b", "The ferry to Lindholm is late.", dates={"data": "2021-12-31"})
    desk.write("c", "The mayor has a cold.")
    await desk.load()

    async with desk.database.reading() as session:
        assert await count(session) == Counts(3, 4, 2, 1, 3, ("2021-12-31", "2024-05-01"))


async def test_an_empty_database_counts_nothing(database: Database) -> None:
    async with database.reading() as session:
        assert await count(session) == Counts(0, 0, 0, 0, 0, None)
        assert await latest(session) == []


async def test_dates_without_a_year_are_counted_when_there_are_no_others(desk: Desk) -> None:
    desk.write("a", "OSTHAVN, December 31. /NORD/. The port is open.")
    await desk.load()

    async with desk.database.reading() as session:
        assert (await count(session)).dates == ("XXXX-12-31", "XXXX-12-31")


async def test_what_changed_since_a_fingerprint_is_told(desk: Desk) -> None:
    async with desk.database.reading() as session:
        empty = await fingerprint(session)
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The ferry to Lindholm is late.")
    await desk.load()
    (loaded,) = desk.changes
    desk.write("c", "The mayor has a cold.")
    del desk.sources["desk"]["a"]
    await desk.load()

    async with desk.database.reading() as session:
        now = await fingerprint(session)
        stream = await changes_since(session, loaded.fingerprint)
        assert stream is not None
        (told,) = [part async for part in stream]
        assert [article.id for article in told.articles] == [3]
        assert (told.removed, told.fingerprint) == ((1,), now)
        from_nothing = await changes_since(session, empty)
        assert from_nothing is not None
        assert [[article.id for article in part.articles] async for part in from_nothing] == [[2, 3]]
        up_to_date = await changes_since(session, now)
        assert up_to_date is not None
        assert [part async for part in up_to_date] == []


async def test_an_index_that_was_interrupted_in_the_middle_of_the_changes_misses_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.ingest.BATCH", 3)
    monkeypatch.setattr("storage.articles.CHUNK", 4)
    async with desk.database.reading() as session:
        known = await fingerprint(session)
    for number in range(20):
        desk.write(f"{number}", f"The ferry number {number} is late.")
    await desk.load()

    taken: list[int] = []
    rounds = 0
    while True:  # takes in one part, and is interrupted
        async with desk.database.reading() as session:
            stream = await changes_since(session, known)
            assert stream is not None
            part = await anext(stream, None)
            if part is None:
                break
        known, rounds = part.fingerprint, rounds + 1
        taken += [article.id for article in part.articles]

    assert rounds > 3
    assert set(taken) == set(range(1, 21))


@pytest.mark.parametrize("known", ["", "0123456789abcdef:1", "no fingerprint"])
async def test_an_index_of_another_database_must_begin_anew(database: Database, known: str) -> None:
    async with database.reading() as session:
        assert await changes_since(session, known) is None


async def test_an_index_that_is_ahead_of_its_database_must_begin_anew(database: Database) -> None:
    async with database.reading() as session:
        name, _, number = (await fingerprint(session)).rpartition(":")
        assert await changes_since(session, f"{name}:{int(number) + 1}") is None
