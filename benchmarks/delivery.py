"""Alerts in figures: `python -m benchmarks.delivery [paced] [fast] [kills] [matching]` (all, when none is named).

paced: one article to 2,000 followers at the default rate: share of the rate, 429s. fast: to 50,000 with the rates times
100, beside bare loops of sends with the same library in the same run; peak memory. kills: kill -9 ten times in the
middle. matching: an article against standing queries. The bot is a process of its own, and so is the Telegram that it
talks to: a small server that counts, and says 429 above 30 messages a second unless told not to.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.request import urlopen

import httpx
from sqlalchemy import insert
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import BaseRequest, HTTPXRequest

from bot.transport import Request
from retrieval.analysis import Analyzer
from retrieval.matching import Matcher, follow
from retrieval.types import Article, Paragraph
from storage.database import Database
from storage.ingest import load
from storage.models import SubscriptionRow
from storage.outbox import AlertRule

_TOKEN = "1234567:a-token-of-the-benchmark"  # noqa: S105
_ROOT = Path(__file__).parents[1]
_NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_QUOTE = "“We will take every barrel out of the river by the end of the summer,” Water Minister Dana Orlik said."


# -- a Telegram that only counts ---------------------------------------------------------------------------------------


class Telegram:
    """Answers HTTP; `/counts` gives what it was sent."""

    def __init__(self, limit_s: int) -> None:
        self._limit_s = limit_s
        self._lately: deque[float] = deque()
        self._sent: list[tuple[float, str]] = []
        self._refused = 0

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines if line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = await self._answer(first.split()[1].rpartition("/")[2], body.decode())
                payload = json.dumps(answer).encode()
                top = (
                    f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
                )
                writer.write(top.encode() + payload)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, method: str, body: str) -> tuple[int, object]:
        match method:
            case "number":
                return 200, len(self._sent)
            case "counts":
                return 200, {"sent": self._sent, "refused": self._refused}
            case "getUpdates":
                await asyncio.sleep(1)
                return 200, {"ok": True, "result": []}
            case "getMe":
                return 200, {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "Q", "username": "q_bot"}}
            case "sendMessage":
                form = not body.startswith("{")  # as the library sends it; we send JSON
                return self._send(parse_qs(body)["chat_id"][0] if form else str(json.loads(body)["chat_id"]))
        return 200, {"ok": True, "result": True}

    def _send(self, chat: str) -> tuple[int, object]:
        now = time.monotonic()
        while self._lately and self._lately[0] <= now - 1:
            self._lately.popleft()
        if len(self._lately) >= self._limit_s:
            self._refused += 1
            return 429, {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 1}}
        self._lately.append(now)
        self._sent.append((now, chat))
        message = {"message_id": len(self._sent), "date": 0, "chat": {"id": int(chat), "type": "private"}, "text": "x"}
        return 200, {"ok": True, "result": message}


@contextmanager
def telegram(limit_s: int) -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "-m", "benchmarks.delivery", "--telegram", str(limit_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)  # noqa: S603
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline() if process.stdout else 0)}"
    finally:
        process.kill()
        process.wait()


def ask(url: str, what: str) -> Any:
    with urlopen(f"{url}/{what}") as answer:  # noqa: S310
        return json.load(answer)


def counts(url: str) -> tuple[list[float], Counter[str], int]:
    """When each message came, how many each chat got, and how many were refused."""
    found = ask(url, "counts")
    return [at for at, _ in found["sent"]], Counter(chat for _, chat in found["sent"]), found["refused"]


# -- the bot -----------------------------------------------------------------------------------------------------------


async def prepare(folder: Path, followers: int) -> None:
    """A database with so many followers of everything, and an alert for them."""
    async with Database(f"sqlite:///{folder}/quotewire.db") as database:
        await database.upgrade()
        file = folder / "news.jsonl"
        for number, text in enumerate(("Nothing of note.", _QUOTE)):
            with file.open("a") as out:
                out.write(json.dumps({"id": str(number), "title": f"Report {number}", "paragraphs": [text]}) + "\n")
            await load(database, [str(file)], now=dt.datetime.now(dt.UTC), alert=AlertRule(7))
            if number == 0:
                row = {"topic": 0, "follows": "all", "text": "", "language": "en", "daily": False, "after_article": 1}
                rows = [row | {"chat_id": n, "user_id": n, "created_at": _NOW} for n in range(1, followers + 1)]
                async with database.writing() as session:
                    await session.execute(insert(SubscriptionRow), rows)


@contextmanager
def bot(folder: Path, url: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """The bot on the folder's database, as a process."""
    environment = os.environ | {
        "TELEGRAM_BOT_TOKEN": _TOKEN, "TELEGRAM_API_URL": url, "PYTHONPATH": str(_ROOT), "SOURCES": "",
        "DATABASE_URL": f"sqlite:///{folder}/quotewire.db", "INDEX_DIR": f"{folder}/index", "LOG_LEVEL": "ERROR",
    } | settings  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=folder, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(url: str, number: int, timeout_s: float = 900) -> None:
    """Waits until so many messages were sent."""
    end = time.monotonic() + timeout_s
    while (sent := ask(url, "number")) < number:
        if time.monotonic() > end:
            raise TimeoutError(f"{sent} of {number} sent")
        time.sleep(0.25)


