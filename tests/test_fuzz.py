"""Whatever comes from outside, near to what is real or far from it: no traceback, and the next one is served."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import gzip
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.handlers.cards import ANSWER_VIEWS, PAGES
from bot.links import Link
from retrieval.exceptions import ReadingError
from retrieval.reading import Document, read
from storage.sources.feed import parse_feed
from storage.sources.files import documents_from_bytes
from storage.sources.page import parse_page
from storage.sources.sitemap import parse_sitemap
from tests.bot.archive import fill, quoted
from tests.bot.conftest import _spans_of_time as _spans_of_time
from tests.bot.conftest import api as api
from tests.bot.conftest import new_database as new_database
from tests.bot.conftest import running
from tests.bot.conftest import services as services
from tests.botapi import BotApi
from tests.fakes import FakeServices

TODAY = dt.date(2024, 6, 1)
OPEN: dict[str, Any] = {
    "ask_rate_user_min": 1e6,
    "send_rate_s": 1e6,
    "send_rate_chat_s": 1e6,
    "send_rate_group_min": 1e6,
}


def bounded(examples: int) -> settings:
    health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=health)


USER = {"id": 1001, "is_bot": False, "first_name": "Ann", "language_code": "en"}
MESSAGE = {
    "message_id": 5, "date": 1_700_000_000, "from": USER, "text": "/article 1",
    "chat": {"id": 1001, "type": "private", "first_name": "Ann"},
    "entities": [{"type": "bot_command", "offset": 0, "length": 8}],
    "reply_to_message": {
        "message_id": 4, "date": 1_700_000_000, "from": {"id": 1234567, "is_bot": True, "first_name": "Quotewire"},
        "chat": {"id": 1001, "type": "private"}, "text": "an answer",
    },
}  # fmt: skip
UPDATES: list[tuple[str, dict[str, Any]]] = [
    ("message", MESSAGE),
    ("message", MESSAGE | {"text": "Who spoke of the river?", "entities": []}),
    ("message", MESSAGE | {"chat": {"id": -1001, "type": "supergroup", "title": "Club"}, "text": "/ask river"}),
    ("message", MESSAGE | {"migrate_to_chat_id": -1002, "text": None, "entities": []}),
    ("callback_query", {"id": "1", "from": USER, "chat_instance": "1", "message": MESSAGE, "data": "list.1.1"}),
    ("inline_query", {"id": "1", "from": USER, "query": "river", "offset": ""}),
    ("my_chat_member", {
        "chat": {"id": 1001, "type": "private"}, "from": USER, "date": 1_700_000_000,
        "old_chat_member": {"user": USER, "status": "member"}, "new_chat_member": {"user": USER, "status": "left"},
    }),
]  # fmt: skip
VALUES: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=30)
    | st.sampled_from(["", "/start", "/trend x", "/settings", "/ban 5", "\ud800", "\0", "x" * 5000]),
    int: st.integers(-(2**52), 2**52) | st.integers(-2, 2),
    bool: st.booleans(),
    list: st.just([]),
    dict: st.just({}),
    type(None): st.none(),
}


_NEVER_NULL = ("id", "message_id", "offset", "length")  # the Bot API leaves out what there is not


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything within a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in inner for found in ((*path, key), *places(each, (*path, key)))]


@st.composite
def updates(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An update with one to three things in it replaced or gone."""
    kind, content = copy.deepcopy(draw(st.sampled_from(UPDATES)))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(content)))
        try:
            holder: Any = content
            for key in way:
                holder = holder[key]
            match draw(st.sampled_from(["other", "null", "gone"])):
                case "other":
                    holder[last] = draw(VALUES[type(holder[last])])
                case "null" if last not in _NEVER_NULL:
                    holder[last] = None
                case "gone":
                    del holder[last]
        except (KeyError, IndexError, TypeError):  # an earlier change took it away
            continue
    return kind, content


