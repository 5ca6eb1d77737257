"""From update to reply: the bot beside a bare echo bot on the same library, one after the other in one run.

`python -m benchmarks.replies FOLDER [--paragraphs N] [--rate R] [--rounds N]`; FOLDER keeps database and index of the
first N paragraphs (100,000) of realtimeqa in EVAL_DIR, so that a second run need not load. Each bot is a process of its
own that polls the tests' Bot API, in which people ask a question of that set each: all at once, for the throughput, the
first time and again, when what is quoted is at hand; then R (50) a second, for the times. The bots take turns, and the
median of the rounds counts. Where other work shares the machine, the processor time of a reply says more than the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.botapi import BotApi, User

ROOT = Path(__file__).parents[1]
EVAL = Path(os.environ.get("EVAL_DIR") or ROOT / "../shared/eval") / "realtimeqa"
LEFT_OUT = 0.07  # of the paragraphs there, about: left-overs of web pages, which are not stored
TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP = 50  # questions that do not count
LONGEST_S = 300.0


class Telegram(BotApi):
    """The stand-in, which notes when each chat had its reply, and keeps nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.replied: dict[int, float] = {}  # by chat

    def notify(self) -> None:
        for request in self.requests:
            if request.method == "sendMessage" and request.result:
                self.replied.setdefault(int(request.params["chat_id"]), time.monotonic())
        self.requests.clear()
        super().notify()

    async def ask(self, questions: Sequence[str], rate: float | None) -> list[float]:
        """Has each question asked by someone else, so many a second (None: at once); seconds to each reply, sorted."""
        begin = time.monotonic()
        asked: list[tuple[User, float]] = []
        for number, question in enumerate(questions):
            if rate and (wait_s := begin + number / rate - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            user = self.user("Reader")
            asked.append((user, time.monotonic()))
            user.says(question)
        last = len(self.replied) + sum(user.id not in self.replied for user, _ in asked)
        await self.until(lambda: len(self.replied) >= last, what="the replies", timeout_s=LONGEST_S)
        return sorted(self.replied[user.id] - when for user, when in asked)


def echo(url: str, token: str) -> None:
    """A bare bot: what is said, in reply."""

    async def reply(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message and update.message.text:
            await update.message.reply_text(update.message.text, do_quote=True)

    builder = Application.builder().token(token).base_url(f"{url}/bot").concurrent_updates(True)
    app = builder.connection_pool_size(48).pool_timeout(LONGEST_S).build()
    app.add_handler(MessageHandler(filters.TEXT, reply))
    app.run_polling()


async def measure(command: Sequence[str], folder: Path, questions: Sequence[str], rate: float) -> dict[str, float]:
    """Figures of the bot that the command starts."""
    api = Telegram()
    async with api:
        environment = {
            "PYTHONPATH": str(ROOT), "TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "SOURCES": "",
            "SEND_RATE_S": "10000", "DATABASE_URL": f"sqlite:///{folder}/quotewire.db", "INDEX_DIR": f"{folder}/index",
        }  # fmt: skip
        here = [part.format(url=api.url, token=api.token) for part in command]
        with (folder / "log").open("wb") as log:
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *here, cwd=folder, env=environment, stderr=log
            )
        try:
            await api.until(lambda: api.polls, what="the first poll", timeout_s=60)
            await api.ask(questions[:WARM_UP], 20)
            await asyncio.sleep(3)  # what it makes ready in the background
            figures = {}
            for name in ("first", "again"):
                before, begin = _cpu_s(bot.pid), time.monotonic()
                await api.ask(questions, None)
                figures[f"{name}/s"] = len(questions) / (time.monotonic() - begin)
                figures[f"{name} cpu ms"] = 1000 * (_cpu_s(bot.pid) - before) / len(questions)
            paced = await api.ask(questions, rate)
        finally:
            bot.terminate()
            await bot.wait()
    p50, p95 = (1000 * paced[int(share * (len(paced) - 1))] for share in (0.5, 0.95))
    return figures | {"p50 ms": p50, "p95 ms": p95}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def load(folder: Path, paragraphs: int) -> int:
    """Fills the database and the index, if there is none; how many paragraphs are there."""

    async def quotewire(*arguments: str) -> bytes:
        command = (sys.executable, "-m", "bot", *arguments)
        run = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE)
        said, _ = await run.communicate()
        if run.returncode:
            sys.exit(f"quotewire {arguments[0]} failed")
        return said

    environment = {"DATABASE_URL": f"sqlite:///{folder}/quotewire.db", "INDEX_DIR": f"{folder}/index", "SOURCES": ""}
    if not (folder / "quotewire.db").exists():
        wanted = paragraphs / (1 - LEFT_OUT)
        with gzip.open(EVAL / "corpus.jsonl.gz", "rt") as lines, (folder / "corpus.jsonl").open("w") as corpus:
            while wanted > 0 and (line := lines.readline()):
                corpus.write(line)
                wanted -= json.loads(line)["text"].count("\n\n") + 1
        await quotewire("load", str(folder / "corpus.jsonl"))
    return int(json.loads(await quotewire("stats", "--json"))["paragraphs"])


async def compare(folder: Path, paragraphs: int, rate: float, rounds: int) -> None:
    """Prints a line for each bot, and the ratios."""
    there = await load(folder, paragraphs)
    with gzip.open(next(EVAL.glob("queries*.jsonl.gz")), "rt", encoding="utf-8") as lines:
        asked = [str(json.loads(line)["question"]) for line in lines]
    print(f"{there:,} paragraphs, {len(asked)} questions; {rate:g} a second for the times")
    bots = {"echo": ("benchmarks.replies", "echo", "{url}", "{token}"), "quotewire": ("bot", "run")}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in bots}
    for _ in range(rounds):
        for name, command in bots.items():
            found[name].append(await measure(command, folder, asked, rate))
    middle: dict[str, dict[str, float]] = {}
    for name, rows in found.items():
        middle[name] = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        print(f"{name:10}" + "".join(f"{value:10.1f} {key}" for key, value in middle[name].items()))
    ratios = {key: middle["quotewire"][key] / middle["echo"][key] for key in middle["echo"]}
    print(f"{'ratio':10}" + "".join(f"{value:10.2f} {key}" for key, value in ratios.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--paragraphs", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(compare(given.folder.resolve(), given.paragraphs, given.rate, given.rounds))


if __name__ == "__main__":
    if sys.argv[1:2] == ["echo"]:
        echo(*sys.argv[2:4])
    else:
        main()
