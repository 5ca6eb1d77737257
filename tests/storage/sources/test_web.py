from __future__ import annotations

import asyncio
import gzip
import ipaddress
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from storage.exceptions import FetchError, FetchRefused, ParseError, StatusError
from storage.sources.fetch import Fetcher
from storage.sources.web import Web
from storage.sources.worker import Workers
from tests.storage.site import Answer, Request, Site, redirect, reply

# One loop for all tests here, since they share one worker process: starting one takes a third of a second.
pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
SENTENCE = "The harbour master of Osthavn said on Tuesday that the old pier would be closed for repairs until spring."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(count=1) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def web(workers: Workers) -> AsyncIterator[Web]:
    async with Fetcher(allow=LOOPBACK) as fetcher:
        yield Web(fetcher, workers)


def article(title: str = "Pier closed", text: str = SENTENCE, head: str = "") -> str:
    paragraphs = "".join(f"<p>{text} ({number})</p>" for number in range(3))
    return f"<html><head><title>{title}</title>{head}</head><body><article>{paragraphs}</article></body></html>"


def feed(*links: str) -> str:
    items = "".join(f"<item><title>Item {link}</title><link>{link}</link></item>" for link in links)
    return f'<rss version="2.0"><channel><title>Nord</title>{items}</channel></rss>'


def sitemap(*addresses: str, root: str = "urlset", each: str = "url", more: str = "") -> str:
    entries = "".join(f"<{each}><loc>{address}</loc>{more}</{each}>" for address in addresses)
    return f'<?xml version="1.0"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{root}>'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (feed("/1"), "feed"),
        ("\n\n<!-- made by hand -->\n" + feed("/1"), "feed"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id><title>x</title></entry></feed>', "feed"),
        (sitemap("http://a.example/1"), "sitemap"),
        ("<!DOCTYPE html>\n" + article(), "page"),
        (article(), "page"),
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "application/xml", ""])
async def test_what_an_address_is_shows_in_its_content_alone(web: Web, body: str, kind: str, content_type: str) -> None:
    async with Site({"/x.jpg": reply(body, Content_Type=content_type)}) as site:
        look = await web.look(site.url("/x.jpg"))
    assert look.kind == kind
    assert look.listing is not None
    assert len(look.listing.entries) == 1


async def test_a_feed_in_utf_16_is_found_to_be_one(web: Web) -> None:
    async with Site({"/": reply(feed("/1").encode("utf-16"))}) as site:
        assert (await web.look(site.url())).kind == "feed"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(""), "is empty"),
        (reply(" \n "), "is empty"),
        (reply(b"%PDF-1.7 ...", Content_Type="application/pdf"), "neither feed nor sitemap nor page"),
        (reply(b"\x89PNG\r\n\x1a\n", Content_Type="image/png"), "neither feed nor sitemap nor page"),
        (reply(gzip.compress(b"x" * 100)[:-9], Content_Type="application/gzip"), "cut off"),
        (reply(gzip.compress(bytes(16 << 20)), Content_Type="application/gzip"), "longer than 15 MiB when unpacked"),
        (reply("<html><body></body></html>", Content_Type="text/html"), "no text"),
    ],
)
async def test_what_is_no_source_is_told_in_one_line(web: Web, answer: bytes, words: str) -> None:
    async with Site({"/": answer}) as site:
        with pytest.raises(ParseError, match=words):
            await web.look(site.url())


@pytest.mark.parametrize(
    ("answer", "words", "retry"),
    [
        (reply("", 410), "gone", 0),
        (reply("", 404), "not found", 0),
        (reply("", 429, Retry_After="120"), "less often", 120),
        (reply("", 503, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"), "503", 0),
        (reply("", 503, Retry_After="soon"), "503", 0),
    ],
)
async def test_an_answer_without_content_is_an_error_with_what_the_server_asks_for(
    web: Web, answer: bytes, words: str, retry: float
) -> None:
    async with Site({"/": answer}) as site:
        with pytest.raises(StatusError, match=words) as caught:
            await web.look(site.url())
    assert caught.value.retry_after_s == retry


async def test_the_state_is_told_to_the_server_and_304_says_that_nothing_changed(web: Web) -> None:
    def answer(request: Request, _: asyncio.StreamWriter) -> bytes:
        if request.headers.get("if-none-match") == '"1"':
            return reply(status=304, Cache_Control="max-age=900")
        return reply(feed("/1"), ETag='"1"', Last_Modified="Mon, 06 May 2024 00:00:00 GMT", Cache_Control="no-cache")

    async with Site({"/": answer}) as site:
        first = await web.look(site.url())
        second = await web.look(site.url(), first.etag, first.last_modified)
    assert (first.etag, first.last_modified, first.max_age_s) == ('"1"', "Mon, 06 May 2024 00:00:00 GMT", 0)
    assert (second.listing, second.etag, second.last_modified, second.max_age_s) == (
        None,
        '"1"',
        first.last_modified,
        900,
    )
    assert site.requests[1].headers["if-modified-since"] == first.last_modified


async def test_an_entrys_article_is_its_page_with_what_the_feed_knows_better(web: Web) -> None:
    head = '<meta property="article:published_time" content="2021-01-02">'
    head += '<meta property="og:site_name" content="Nord Daily">'
    routes: dict[str, Answer] = {"/": reply(feed("/1")), "/1": reply(article("Pier closed - Nord", head=head))}
    async with Site(routes) as site:
        look = await web.look(site.url())
        assert look.listing is not None
        document = await web.article(look.listing.entries[0])
    assert document.title == "Item /1"
    assert document.source == "Nord Daily"
    assert document.url == site.url("/1")
    assert document.dates == {"page": "2021-01-02"}
    assert document.paragraphs is not None
    assert [str(getattr(p, "text", p)) for p in document.paragraphs] == [f"{SENTENCE} ({n})" for n in range(3)]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Начальник порта рассказал о ремонте причала".encode("windows-1251"), "text/html; charset=utf-8"),
        ("Начальник порта рассказал о ремонте причала".encode("koi8-r"), "text/html; charset=koi8-r"),
        ("Начальник порта рассказал о ремонте причала".encode(), "text/html; charset=windows-1251"),
        ("Начальник порта рассказал о ремонте причала".encode("utf-16"), "text/html"),
    ],
)
async def test_a_page_is_read_whatever_encoding_its_server_claims(web: Web, body: bytes, content_type: str) -> None:
    tags = ["<html><body><p>", "</p></body></html>"]
    encoded = [tag.encode("utf-16-le" if body[:1] == b"\xff" else "ascii") for tag in tags]
    page = body[:2] * (body[:1] == b"\xff") + encoded[0] + (body[2:] if body[:1] == b"\xff" else body) + encoded[1]
    async with Site({"/": reply(page, Content_Type=content_type)}) as site:
        look = await web.look(site.url())
    assert look.listing is not None
    (paragraph,) = look.listing.entries[0].document.paragraphs or ()
    assert getattr(paragraph, "text", paragraph) == "Начальник порта рассказал о ремонте причала"