async def test_any_update_is_served_or_passed_over(
    api: BotApi, services: FakeServices, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(services, tmp_path)
    caplog.set_level(logging.CRITICAL + 1, "telegram.ext.ExtBot")  # as the bot sets it
    ann = api.user("Ann", id=1001)
    async with running(api, services, **OPEN):
        await ann.asks("/start")

        @bounded(60)
        @given(st.lists(updates(), min_size=1, max_size=5))
        def examples(batch: list[tuple[str, dict[str, Any]]]) -> None:
            chosen.extend(batch)

        chosen: list[tuple[str, dict[str, Any]]] = []
        examples()
        for kind, content in chosen:
            api.queue(kind, content)
        await api.until(lambda: not api.updates, what="the end of the updates", timeout_s=60)
        bob = api.user("Bob", id=1003)
        assert "Hello" in (await bob.asks("/start")).text

    assert [record.exc_text or record.getMessage() for record in caplog.records if record.exc_info] == []


async def test_any_callback_data_is_answered(
    api: BotApi, services: FakeServices, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    articles = await fill(services, tmp_path)
    services.answers("river", *(quoted(article) for article in articles[:5]))
    ann, admin = api.user("Ann"), api.user("Admin", id=77)
    async with running(api, services, **OPEN, admin_ids=frozenset({77})):
        answers = [await ann.asks("river"), await admin.asks("river")]
        mine = [b["callback_data"] for answer in answers for b in answer.buttons if "callback_data" in b]
        names = st.sampled_from(sorted({*ANSWER_VIEWS, *PAGES}))
        numbers = st.lists(st.integers(0, 2**62), max_size=4).map(tuple)
        small = st.lists(st.integers(0, 9), max_size=4).map(tuple)
        forged = st.builds(lambda name, n: Link(name, n).data, names, numbers | small)
        wild = st.text(st.characters(codec="utf-8"), min_size=1, max_size=16)
        bent = st.builds(
            lambda data, more: data + more, st.sampled_from(mine), st.sampled_from([".0", ".", "z", ".zz.1"])
        )

        @bounded(150)
        @given(forged | wild | bent)
        def examples(data: str) -> None:
            chosen.append(data)

        chosen: list[str] = []
        examples()
        for number, data in enumerate(each for each in dict.fromkeys(chosen) if 0 < len(each.encode()) <= 64):
            await (ann, admin)[number % 2].presses(answers[number % 2], "", data=data)

    assert [record.exc_text or record.getMessage() for record in caplog.records if record.exc_info] == []


HEAD = "---\ntitle: Rivers\ndate: 2024-05-03\nsource: NNA\n---\n"
STORY = "VELDHAVEN, May 3. /NNA/. “The river is clean,” Water Minister Dana Orlik said.\n\n“Nobody paid,” she added.\n"
RUSSIAN = (
    "ВЕЛЬДХАВЕН, 3 мая. /ННА/. «Река чиста», — сказала министр Дана Орлик.\n\n«Никто не платил», — добавила она.\n"
)
FILES = {
    "a.txt": (HEAD + STORY).encode(),
    "b.md": (HEAD + RUSSIAN).encode(),
    "c.txt": RUSSIAN.encode("cp1251"),
    "d.html": f"<html><title>Rivers</title><body><article><p>{STORY * 5}</p></article></body></html>".encode(),
    "e.jsonl": (json.dumps({"id": 1, "title": "Rivers", "text": STORY, "date": "2024-05-03"}) + "\n").encode() * 3,
    "f.jsonl.gz": gzip.compress((json.dumps({"paragraphs": [STORY, RUSSIAN]}) + "\n").encode(), mtime=0),
}  # fmt: skip
RSS = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>News</title><ttl>60</ttl><item><title>Rivers</title><link>https://e.org/1</link><guid>1</guid>
<pubDate>Fri, 03 May 2024 10:00:00 GMT</pubDate><description>{STORY}</description></item></channel></rss>""".encode()
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><id>1</id><title type="html">R</title>
<link href="/1"/><updated>2024-05-03T10:00:00Z</updated><content type="html">&lt;p&gt;x</content></entry></feed>"""
MAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://e.org/1</loc>
<lastmod>2024-05-03</lastmod></url></urlset>"""
BITS = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"<", b"]]>", b"&#x0;", b"&#xD800;", b"<![CDATA[", b'"' * 400]
    ),
    st.sampled_from(["“" * 300, "\u202e", "\u0301" * 50, "---\n", "- - -\n", "date: 9999-99-99\n", "/", "{" * 300]).map(
        str.encode
    ),
)


def mutated(samples: list[bytes]) -> st.SearchStrategy[bytes]:
    """A sample with some bytes replaced, taken out, put in, or its end cut off; or any bytes."""

    @st.composite
    def change(draw: st.DrawFn) -> bytes:
        data = draw(st.sampled_from(samples))
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(data)))
            data = data[:start] + draw(BITS) + data[start + draw(st.integers(0, 40)) :]
        return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data

    return change() | st.binary(max_size=200)


def check(document: Document) -> None:
    """It is read, its quotations spans of it; or it has nothing to read."""
    with contextlib.suppress(ReadingError):
        article = read(document, TODAY)
        for quote in article.quotes:
            where = article.title or "" if quote.paragraph is None else article.paragraphs[quote.paragraph].text
            assert where[quote.start : quote.end] == quote.text


@bounded(250)
@given(st.sampled_from(sorted(FILES)), mutated(list(FILES.values())))
def test_any_file_is_read_or_rejected_with_a_reason(name: str, data: bytes) -> None:
    for item in documents_from_bytes(name, data):
        if item.document is None:
            assert item.reason
        else:
            check(item.document)


@bounded(150)
@given(st.sampled_from([parse_feed, parse_sitemap, parse_page]), mutated([RSS, ATOM, MAP, FILES["d.html"]]))
def test_any_bytes_from_the_web_are_listed_or_refused(parse: Callable[..., Any], data: bytes) -> None:
    with contextlib.suppress(ValueError, SyntaxError):  # what workers tell in one line; lxml's is a SyntaxError
        for entry in parse(data, "https://e.org/feed", "").entries:
            check(entry.document)
