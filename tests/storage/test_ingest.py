from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from retrieval.reading import Document
from retrieval.types import Article
from storage import articles as stored_articles
from storage.database import Database
from storage.exceptions import SourceError
from storage.ingest import LoadReport, load
from storage.models import ArticleVersionRow, SourceRow
from storage.readers import IN_THREAD
from storage.sources import Item
from tests.storage.conftest import NOW, Desk

LATER = NOW + dt.timedelta(days=1)


async def stored(database: Database) -> list[Article]:
    async with database.reading() as session:
        return [article async for chunk in stored_articles.stream_articles(session) for article in chunk]


async def fingerprint(database: Database) -> str:
    async with database.reading() as session:
        return await stored_articles.fingerprint(session)


def texts(articles: list[Article]) -> list[tuple[str, ...]]:
    return [tuple(paragraph.text for paragraph in article.paragraphs) for article in articles]


async def test_loading_twice_changes_nothing(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The ferry to Lindholm is late.")

    first = await desk.load()
    before, mark = await stored(desk.database), await fingerprint(desk.database)
    second = await desk.load(now=LATER)

    assert first == LoadReport(added=2)
    assert second == LoadReport(unchanged=2)
    assert await stored(desk.database) == before
    assert await fingerprint(desk.database) == mark
    assert desk.changes == []


async def test_what_is_stored_is_what_was_read(desk: Desk) -> None:
    desk.write("a", "“The port is open,” Mayor Ada Berg said.", "Ships wait.", title="Port opens", external_id="x1")

    await desk.load()

    (article,) = await stored(desk.database)
    assert article.title == "Port opens"
    assert article.external_id == "x1"
    assert article.first_seen == NOW
    assert texts([article]) == [("“The port is open,” Mayor Ada Berg said.", "Ships wait.")]
    assert [change.articles for change in desk.changes] == [(article,)]
    assert desk.changes[-1].fingerprint == await fingerprint(desk.database)


async def test_a_changed_article_keeps_its_identity_and_its_old_words_as_a_version(desk: Desk) -> None:
    desk.write("a", "The bridge costs 3 million.")
    await desk.load()
    (old,) = await stored(desk.database)
    desk.write("a", "The bridge costs 4 million.", "The first figure was wrong.")

    report = await desk.load(now=LATER)

    (new,) = await stored(desk.database)
    assert report == LoadReport(updated=1)
    assert (new.id, new.first_seen) == (old.id, old.first_seen)
    assert texts([new]) == [("The bridge costs 4 million.", "The first figure was wrong.")]
    assert [change.articles for change in desk.changes] == [(new,)]
    async with desk.database.reading() as session:
        version = await session.get_one(ArticleVersionRow, (old.id, 1))
        assert version.content["paragraphs"] == [["The bridge costs 3 million.", None]]
        assert version.superseded_at == LATER


async def test_a_change_outside_the_text_makes_no_version(desk: Desk) -> None:
    desk.write("a", "The bridge costs 3 million.")
    await desk.load()
    desk.write("a", "The bridge costs 3 million.", section="Economy")

    assert await desk.load() == LoadReport(updated=1)
    assert [article.section for article in await stored(desk.database)] == ["Economy"]
    async with desk.database.reading() as session:
        assert (await session.scalars(select(ArticleVersionRow))).all() == []


async def test_an_article_that_is_gone_is_hidden_and_comes_back(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The ferry to Lindholm is late.")
    await desk.load()
    a, b = await stored(desk.database)
    kept = desk.sources["desk"].pop("a")

    assert await desk.load() == LoadReport(unchanged=1, removed=1)
    assert await stored(desk.database) == [b]
    assert [change.removed for change in desk.changes] == [(a.id,)]

    desk.sources["desk"]["a"] = kept
    assert await desk.load() == LoadReport(added=1, unchanged=1)
    assert await stored(desk.database) == [a, b]
    assert await desk.load() == LoadReport(unchanged=2)


async def test_what_a_feed_no_longer_names_stays(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    await desk.load(lists_all=False)
    del desk.sources["desk"]["a"]

    assert await desk.load(lists_all=False) == LoadReport()
    assert len(await stored(desk.database)) == 1


async def test_a_file_that_cannot_be_read_for_once_keeps_its_articles(desk: Desk) -> None:
    desk.write("/f/list.jsonl#1", "The port of Osthavn opened on Monday.")
    desk.write("/f/list.jsonl#2", "The ferry to Lindholm is late.")
    desk.write("/f/b.txt", "The mayor has a cold.")
    await desk.load()
    desk.sources["desk"] = {"/f/list.jsonl": "is cut short"}

    report = await desk.load()

    assert report == LoadReport(removed=1, rejected=(("/f/list.jsonl", "is cut short"),))
    assert len(await stored(desk.database)) == 2


async def test_one_bad_article_never_stops_the_rest(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.sources["desk"]["b"] = "is not UTF-8"
    desk.write("c", "...")
    desk.write("d", "The ferry to Lindholm is late.")

    report = await desk.load()

    assert (report.added, len(report.rejected)) == (2, 2)
    assert dict(report.rejected).keys() == {"b", "c"}


async def test_one_bad_source_never_stops_the_rest(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")

    def sources(address: str) -> Iterator[Item]:
        if address == "nowhere":
            raise SourceError(address, "no such file or folder")
        yield from desk.items(address)
        if address == "cut":
            raise SourceError(address, "the connection broke")

    desk.write("b", "The ferry to Lindholm is late.", address="cut")
    report = await desk.load("nowhere", "cut", "desk", sources=sources)

    assert report.added == 2
    assert report.rejected == (("nowhere", "no such file or folder"), ("cut", "the connection broke"))
    async with desk.database.reading() as session:
        rows = {row.address: row.last_error for row in await session.scalars(select(SourceRow))}
    assert rows == {"nowhere": "no such file or folder", "cut": "the connection broke", "desk": None}


async def test_a_source_that_broke_off_hides_nothing(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The ferry to Lindholm is late.")
    await desk.load()

    def broken(address: str) -> Iterator[Item]:
        yield next(desk.items(address))
        raise SourceError(address, "the disk is gone")

    await desk.load("desk", sources=broken)

    assert len(await stored(desk.database)) == 2


async def test_the_same_text_in_another_source_is_one_article(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.", title="Port")
    desk.write("z", "The port of Osthavn   opened on monday", title="PORT", address="other")

    assert await desk.load() == LoadReport(added=1, unchanged=1)
    assert await desk.load() == LoadReport(unchanged=2)
    assert len(await stored(desk.database)) == 1


async def test_the_same_text_twice_in_one_load_is_one_article(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("b", "The port of Osthavn opened on Monday.")

    assert await desk.load() == LoadReport(added=1, unchanged=1)
    assert await desk.load() == LoadReport(unchanged=2)


async def test_the_same_words_on_another_day_are_another_article(desk: Desk) -> None:
    desk.write("a", "Rates did not change.", dates={"data": "2024-05-01"})
    desk.write("b", "Rates did not change.", dates={"data": "2024-05-02"})

    assert await desk.load() == LoadReport(added=2)


async def test_the_same_address_with_the_same_title_in_another_source_is_one_article(desk: Desk) -> None:
    desk.write("a", "Summary of the port.", title="Port opens", url="https://www.example.org/port/?utm_source=feed")
    desk.write("z", "Whole text.", title="Port opens", url="http://example.org/port", address="other")

    assert await desk.load() == LoadReport(added=1, unchanged=1)
    assert texts(await stored(desk.database)) == [("Summary of the port.",)]


async def test_different_articles_that_give_one_address_stay_apart(desk: Desk) -> None:
    desk.write("a", "The port is open.", title="Port", url="https://example.org/news")
    desk.write("b", "The ferry is late.", title="Ferry", url="https://example.org/news")
    desk.write("z", "The mayor is ill.", title="Mayor", url="https://example.org/news", address="other")

    assert await desk.load() == LoadReport(added=3)


async def test_different_articles_under_one_key_stay_apart(desk: Desk) -> None:
    first = Document(paragraphs=("The port of Osthavn opened on Monday.",))
    second = Document(paragraphs=("The ferry to Lindholm is late.",))

    def sources(_: str) -> Iterator[Item]:
        return iter([Item("guid", first), Item("guid", second), Item("guid", first), Item("guid", second)])

    assert await desk.load("desk", sources=sources) == LoadReport(added=2, unchanged=2)
    assert await desk.load("desk", sources=sources) == LoadReport(unchanged=4)


async def test_a_renamed_file_is_the_same_article(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    await desk.load()
    before = await stored(desk.database)
    desk.sources["desk"]["b"] = desk.sources["desk"].pop("a")

    assert await desk.load() == LoadReport(unchanged=1)
    assert await stored(desk.database) == before

    desk.write("b", "The port of Osthavn opened on Tuesday.")
    assert await desk.load() == LoadReport(updated=1)


async def test_an_article_follows_its_first_source_and_then_the_other(desk: Desk) -> None:
    desk.write("a", "The port of Osthavn opened on Monday.")
    desk.write("z", "The port of Osthavn opened on Monday.", address="other")
    await desk.load()
    desk.write("z", "The port of Osthavn opened on Friday.", address="other")
    assert await desk.load() == LoadReport(unchanged=2)

    del desk.sources["desk"]["a"]
    await desk.load()

    assert texts(await stored(desk.database)) == [("The port of Osthavn opened on Friday.",)]
    assert await desk.load() == LoadReport(unchanged=1)


async def test_a_file_reached_alone_and_in_its_folder_is_one_article_that_either_corrects(desk: Desk) -> None:
    desk.write("/f/a.txt", "The port of Osthavn opened on Monday.", address="/f")
    desk.sources["/f/a.txt"] = desk.sources["/f"]
    await desk.load("/f")
    assert await desk.load("/f/a.txt") == LoadReport(unchanged=1)

    desk.write("/f/a.txt", "The port of Osthavn opened on Tuesday.", address="/f")
    assert await desk.load("/f/a.txt") == LoadReport(updated=1)
    assert await desk.load("/f") == LoadReport(unchanged=1)

    desk.sources["/f"].clear()
    assert await desk.load("/f") == LoadReport(removed=1)


async def test_a_newer_reader_reads_again_what_is_stored_without_its_source(desk: Desk) -> None:
    desk.write("a", "“The port is open,” Mayor Ada Berg said.")
    await desk.load()
    before = await stored(desk.database)
    del desk.sources["desk"]

    assert await desk.load(reader_version=2) == LoadReport()
    assert desk.progress == [(0, "articles read again")]
    assert await stored(desk.database) == before
    await desk.load(reader_version=2)
    assert desk.progress == []


async def test_what_a_newer_reader_finds_is_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("a", "“The port is open,” Mayor Ada Berg said.")
    with monkeypatch.context() as patch:
        patch.setattr("retrieval.reading.document.reread", lambda article: article)  # a reader that finds no quotes
        await desk.load()
    (before,) = await stored(desk.database)

    report = await desk.load("desk", lists_all=False, sources=lambda _: iter(()), reader_version=2)

    (after,) = await stored(desk.database)
    assert report == LoadReport(updated=1)
    assert (len(before.quotes), len(after.quotes)) == (0, 1)
    assert [change.articles for change in desk.changes] == [(after,)]


async def test_a_load_that_was_interrupted_is_carried_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.ingest.BATCH", 10)
    for number in range(60):
        desk.write(f"{number}", f"The ferry number {number} is late.")

    def broken(address: str) -> Iterator[Item]:
        for number, item in enumerate(desk.items(address)):
            if number == 45:
                raise RuntimeError("killed")
            yield item

    with pytest.raises(RuntimeError, match="killed"):
        await desk.load("desk", sources=broken)
    saved = len(await stored(desk.database))

    assert 0 < saved < 45
    assert await desk.load() == LoadReport(added=60 - saved, unchanged=saved)
    assert len(await stored(desk.database)) == 60


async def test_two_loads_at_once_make_no_doubles(desk: Desk) -> None:
    for number in range(60):
        desk.write(f"{number}", f"The ferry number {number} is late.")

    first, second = await asyncio.gather(desk.load(), desk.load())

    assert first.added + second.added == 60
    assert len(await stored(desk.database)) == 60


async def test_many_articles_are_read_in_other_processes_with_the_same_result(sqlite_desk: Desk) -> None:
    for number in range(IN_THREAD + 60):
        sqlite_desk.write(f"{number}", f"“Ferry {number} is late,” Captain Ada Berg said.")
    sqlite_desk.write("bad", "...")

    report = await sqlite_desk.load()

    assert (report.added, [name for name, _ in report.rejected]) == (IN_THREAD + 60, ["bad"])
    assert sqlite_desk.progress[-1] == (IN_THREAD + 61, "desk")
    texts_quoted = [article.quotes[0].text for article in await stored(sqlite_desk.database)]
    assert texts_quoted == [f"Ferry {number} is late," for number in range(IN_THREAD + 60)]


async def test_files_in_a_folder_are_loaded(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "port.txt").write_text("Port opens\n\nOSTHAVN, May 5. /NORD/. The port is open.\n\nShips wait.")
    (folder / "ferry.jsonl").write_text('{"id": "f1", "text": "The ferry is late."}\n{"broken\n')

    report = await load(database, [str(folder)], now=NOW)

    assert report.added == 2
    assert [name for name, _ in report.rejected] == [f"{folder}/ferry.jsonl#2"]
    os.remove(folder / "port.txt")
    assert (await load(database, [str(folder)], now=NOW)).removed == 1
