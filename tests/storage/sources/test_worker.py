from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from storage.exceptions import ParseError
from storage.sources.feed import parse_feed
from storage.sources.sitemap import parse_sitemap
from storage.sources.worker import Workers, WorkLimits


async def test_a_worker_gives_what_the_function_gives_and_is_used_again() -> None:
    async with Workers(count=1) as workers:
        first = await workers.run(os.getpid)
        assert first != os.getpid()
        assert await workers.run(os.getpid) == first
        assert await workers.run(divmod, 7, 2) == (3, 1)


async def test_a_task_that_fails_is_an_error_in_one_line_and_the_worker_lives_on() -> None:
    async with Workers(count=1) as workers:
        first = await workers.run(os.getpid)
        with pytest.raises(ParseError, match="invalid literal") as caught:
            await workers.run(int, "two\nlines")
        assert "\n" not in str(caught.value)
        assert await workers.run(os.getpid) == first


async def test_a_task_that_takes_too_long_is_killed_while_the_loop_goes_on_and_another_worker_takes_its_place() -> None:
    async with Workers(count=1, limits=WorkLimits(time_s=3)) as workers:
        first = await workers.run(os.getpid)
        workers._limits = WorkLimits(time_s=0.3)
        task = asyncio.create_task(workers.run(time.sleep, 60))
        turns = 0
        while not task.done():
            await asyncio.sleep(0.01)
            turns += 1
        with pytest.raises(ParseError, match=r"longer than 0\.3 s"):
            await task
        assert turns > 10
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        workers._limits = WorkLimits(time_s=5)
        assert await workers.run(os.getpid) != first


async def test_a_task_that_wants_too_much_memory_is_an_error() -> None:
    async with Workers(count=1, limits=WorkLimits(memory_bytes=400 << 20)) as workers:
        with pytest.raises(ParseError, match="memory"):
            await workers.run(bytes, 1 << 30)
        assert await workers.run(len, b"still there") == 11


async def test_a_worker_that_dies_is_an_error_and_is_replaced() -> None:
    async with Workers(count=1) as workers:
        with pytest.raises(ParseError, match="broke down"):
            await workers.run(os.abort)
        assert await workers.run(len, b"new") == 3


async def test_an_answer_that_is_more_than_plain_values_is_not_taken() -> None:
    async with Workers(count=1) as workers:
        with pytest.raises(ParseError, match="no answer"):
            await workers.run(Path, "/")  # anything that would be rebuilt by calling what it names


async def test_a_cancelled_task_ends_its_worker() -> None:
    async with Workers(count=1) as workers:
        first = await workers.run(os.getpid)
        task = asyncio.create_task(workers.run(time.sleep, 60))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await workers.run(os.getpid) != first


def billion_laughs() -> bytes:
    entities = b'<!ENTITY a "lol">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    return b"<!DOCTYPE rss [" + entities + b']><rss version="2.0"><channel><title>&j;</title></channel></rss>'


def external_entity(path: Path) -> bytes:
    path.write_text("the secret of the machine")
    declared = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{path.as_uri()}">]>'
    item = "<item><title>&x;</title><description>&x;</description></item><url><loc>http://a.example/&x;</loc></url>"
    return f'{declared}<rss version="2.0"><channel><title>&x;</title>{item}</channel></rss>'.encode()


@pytest.mark.parametrize("parse", [parse_feed, parse_sitemap])
async def test_hostile_markup_reads_no_file_and_fills_no_memory(parse: object, tmp_path: Path) -> None:
    async with Workers(count=1, limits=WorkLimits(memory_bytes=400 << 20)) as workers:
        for body in (billion_laughs(), external_entity(tmp_path / "secret.txt")):
            try:
                listing = await workers.run(parse, body, "http://a.example/feed")  # type: ignore[arg-type]
            except ParseError:
                continue
            assert "secret" not in repr(listing)
            assert len(repr(listing)) < 10_000


async def test_a_hundred_thousand_items_and_ever_deeper_tags_do_not_hold_up_the_loop() -> None:
    many = b'<rss version="2.0"><channel>' + b"<item><title>x</title></item>" * 100_000
    deep = b'<rss version="2.0"><channel>' + b"<a>" * 200_000
    async with Workers(limits=WorkLimits(time_s=2)) as workers:
        tasks = [asyncio.create_task(workers.run(parse_feed, body, "http://a.example/")) for body in (many, deep)]
        turns = 0
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0.01)
            turns += 1
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert turns > 10  # some 200; parsed on the loop itself it would be 2
    assert len(results[0].entries) <= 1000  # type: ignore[union-attr]
    assert isinstance(results[1], ParseError) or results[1].entries == ()  # type: ignore[union-attr]
