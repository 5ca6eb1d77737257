from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from retrieval.types import Article
from storage import articles as stored
from storage.articles import Changes
from storage.database import Database
from storage.exceptions import SourceError
from storage.ingest import LoadReport
from storage.polling import Found, Polling, PollReport
from storage.sources.fetch import Fetcher
from storage.sources.web import Web
from storage.sources.worker import Workers
from tests.storage.conftest import changes
from tests.storage.site import Request, Site, reply

pytestmark = pytest.mark.asyncio(loop_scope="module")  # they share one worker process

NOW = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
SENTENCE = "The harbour master of Osthavn said on Tuesday that pier {} would be closed for repairs until the spring."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web() -> AsyncIterator[Web]:
    async with Fetcher(allow=[ipaddress.ip_network("127.0.0.0/8")]) as fetcher, Workers(count=1) as workers:
        yield Web(fetcher, workers)


class Newsroom:
    """A site with a feed, and a database that keeps up with it."""

    def __init__(self, database: Database, site: Site, web: Web) -> None:
        self.database = database
        self.site = site
        self.now = NOW
        self.changes: list[Changes] = []
        self.items: list[str] = []
        self.polling = Polling(
            database,
            web,
            configured=[site.url("/feed")],
            interval_s=300,
            clock=lambda: self.now,
            jitter=lambda: 0.0,
        )
        site.routes["/feed"] = self._feed
        self.feed_headers: dict[str, str] = {}
        self.feed_status = 200

    def _feed(self, request: Request, _: asyncio.StreamWriter) -> bytes:
        body = f'<rss version="2.0"><channel><title>Nord</title>{"".join(self.items)}</channel></rss>'
        if self.feed_status != 200:
            return reply("", self.feed_status, **self.feed_headers)
        etag = f'"{abs(hash(body))}"'
        if request.headers.get("if-none-match") == etag:
            return reply(status=304)
        return reply(body, ETag=etag, **self.feed_headers)

    def publish(self, number: int, *, text: str | None = None, page: bool = True, **tags: str) -> None:
        """An item of the feed and its page, whose text names the number."""
        tags = {"title": f"Pier {number}", "link": f"/{number}", "guid": f"g{number}"} | tags
        self.items.insert(0, "<item>" + "".join(f"<{n}>{v}</{n}>" for n, v in tags.items() if v) + "</item>")
        if page:
            self.write_page(number, text or SENTENCE.format(number))

    def write_page(self, number: int, text: str) -> None:
        body = f"<html><body><article><p>{text}</p><p>Ships wait outside number {number}.</p></article></body></html>"
        self.site.routes[f"/{number}"] = reply(body, Content_Type="text/html")

    async def poll(self, **later: float) -> PollReport:
        self.now += dt.timedelta(**later)
        self.site.requests.clear()
        async with self.database.reading() as session:
            before = await stored.fingerprint(session)
        report = await self.polling.poll_due()
        self.changes = await changes(self.database, before)
        return report

    async def articles(self) -> list[Article]:
        async with self.database.reading() as session:
            return [article async for part in stored.stream_articles(session) for article in part]


@pytest_asyncio.fixture(loop_scope="module")
async def room(tmp_path: Path, web: Web) -> AsyncIterator[Newsroom]:
    async with Database(f"sqlite+aiosqlite:///{tmp_path}/q.db") as database, Site() as site:
        await database.upgrade()
        yield Newsroom(database, site, web)


async def test_a_feeds_articles_are_read_from_their_pages_once(room: Newsroom) -> None:
    room.publish(1)
    room.publish(2)
    first = await room.poll()
    assert first.loaded == LoadReport(added=2)
    assert sorted(room.site.paths()) == ["/1", "/2", "/feed", "/robots.txt"]
    second = await room.poll(seconds=300)
    assert second.loaded == LoadReport(unchanged=2)
    assert room.site.paths() == ["/feed"]
    assert room.changes == []
    room.publish(3)
    third = await room.poll(seconds=300)
    assert third.loaded == LoadReport(added=1, unchanged=2)
    assert room.site.paths() == ["/feed", "/3"]
    assert [len(article.paragraphs) for article in await room.articles()] == [2, 2, 2]


async def test_a_source_is_not_looked_at_before_its_time(room: Newsroom) -> None:
    room.publish(1)
    await room.poll()
    assert (await room.poll(seconds=299)).looked_at == 0
    assert room.site.requests == []


async def test_what_a_feed_and_its_server_ask_for_is_waited_even_when_nothing_changed(room: Newsroom) -> None:
    room.items.append("<ttl>60</ttl>")
    room.publish(1)
    await room.poll()
    assert (await room.poll(minutes=59)).looked_at == 0
    assert (await room.poll(minutes=1)).looked_at == 1  # 304 says nothing of the ttl
    assert (await room.poll(minutes=59)).looked_at == 0
    room.feed_headers = {"Cache_Control": "max-age=7200"}
    room.publish(2)
    assert (await room.poll(minutes=1)).loaded.added == 1
    assert (await room.poll(minutes=119)).looked_at == 0