def peak_mb(process: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


# -- figures -----------------------------------------------------------------------------------------------------------


def paced(folder: Path, followers: int = 2000) -> None:
    asyncio.run(prepare(folder, followers))
    with telegram(30) as url, bot(folder, url):
        until(url, followers)
        times, copies, refused = counts(url)
    rate = (len(times) - 1) / (times[-1] - times[0])
    busiest = max(sum(start <= at < start + 1 for at in times[n : n + 60]) for n, start in enumerate(times))
    print(f"{followers} followers at 25/s: {rate:.2f}/s, {rate / 25:.1%} of the rate; most in a second {busiest};")
    print(f"  429s {refused}; missing {followers - len(copies)}, twice {sum(copies.values()) - len(copies)}")


def fast(folder: Path, followers: int = 50_000) -> None:
    asyncio.run(prepare(folder, followers))
    raised = {"SEND_RATE_S": "2500", "SEND_RATE_CHAT_S": "100", "SEND_RATE_GROUP_MIN": "1800"}
    with telegram(10**9) as url:
        with bot(folder, url, **raised) as process:
            until(url, followers)
            peak = peak_mb(process)
        times, copies, _ = counts(url)
    ours = len(times) / (times[-1] - times[0])
    tenths = [times[len(times) * n // 10] for n in range(10)] + [times[-1]]
    print(f"{followers} followers: {followers / ours:.1f} s, {ours:.0f}/s; peak memory {peak:.0f} MB;", end=" ")
    print(f"missing {followers - len(copies)}")
    few = {"limits": httpx.Limits(max_connections=48, max_keepalive_connections=8)}  # of more some are found closed
    theirs_and_ours = HTTPXRequest(48, httpx_kwargs=few), Request(48)
    for request, whose in zip(theirs_and_ours, ("the library's own requests", "our requests"), strict=True):
        with telegram(10**9) as url:
            asyncio.run(bare(url, followers // 10, request))
            times = counts(url)[0]
        theirs = len(times) / (times[-1] - times[0])
        print(f"  a bare loop with {whose}: {theirs:.0f}/s; ratio {ours / theirs:.2f}")
    print("  seconds for each tenth:", " ".join(f"{after - before:.1f}" for before, after in pairwise(tenths)))


async def bare(url: str, number: int, request: BaseRequest, at_once: int = 32) -> None:
    """Sends so many messages like the alert, with nothing around."""
    sender = Bot(_TOKEN, base_url=f"{url}/bot", request=request)
    left = iter(range(1, number + 1))
    rows = [[InlineKeyboardButton(label, callback_data="around.1") for label in ("Context", "Open")]] * 2
    text = f"<b>Report</b>\n<blockquote>{_QUOTE}</blockquote>\n— <b>Dana Orlik</b>, Water Minister\n<i>Because …</i>"

    async def send() -> None:
        for chat in left:
            await sender.send_message(chat, text, parse_mode="HTML", reply_markup=InlineKeyboardMarkup(rows))

    async with sender:
        await asyncio.gather(*(send() for _ in range(at_once)))


def kills(folder: Path, times: int = 10, followers: int = 3000) -> None:
    asyncio.run(prepare(folder, followers))
    rng = random.Random(1)  # noqa: S311
    with telegram(10**9) as url:
        waits = []
        for number in range(1, times + 1):
            with bot(folder, url, SEND_RATE_S="200") as process:
                started = time.monotonic()
                until(url, followers * number // (times + 2))
                waits.append(time.monotonic() - started)
                time.sleep(rng.random() / 2)
                process.send_signal(signal.SIGKILL)
        with bot(folder, url, SEND_RATE_S="200"):
            until(url, followers)
            time.sleep(3)
        _, copies, _ = counts(url)
        for _ in range(100):
            if len(copies) == followers:
                break
            time.sleep(0.2)
            _, copies, _ = counts(url)
    twice = sum(copies.values()) - len(copies)
    print(f"{times} x kill -9 among {followers}: missing {followers - len(copies)}, twice {twice},")
    print(f"  most copies {max(copies.values())}; bound {times} x 64 in flight or not settled")


def matching(sizes: tuple[int, ...] = (1000, 10_000, 100_000)) -> None:
    rng = random.Random(1)  # noqa: S311
    words = [f"{first}{middle}{last}" for first in "bdfgklmnprst" for middle in "aeiou" for last in "bdfgklmnprst"]
    vocabulary = [a + b for a in words[:300] for b in words[:200]]
    weights = list(accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))  # as words are in texts (Zipf)
    asked = list(accumulate(1 / (rank + 200) for rank in range(1, len(vocabulary) + 1)))  # hardly the commonest
    texts = [" ".join(rng.choices(vocabulary, cum_weights=weights, k=50)) + "." for _ in range(400)]
    articles = [Article(tuple(map(Paragraph, texts[n : n + 20])), title=texts[n][:60]) for n in range(0, 400, 20)]
    analyzer = Analyzer()
    for size in sizes:
        matcher = Matcher(analyzer)
        started = time.perf_counter()
        for number in range(size):
            query = " ".join(rng.choices(vocabulary, cum_weights=asked, k=rng.choice((1, 2, 2, 3, 3, 4))))
            matcher.add(number, follow("query", query, analyzer))
        built, took, found = time.perf_counter() - started, [], 0
        for article in articles:
            started = time.perf_counter()
            found += sum(len(match.ids) for match in matcher.match(article))
            took.append(time.perf_counter() - started)
        took.sort()
        middle, worst = took[len(took) // 2] * 1000, took[-1] * 1000
        print(f"{size:,} queries: {middle:.1f} ms an article of 20 paragraphs, at worst {worst:.1f} ms; "
              f"{found / len(articles):.0f} satisfied; learnt in {built:.1f} s")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", choices=["paced", "fast", "kills", "matching", []])
    parser.add_argument("--telegram", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.telegram:
        asyncio.run(Telegram(options.telegram).serve())
        return
    for name in options.figures or ["matching", "paced", "kills", "fast"]:
        if name == "matching":
            matching()
            continue
        with tempfile.TemporaryDirectory(prefix="quotewire-bench-") as folder:
            {"paced": paced, "fast": fast, "kills": kills}[name](Path(folder))


if __name__ == "__main__":
    main()