async def test_a_page_names_the_feeds_that_would_be_better_sources(web: Web) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    head += "<link type=application/atom+xml href=a.xml>"
    async with Site({"/news/": reply(article(head=head), Content_Type="text/html")}) as site:
        look = await web.look(site.url("/news/"))
        assert look.listing is not None
        assert look.listing.feeds == (site.url("/feed.xml"), site.url("/news/a.xml"))


async def test_a_sitemap_index_leads_to_its_sitemaps_and_one_that_fails_does_not_stop_the_others(web: Web) -> None:
    routes: dict[str, Answer] = {}
    async with Site(routes) as site:
        index = [site.url("/one.xml.gz"), site.url("/missing.xml")]
        routes["/"] = reply(sitemap(*index, root="sitemapindex", each="sitemap"))
        news = "<n:news xmlns:n='urn:news'><n:publication><n:name>Nord</n:name></n:publication>"
        news += "<n:publication_date>2024-05-03</n:publication_date><n:title>Pier &amp; port</n:title></n:news>"
        routes["/one.xml.gz"] = reply(gzip.compress(sitemap("http://a.example/1", more=news).encode()))
        look = await web.look(site.url())
    assert look.listing is not None
    (entry,) = look.listing.entries
    assert (entry.key, entry.page) == ("http://a.example/1", "http://a.example/1")
    assert (entry.document.title, entry.document.source) == ("Pier & port", "Nord")
    assert entry.document.dates == {"feed": "2024-05-03"}


async def test_robots_are_heeded_for_pages_and_asked_for_once(web: Web) -> None:
    rules = reply("User-agent: *\nDisallow: /closed\n")
    routes: dict[str, Answer] = {"/": reply(feed("/closed/1", "/open/1", "/open/2")), "/robots.txt": rules}
    routes |= {path: reply(article(), Content_Type="text/html") for path in ("/closed/1", "/open/1", "/open/2")}
    async with Site(routes) as site:
        look = await web.look(site.url())
        assert look.listing is not None
        closed, *opened = look.listing.entries
        with pytest.raises(FetchRefused, match=r"robots\.txt"):
            await web.article(closed)
        for entry in opened:
            assert (await web.article(entry)).paragraphs
        with pytest.raises(FetchRefused, match=r"robots\.txt"):
            await web.look(site.url("/closed/1"))
    assert site.paths().count("/robots.txt") == 1
    assert site.paths().count("/closed/1") == 1  # to find that it is a page


async def test_a_site_whose_robots_file_breaks_is_left_alone(web: Web) -> None:
    routes: dict[str, Answer] = {"/": reply(feed("/1")), "/robots.txt": reply("", 503), "/1": reply(article())}
    async with Site(routes) as site:
        look = await web.look(site.url())
        assert look.listing is not None
        with pytest.raises(FetchRefused, match=r"robots\.txt"):
            await web.article(look.listing.entries[0])


async def test_a_page_that_is_a_film_is_an_error(web: Web) -> None:
    routes: dict[str, Answer] = {"/": reply(feed("/1")), "/1": reply(b"\0\0\0\x20ftypmp42", Content_Type="video/mp4")}
    async with Site(routes) as site:
        look = await web.look(site.url())
        assert look.listing is not None
        with pytest.raises(ParseError, match="no page of text"):
            await web.article(look.listing.entries[0])


async def test_a_host_is_asked_one_thing_at_a_time_and_not_at_once_again(workers: Workers) -> None:
    under_way = most = 0

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        writer.write(reply(feed("/1")))

    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with Site({"/": answer}) as site:
        async with Fetcher(allow=LOOPBACK, resolver=resolver) as fetcher:
            web = Web(fetcher, workers, delay_s=0.1)
            await asyncio.gather(*(web.look(f"http://news.example:{site.port}/") for _ in range(3)))
        starts = [request.at for request in site.requests]
        assert most == 1
        assert all(later - earlier >= 0.11 for earlier, later in itertools.pairwise(starts))


async def test_what_leads_astray_is_refused_and_says_so(web: Web) -> None:
    async with Site({"/": redirect("http://10.0.0.1/")}) as site:
        with pytest.raises(FetchError, match="FETCH_ALLOW"):
            await web.look(site.url())
    with pytest.raises(FetchError, match="not a web address"):
        await web.look("http://[::1")