async def test_a_server_that_asks_for_patience_gets_it(room: Newsroom) -> None:
    room.feed_status, room.feed_headers = 429, {"Retry_After": "7200"}
    report = await room.poll()
    assert report.loaded.rejected == ((room.site.url("/feed"), "the server asks us to come less often (429)"),)
    assert (await room.poll(minutes=119)).looked_at == 0
    room.feed_status = 200
    room.publish(1)
    assert (await room.poll(minutes=1)).loaded == LoadReport(added=1)


async def test_a_feed_that_is_gone_is_switched_off_and_the_admins_are_told_once(room: Newsroom) -> None:
    room.publish(1)
    await room.poll()
    room.feed_status = 410
    report = await room.poll(seconds=300)
    assert report.switched_off == ((room.site.url("/feed"), "gone for good (410)"),)
    assert (await room.poll(days=30)).looked_at == 0
    (health,) = await room.polling.list_sources()
    assert (health.off_since, health.error, health.articles) == (
        NOW + dt.timedelta(seconds=300),
        "gone for good (410)",
        1,
    )


async def test_a_feed_that_answers_with_a_page_has_failed_and_its_page_is_no_article(room: Newsroom) -> None:
    room.publish(1)
    await room.poll()
    excuse = (
        "<html><body><p>We are sorry, this site is being repaired and will be back before the day is over.</p></body>"
    )
    kept, room.site.routes["/feed"] = room.site.routes["/feed"], reply(excuse, Content_Type="text/html")
    report = await room.poll(seconds=300)
    assert report.loaded.rejected == ((room.site.url("/feed"), "answers with a web page instead of a feed"),)
    room.site.routes["/feed"] = kept
    assert (await room.poll(seconds=600)).loaded == LoadReport(unchanged=1)
    assert len(await room.articles()) == 1


async def test_a_feed_that_fails_for_a_week_is_switched_off_once_and_a_load_that_works_switches_it_on(
    room: Newsroom,
) -> None:
    room.feed_status = 500
    switched_off = []
    for _ in range(60):
        switched_off += (await room.poll(hours=6)).switched_off
    assert len(switched_off) == 1
    room.feed_status = 200
    room.publish(1)
    assert (await room.polling.load()).loaded == LoadReport(added=1)
    assert (await room.poll(seconds=300)).looked_at == 1


@pytest.mark.parametrize("again", ["", "other"])
async def test_the_same_text_under_another_guid_or_page_is_no_new_article(room: Newsroom, again: str) -> None:
    room.publish(1)
    await room.poll()
    room.items.clear()
    room.publish(1, guid="another", title="Pier 1", link=f"/1{again}")
    room.site.routes["/1other"] = room.site.routes["/1"]
    report = await room.poll(seconds=300)
    assert (report.loaded.added, report.loaded.updated) == (0, 0)
    assert room.changes == []
    assert len(await room.articles()) == 1


async def test_a_corrected_article_is_a_new_version_of_the_same(room: Newsroom) -> None:
    room.publish(1)
    await room.poll()
    (before,) = await room.articles()
    room.items.clear()
    room.publish(
        1, text="The old pier stays open after all, the harbour master of Osthavn said.", description="Corrected."
    )
    report = await room.poll(seconds=300)
    assert report.loaded == LoadReport(updated=1)
    (after,) = await room.articles()
    assert (after.id, after.first_seen) == (before.id, before.first_seen)
    assert after.paragraphs[0].text.startswith("The old pier stays open")


async def test_items_that_share_a_guid_are_different_articles(room: Newsroom) -> None:
    for number in range(3):
        room.publish(number, guid="the-same")
    assert (await room.poll()).loaded == LoadReport(added=3)


async def test_items_without_guid_link_or_date_are_kept_by_their_words(room: Newsroom) -> None:
    for number in range(2):
        room.publish(number, guid="", link="", page=False, description=SENTENCE.format(number))
    assert (await room.poll()).loaded == LoadReport(added=2)
    room.items.insert(0, "<item><title>Other</title><description>Short.</description></item>")
    report = await room.poll(seconds=300)
    assert (report.loaded.added, report.loaded.unchanged) == (1, 2)
    assert {article.date for article in await room.articles()} == {None}


async def test_an_article_whose_page_fails_is_kept_from_its_summary_and_read_whole_later(room: Newsroom) -> None:
    room.publish(1, page=False, description=SENTENCE.format(1) + " (summary)")
    room.publish(2, page=False, description="Read more.")
    report = await room.poll()
    assert report.loaded == LoadReport(added=1, rejected=((room.site.url("/2"), "not found (404)"),))
    for number in (1, 2):
        room.write_page(number, SENTENCE.format(number))
    assert (await room.poll(minutes=59)).loaded == LoadReport(unchanged=2)
    assert (await room.poll(minutes=5)).loaded == LoadReport(added=1, updated=1)
    first, second = await room.articles()
    assert [len(first.paragraphs), len(second.paragraphs)] == [2, 2]


