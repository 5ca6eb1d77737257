from __future__ import annotations

import pytest

from storage.sources.feed import is_feed, parse_feed
from storage.sources.listing import Entry, Listing

ADDRESS = "https://nord.example/feed.xml"
PARAGRAPH = "The harbour master of Osthavn said on Tuesday that the old pier would be closed for repairs until spring."


def rss(*items: str, channel: str = "<title>Nord &amp; South</title>", encoding: str = "utf-8") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f'{declaration}<rss version="2.0"><channel>{channel}{"".join(items)}</channel></rss>'.encode()


def item(**tags: str) -> str:
    return "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in tags.items()) + "</item>"


def only(listing: Listing) -> Entry:
    (entry,) = listing.entries
    return entry


def test_an_rss_item_becomes_an_entry_that_leads_to_its_page() -> None:
    body = rss(
        item(
            title="Pier &amp;amp; port &lt;b&gt;closed&lt;/b&gt;",
            link="/news/1?a=1&amp;b=2",
            guid="n-1",
            pubDate="Tue, 07 Sep 2021 01:30:00 +0300",
            category="Economy",
            description="&lt;p&gt;First   one.&lt;/p&gt;&lt;p&gt;Second &amp;lt; third.&lt;script&gt;x()",
        ),
        channel="<title>Nord &amp; South</title><language>en-gb</language><ttl>60</ttl>",
    )
    listing = parse_feed(body, ADDRESS)
    entry = only(listing)
    assert (listing.title, listing.ttl_s) == ("Nord & South", 3600)
    assert entry.key == entry.page == "https://nord.example/news/1?a=1&b=2"
    document = entry.document
    assert document.title == "Pier & port closed"
    assert document.paragraphs == ("First one.", "Second < third.")
    assert (document.source, document.section, document.language) == ("Nord & South", "Economy", "en-gb")
    assert document.external_id == "n-1"


def test_an_atom_entry_becomes_an_entry_with_its_whole_content() -> None:
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Север</title><entry><id>tag:1</id><title>Порт</title>
      <link rel="alternate" href="https://nord.example/a"/><updated>2024-05-03T23:30:00-05:00</updated>
      <summary>Short.</summary><content type="html">&lt;p&gt;{PARAGRAPH}&lt;/p&gt;</content></entry></feed>""".encode()
    entry = only(parse_feed(body, ADDRESS))
    assert entry.page == "https://nord.example/a"
    assert entry.document.paragraphs == (PARAGRAPH,)
    assert entry.document.dates == {"feed": "2024-05-03T23:30:00-05:00"}


@pytest.mark.parametrize(
    ("stated", "stamp"),
    [
        ("Tue, 07 Sep 2021 01:30:00 +0300", "2021-09-07T01:30:00+03:00"),  # the day of the feed's own zone
        ("Tue, 07 Sep 21 01:30:00 GMT", "2021-09-07T01:30:00+00:00"),
        ("2021-09-07", "2021-09-07T00:00:00"),
        ("2021-09-07T01:30:00Z", "2021-09-07T01:30:00+00:00"),
        ("yesterday", None),
        ("Tue, 32 Sep 2021 25:61:00 +9999", None),
    ],
)
def test_a_stamp_keeps_the_day_that_the_feed_states(stated: str, stamp: str | None) -> None:
    entry = only(parse_feed(rss(item(title="x", pubDate=stated)), ADDRESS))
    assert entry.document.dates.get("feed") == stamp


def test_items_that_share_a_guid_but_differ_in_link_and_text_are_different_articles() -> None:
    items = [item(guid="same", link=f"/{n}", title=f"Title {n}", description=PARAGRAPH + str(n)) for n in range(3)]
    assert len({entry.key for entry in parse_feed(rss(*items), ADDRESS).entries}) == 3


def test_items_without_links_that_share_a_guid_are_told_apart_by_their_words() -> None:
    items = [item(guid="same", title=f"Title {n}", description=PARAGRAPH + str(n)) for n in range(3)]
    listing = parse_feed(rss(*items), ADDRESS)
    assert len({entry.key for entry in listing.entries}) == 3
    assert {entry.key for entry in parse_feed(rss(*items[::-1]), ADDRESS).entries} == {e.key for e in listing.entries}


def test_items_that_all_lead_to_one_page_are_kept_by_their_own_texts() -> None:
    items = [item(guid=str(n), link="/live", title=f"Title {n}", description=PARAGRAPH + str(n)) for n in range(3)]
    entries = parse_feed(rss(*items), ADDRESS).entries
    assert [entry.page for entry in entries] == [None] * 3
    assert len({entry.key for entry in entries}) == 3


def test_a_front_page_is_no_articles_page() -> None:
    entry = only(
        parse_feed(rss(item(guid="7", link="https://nord.example/", title="x", description=PARAGRAPH)), ADDRESS)
    )
    assert (entry.key, entry.page) == (f"{ADDRESS}#7", None)


def test_the_same_item_twice_is_one_entry() -> None:
    twice = item(guid="1", link="/1", title="Title", description="Short.")
    assert len(parse_feed(rss(twice, twice), ADDRESS).entries) == 1


def test_a_mark_changes_with_what_is_said_and_the_key_stays() -> None:
    before = only(parse_feed(rss(item(guid="1", link="/1", title="Title", description="One.")), ADDRESS))
    after = only(parse_feed(rss(item(guid="1", link="/1", title="Title", description="Two.")), ADDRESS))
    again = only(parse_feed(rss(item(guid="1", link="/1", title="Title", description="One.")), ADDRESS))
    assert (before.key, before.mark) == (again.key, again.mark)
    assert before.key == after.key
    assert before.mark != after.mark


def test_other_schemes_than_the_webs_are_no_pages() -> None:
    for link in ("javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.example", "http://[::1"):
        assert only(parse_feed(rss(item(title="x", link=link)), ADDRESS)).page is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("declared", ["utf-8", "windows-1251", "no-such-encoding"])
def test_a_feed_is_read_whatever_encoding_it_claims(encoding: str, declared: str) -> None:
    title = "Начальник порта рассказал о ремонте старого причала"
    body = rss(item(title=title), encoding=declared).decode().encode(encoding)
    assert (
        only(parse_feed(body, ADDRESS, "text/xml; charset=iso-8859-1" * (encoding == "utf-8"))).document.title == title
    )


@pytest.mark.parametrize("body", [b"", b"<html><body>Not here</body></html>", b"\x01\x02\x00", b"{}"])
def test_what_is_no_feed_is_told_so(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a feed|is empty|NUL"):
        parse_feed(body, ADDRESS)


def test_a_feed_shows_in_its_root() -> None:
    assert is_feed(b'<rss version="2.0">')
    assert is_feed(b"<rdf:RDF >")
    assert is_feed(b"<atom:feed >")
    assert not is_feed(b"<html><rss>")
