"""`make soak`: the bot as a process, for a long time, between readers, arriving articles, reloads and a bad network.

Readers ask about articles that are there; each question must get its one answer. Subscribers follow everything; each
article that arrives must reach each of them once. Meanwhile calls fail, connections break, and Telegram asks to wait.
Memory, open files, threads, tasks and answer times are sampled, and must not grow once the bot is warm.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.botapi import BotApi, Fault
from tests.botapi.errors import bad_gateway, too_many

ROOT = Path(__file__).parents[1]
READERS, SUBSCRIBERS = 40, 10
ADMIN_ID = 77
QUESTION_EVERY_S, ARTICLE_EVERY_S, RELOAD_EVERY_S, FAULT_EVERY_S, SAMPLE_EVERY_S = 0.5, 5.0, 45.0, 7.0, 2.0
LAST_ARRIVAL_S = 40.0  # before the end, so that what is under way arrives
FIRST_ARTICLES = 200
GROWTH = {"MiB": 1.15, "files": 1.25, "threads": 1.25, "tasks": 1.25, "p95 ms": 2.0}  # from the 2nd to the last fifth
_KNOWN = 5  # messages kept of each chat


@dataclass(frozen=True)
class Sample:
    """What the bot used at a moment, and how fast it answered since the last."""

    at_s: float
    values: dict[str, float]


class Telegram(BotApi):
    """The stand-in, which forgets what it has checked: it must not be what grows."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[tuple[int, int], tuple[float, int]] = {}  # (chat, message): when, about which article
        self.answered: Counter[tuple[int, int]] = Counter()
        self.alerted: Counter[tuple[int, int]] = Counter()  # (chat, article)
        self.wrong: list[str] = []
        self.reports = 0
        self.latencies: list[float] = []

    def notify(self) -> None:
        for request in self.requests:
            if request.method == "sendMessage" and request.result:
                self._check(request.params)
            elif request.error and request.error.status == 400 and request.method != "setMyCommands":
                self.wrong.append(f"{request.method}: {request.error}")
        self.requests.clear()
        for messages in self.messages.values():
            del messages[:-_KNOWN]
        super().notify()

    def _check(self, params: dict[str, Any]) -> None:
        chat, text = int(params["chat_id"]), str(params["text"])
        target = (params.get("reply_parameters") or {}).get("message_id")
        place = chat, int(target or 0)
        if place in self.asked:
            when, article = self.asked[place]
            self.answered[place] += 1
            self.latencies.append(time.monotonic() - when)
            if f"boat{article}" not in text:
                self.wrong.append(f"asked about boat{article}, answered: {text[:100]}")
        elif chat == ADMIN_ID:
            self.reports += "Reload done" in text
            if text.startswith("<b>Error"):
                self.wrong.append(text)
        elif target is None:
            self.alerted.update((chat, int(number)) for number in set(re.findall(r"Voyage (\d+)", text)))