async def test_a_summary_never_takes_the_place_of_a_whole_article(room: Newsroom) -> None:
    room.publish(1)
    await room.poll()
    room.items.clear()
    room.publish(1, page=False, description=SENTENCE.format(1) + " (changed)")
    room.site.routes["/1"] = reply("", 500)
    assert (await room.poll(seconds=300)).loaded == LoadReport(unchanged=1)
    assert len((await room.articles())[0].paragraphs) == 2
    room.write_page(1, "The old pier stays open after all, the harbour master of Osthavn said.")
    assert (await room.poll(hours=2)).loaded == LoadReport(updated=1)


async def test_a_page_that_never_comes_is_given_up_after_some_tries(room: Newsroom) -> None:
    room.publish(1, page=False)
    await room.poll()
    asked = 0
    for _ in range(40):
        await room.poll(hours=12)
        asked += room.site.paths().count("/1")
    assert asked == 4


@pytest.mark.parametrize(
    ("stamp", "date"),
    [
        ("Mon, 06 May 2024 01:00:00 +0300", "2024-05-06"),
        ("Tue, 07 May 2024 01:00:00 +1400", "2024-05-07"),  # there it is the seventh already
        ("Mon, 06 May 2100 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("", None),
    ],
)
async def test_a_stamp_that_cannot_be_true_is_not_believed(room: Newsroom, stamp: str, date: str | None) -> None:
    room.now = NOW + dt.timedelta(hours=5)
    room.publish(1, pubDate=stamp)
    await room.poll()
    (article,) = await room.articles()
    assert (str(article.date) if article.date else None) == date
    assert article.first_seen == room.now


async def test_adding_a_source_tries_it_then_fills_it_in_and_removing_it_keeps_the_articles(room: Newsroom) -> None:
    room.publish(1)
    address = room.site.url("/feed")
    polling = Polling(room.database, room.polling._web, configured=[], interval_s=300, clock=lambda: room.now)
    assert await polling.try_source(address) == Found(address, "feed", "Nord", 1, ("Pier 1",))
    assert await polling.list_sources() == []
    assert (await polling.add_source(address)).loaded == LoadReport(added=1)
    (health,) = await polling.list_sources()
    assert (health.kind, health.articles, health.per_day, health.error) == ("feed", 1, 0.1, None)
    assert health.last_success == NOW
    assert await polling.remove_source(address)
    assert not await polling.remove_source(address)
    assert await polling.list_sources() == []
    assert len(await room.articles()) == 1


async def test_a_configured_source_that_was_removed_stays_removed(room: Newsroom) -> None:
    assert await room.polling.remove_source(room.site.url("/feed"))
    assert (await room.poll()).looked_at == 0
    assert (await room.polling.load()).looked_at == 0


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/feed", "http://10.0.0.1/", "ftp://a.example/", "no/such/folder"]
)
async def test_an_address_that_is_no_source_is_told_in_one_line(room: Newsroom, address: str) -> None:
    with pytest.raises(SourceError) as caught:
        await room.polling.try_source(address)
    assert "\n" not in caught.value.reason


async def test_one_bad_source_never_stops_the_others(room: Newsroom) -> None:
    room.publish(1)
    report = await room.polling.load(
        ["no/such/folder", "http://10.0.0.1/", room.site.url("/gone"), room.site.url("/feed")]
    )
    assert report.loaded.added == 1
    assert [name for name, _ in report.loaded.rejected][1:] == ["http://10.0.0.1/", room.site.url("/gone")]


async def test_a_round_that_is_interrupted_passes_nothing_over(room: Newsroom) -> None:
    for number in range(30):
        room.publish(number)
    stalled = asyncio.Event()

    async def stall(request: Request, writer: asyncio.StreamWriter) -> None:
        stalled.set()
        await asyncio.sleep(60)

    kept, room.site.routes["/3"] = room.site.routes["/3"], stall
    task = asyncio.create_task(room.poll())
    await stalled.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    room.site.routes["/3"] = kept
    report = await room.poll(seconds=300)
    assert report.loaded.added + report.loaded.unchanged == 30
    assert len(await room.articles()) == 30


async def test_a_folder_is_read_again_only_when_a_file_in_it_changed(room: Newsroom, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(SENTENCE.format(1))
    room.now = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    polling = Polling(
        room.database, room.polling._web, configured=[str(folder)], interval_s=300, clock=lambda: room.now
    )
    assert (await polling.poll_due()).loaded == LoadReport(added=1)
    room.now += dt.timedelta(minutes=6)
    (folder / "a.txt").chmod(0)
    assert (await polling.poll_due()).loaded == LoadReport(unchanged=1)  # nothing was opened
    (folder / "a.txt").unlink()
    room.now += dt.timedelta(minutes=6)
    assert (await polling.poll_due()).loaded == LoadReport(removed=1)


async def test_ten_thousand_old_articles_come_in_without_being_news(room: Newsroom) -> None:
    """The date that an article states is what tells news from a first load: it is kept, and so is when it was seen."""
    for number in range(40):
        room.publish(
            number, page=False, description=SENTENCE.format(number), link="", pubDate="Tue, 07 Sep 2021 01:30:00 GMT"
        )
    assert (await room.poll()).loaded.added == 40
    assert {str(article.date) for change in room.changes for article in change.articles} == {"2021-09-07"}
