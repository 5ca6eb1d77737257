"""What taking in articles costs: pages beside trafilatura and feedparser alone, a long file's memory, a quiet round.

python -m benchmarks.ingest [pages N] [file N] [poll N]. All over loopback, with articles made up here.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import ipaddress
import itertools
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from storage import ingest
from storage.database import Database
from storage.polling import Polling, open_web

_PARTS = (
    "har bour coun cil pier fer ry min ister bridge vote price win ter gine school riv er port mar ket stone".split()
)
_WORDS = ["".join(parts) for parts in itertools.product(_PARTS, repeat=3)]
_PER_FEED = 50


def article(number: int) -> list[str]:
    """Ten paragraphs, different for each number; one sentence in four reports what somebody says."""
    chance = random.Random(number)  # noqa: S311
    plain = "The {} of the {} {} will {} the {} in {} after a {} that {} the {}."
    forms = [plain, plain, plain, "“We shall {} the {} before the {} can {} it,” {} {} told the {} on Tuesday, {} {}."]
    return [" ".join(form.format(*chance.choices(_WORDS, k=9)) for form in forms) for _ in range(10)]


def page(number: int) -> bytes:
    """Some 80 KB, as news sites have them: an article among menus, teasers and scripts."""
    menu = "".join(f'<li class="menu"><a href="/section/{word}">{word.title()}</a></li>' for word in _WORDS[:120])
    style = "".join(f".c{n} {{ margin: {n}px; padding: {n % 7}px }}\n" for n in range(400))
    script = "window.data = [" + ",".join(f'{{"id": {n}, "name": "{_WORDS[n]}"}}' for n in range(400)) + "];"
    teaser = '<div class="card"><a href="/page/{0}"><img src="/{0}.jpg"><h3>Report {0}</h3></a><p>{1}</p></div>'
    teasers = "".join(teaser.format(n, article(n)[0][:150]) for n in range(number + 1, number + 41))
    text = "".join(f"<p>{paragraph}</p>" for paragraph in article(number))
    head = f'<title>Report {number}</title><meta property="article:published_time" content="2024-05-03T10:00:00Z">'
    main = f"<main><article><h1>Report {number}</h1>{text}</article><aside>{teasers}</aside></main>"
    body = f"<nav><ul>{menu}</ul></nav>{main}<footer><ul>{menu}</ul></footer><script>{script}</script>"
    return f"<!doctype html><html><head>{head}<style>{style}</style></head><body>{body}</body></html>".encode()


def feed(number: int, items: int) -> bytes:
    first = number * _PER_FEED
    each = "<item><title>Report {0}</title><link>/page/{0}</link><guid>{0}</guid></item>"
    listed = "".join(each.format(n) for n in range(first, first + items))
    return f'<rss version="2.0"><channel><title>Wire {number}</title>{listed}</channel></rss>'.encode()


def serve(pipe: Connection, items: int, feeds: int) -> None:
    """A site in a process of its own; answers conditional requests, and tells what it was asked."""
    asked = {"requests": 0, "bytes": 0}
    made = {f"/feed/{n}": feed(n, items) for n in range(feeds)}
    made |= {f"/page/{n}": page(n) for f in range(feeds) for n in range(f * _PER_FEED, f * _PER_FEED + items)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked["requests"] += 1
            if self.headers.get("If-None-Match") == '"same"':
                self.answer(304, b"")
            else:
                self.answer(200 if self.path in made else 404, made.get(self.path, b""))

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("ETag", '"same"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            asked["bytes"] += len(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(server.server_port)
    while pipe.recv() == "count":
        pipe.send(dict(asked))
        asked.update(requests=0, bytes=0)


@asynccontextmanager
async def site(items: int, feeds: int) -> AsyncIterator[tuple[str, Callable[[], dict[str, int]]]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, items, feeds), daemon=True)
    process.start()

    def count() -> dict[str, int]:
        ours.send("count")
        told: dict[str, int] = ours.recv()
        return told

    try:
        yield f"http://127.0.0.1:{ours.recv()}", count
    finally:
        ours.send("end")
        process.join()


@asynccontextmanager
async def newsroom(addresses: list[str]) -> AsyncIterator[Polling]:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Database(f"sqlite+aiosqlite:///{folder}/q.db") as database,
            open_web([ipaddress.ip_network("127.0.0.0/8")]) as web,
        ):
            await database.upgrade()
            yield Polling(database, web, configured=addresses, interval_s=1)


def extract(body: bytes) -> int:
    """What reading a page costs without us."""
    import trafilatura

    found = trafilatura.bare_extraction(body, include_comments=False, with_metadata=True)
    return len(found.text or "")


async def pages(count: int) -> None:
    import feedparser

    feeds = -(-count // _PER_FEED)
    listed = [feed(number, _PER_FEED) for number in range(feeds)]
    bodies = [page(number) for number in range(feeds * _PER_FEED)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(extract, bodies[:8]))  # loads the libraries
        start = time.perf_counter()
        for body in listed:
            feedparser.parse(io.BytesIO(body))
        list(pool.map(extract, bodies, chunksize=5))
        alone = time.perf_counter() - start
    alone_cpu = _cpu_s()
    async with site(_PER_FEED, feeds) as (address, _):
        async with newsroom([f"{address}/feed/{n}" for n in range(feeds)]) as polling:
            start = time.perf_counter()
            report = await polling.poll_due()
            ours = time.perf_counter() - start
        ours_cpu = _cpu_s() - alone_cpu
    print(
        f"{report.loaded.added} pages of {feeds} feeds: {ours:.1f} s ({ours_cpu:.1f} s of processors, start included)"
    )
    print(f"trafilatura and feedparser alone, on all cores: {alone:.1f} s ({alone_cpu:.1f}): {ours / alone:.2f} times")


async def file(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        with path.open("w") as lines:
            for number in range(count):
                record = {"id": number, "title": f"Report {number}", "text": "\n\n".join(article(number))}
                lines.write(json.dumps(record) + "\n")
        memory: list[tuple[int, float]] = []

        def progress(articles: int, _: str) -> None:
            memory.append((articles, _resident_mib()))

        start = time.perf_counter()
        async with Database(f"sqlite+aiosqlite:///{folder}/q.db") as database:
            await database.upgrade()
            await ingest.load(database, [str(path)], now=dt.datetime.now(dt.UTC), progress=progress)
        seconds = time.perf_counter() - start
        size = path.stat().st_size / 2**20
    steps = memory[:: max(1, len(memory) // 8)]
    print(f"{count} articles ({size:.0f} MiB) from JSONL: {seconds:.0f} s, {count / seconds:.0f} a second")
    print(
        "resident MiB by articles:",
        ", ".join(f"{n}: {mib:.0f}" for n, mib in steps),
        f"; with the readers at most {_most_mib():.0f}",
    )


async def poll(count: int) -> None:
    async with site(1, count) as (address, asked), newsroom([f"{address}/feed/{n}" for n in range(count)]) as polling:
        await polling.poll_due()
        filled = asked()
        await asyncio.sleep(1.2)
        start = time.perf_counter()
        report = await polling.poll_due()
        seconds = time.perf_counter() - start
        quiet = asked()
    print(f"the first time: {filled['requests']} requests, {filled['bytes']:,} bytes of content")
    print(f"{report.looked_at} unchanged: {quiet['requests']} requests, {quiet['bytes']} bytes, {seconds:.2f} s")


def _cpu_s() -> float:
    """Used so far by this process and by the children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _most_mib() -> float:
    """Of this process and, as many as there are processors, of its largest child."""
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + child * (os.cpu_count() or 1)) / 1024


if __name__ == "__main__":
    wanted = dict(zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True)) or {
        "pages": 500,
        "file": 20000,
        "poll": 500,
    }
    for name, number in wanted.items():
        asyncio.run({"pages": pages, "file": file, "poll": poll}[name](number))