class Newsroom:
    """Articles that are nobody's copies, each with a word of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = 0
        self._random = random.Random(7)  # noqa: S311
        self._words = ["".join(self._random.choices("aeioulnrst", k=self._random.randint(4, 9))) for _ in range(4000)]

    def write(self) -> int:
        """Writes one more; gives its number."""
        number = self.written
        self.written += 1
        body = "\n\n".join(" ".join(self._random.choices(self._words, k=40)).capitalize() + "." for _ in range(4))
        day = dt.date.today()
        quote = f"“Our boat{number} sails {' '.join(self._random.choices(self._words, k=6))},” Mayor Ada Berg said."
        text = f"Voyage {number}\n\nPORT ELSA, {day:%B} {day.day}, {day.year}. /NNA/. {quote}\n\n{body}\n"
        part = self.folder / f".{number}.part"
        part.write_text(text, encoding="utf-8")
        part.rename(self.folder / f"{number}.txt")
        return number


async def every(seconds: float, act: Callable[[], object], until: float) -> None:
    """Acts that often until the time has come."""
    while time.monotonic() < until:
        act()
        await asyncio.sleep(seconds)


async def sample(pid: int, port: int, api: Telegram, start: float, samples: list[Sample], until: float) -> None:
    """Looks at the process now and then."""
    process = Path(f"/proc/{pid}")
    async with aiohttp.ClientSession() as http:
        while time.monotonic() < until:
            await asyncio.sleep(SAMPLE_EVERY_S)
            async with http.get(f"http://127.0.0.1:{port}/metrics") as response:
                metrics = dict(line.rsplit(" ", 1) for line in (await response.text()).splitlines() if line[0] != "#")
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
            taken, api.latencies = sorted(api.latencies), []
            values = {
                "MiB": int(status["RssAnon"].split()[0]) / 1024,
                "files": len(os.listdir(process / "fd")),
                "threads": int(status["Threads"]),
                "tasks": float(metrics["quotewire_tasks"]),
                "p50 ms": 1000 * taken[len(taken) // 2] if taken else 0.0,
                "p95 ms": 1000 * taken[int(len(taken) * 0.95)] if taken else 0.0,
                "lag ms": 1000 * float(metrics["quotewire_loop_lag_seconds"]),
                "queue s": float(metrics["quotewire_queue_age_seconds"]),
            }
            samples.append(Sample(time.monotonic() - start, values))


async def soak(duration_s: float, folder: Path) -> list[str]:
    """Runs it all; gives what was wrong."""
    (folder / "news").mkdir()
    newsroom = Newsroom(folder / "news")
    for _ in range(FIRST_ARTICLES):
        newsroom.write()
    chance, samples = random.Random(11), list[Sample]()  # noqa: S311
    async with Telegram() as api:
        port = 20_000 + os.getpid() % 20_000
        environment = {
            "TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "PYTHONPATH": str(ROOT), "SOURCES": "news",
            "ADMIN_IDS": str(ADMIN_ID), "HEALTH_PORT": str(port), "POLL_INTERVAL_S": "3", "ASK_RATE_USER_MIN": "1000",
        }  # fmt: skip
        with (folder / "log").open("wb") as log:
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=folder, env=environment, stderr=log
            )
        try:
            await api.until(lambda: api.polls or bot.returncode is not None, what="the first poll", timeout_s=120)
            readers = [api.user(f"Reader {n}") for n in range(READERS)]
            admin = api.user("Admin", id=ADMIN_ID)
            admin.says("/start")
            for reader in readers[:SUBSCRIBERS]:
                reader.says("/subscribe all")
            await asyncio.sleep(5)
            start = time.monotonic()
            end = start + duration_s
            known = [FIRST_ARTICLES]  # articles that can be asked about

            def ask() -> None:
                reader, article = chance.choice(readers), chance.randrange(known[0])
                message = reader.says(f"What did Ada Berg say about boat{article}?")
                api.asked[reader.id, message["message_id"]] = time.monotonic(), article

            def go_wrong() -> None:
                api.faults[:] = [fault for fault in api.faults if fault.times > 0]
                faults = [
                    bad_gateway(method="sendMessage"), too_many(2, method="sendMessage"),
                    Fault("sendMessage", status=500, description="Internal Server Error"),
                    bad_gateway(method="getUpdates", times=2), Fault("getUpdates", reset=True),
                    Fault("getUpdates", body="{broken"),
                ]  # fmt: skip
                api.faults.append(chance.choice(faults))

            arrivals = max(start, end - LAST_ARRIVAL_S)
            await asyncio.gather(
                every(QUESTION_EVERY_S, ask, arrivals),
                every(ARTICLE_EVERY_S, newsroom.write, arrivals),
                every(RELOAD_EVERY_S, lambda: admin.says("/reload"), arrivals),
                every(FAULT_EVERY_S, go_wrong, arrivals),
                sample(bot.pid, port, api, start, samples, arrivals),
            )
            await asyncio.sleep(end - time.monotonic())
            bot.send_signal(signal.SIGTERM)
            stopped = await asyncio.wait_for(bot.wait(), 15)
        finally:
            if bot.returncode is None:
                bot.kill()
                await bot.wait()
    show(samples)
    return [*judge(api, newsroom, [r.id for r in readers[:SUBSCRIBERS]]), *grown(samples), *told(folder, stopped)]


def judge(api: Telegram, newsroom: Newsroom, subscribers: list[int]) -> list[str]:
    """What was lost, doubled or wrong."""
    news = [(chat, n) for chat in subscribers for n in range(FIRST_ARTICLES, newsroom.written)]
    counts = {
        "questions": len(api.asked),
        "questions without an answer": len(api.asked.keys() - api.answered.keys()),
        "questions answered twice": sum(n > 1 for n in api.answered.values()),
        "alerts due": len(news),
        "alerts lost": sum(api.alerted[each] == 0 for each in news),
        "alerts sent twice": sum(api.alerted[each] > 1 for each in news),
        "alerts of old articles": sum(number < FIRST_ARTICLES for _, number in api.alerted),
        "reloads done": api.reports,
        "wrong": len(api.wrong),
    }
    for name, count in counts.items():
        print(f"{name:28} {count:8,}")
    wrong = ("without an answer", "twice", "lost", "of old", "wrong")
    return [f"{name}: {n}" for name, n in counts.items() if n and any(w in name for w in wrong)] + api.wrong[:5]


def grown(samples: list[Sample]) -> list[str]:
    """What grew from the second fifth of the time, when all is warm, to the last."""
    fifth = max(1, len(samples) // 5)
    found = []
    for name, most in GROWTH.items():
        warm, last = (
            statistics.median(each.values[name] for each in part)
            for part in (samples[fifth : 2 * fifth], samples[-fifth:])
        )
        print(f"{name:28} {warm:8,.1f} -> {last:8,.1f}")
        if last > warm * most + 2:
            found.append(f"{name} grew from {warm:.1f} to {last:.1f}")
    return found


def told(folder: Path, status: int) -> list[str]:
    """What the log and the end of the process say."""
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    found = [] if status == 0 else [f"it ended with status {status}"]
    _, there, traceback = log.partition("Traceback")
    return [*found, f"a traceback is in the log: {traceback[:3000]}"] if there else found


def show(samples: list[Sample]) -> None:
    """A table of at most twenty rows."""
    names = list(samples[0].values)
    print("     s" + "".join(f"{name:>9}" for name in names))
    for each in samples[:: max(1, len(samples) // 20)]:
        print(f"{each.at_s:6.0f}" + "".join(f"{each.values[name]:9,.1f}" for name in names))


def main() -> int:
    """Gives 1 when anything was wrong, which is told at the end."""
    with tempfile.TemporaryDirectory(prefix="quotewire-soak-") as folder:
        wrong = asyncio.run(soak(float(os.environ.get("SOAK_S", "1800")), Path(folder)))
    print("\n".join(wrong) or "nothing lost, nothing doubled, nothing grew")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
