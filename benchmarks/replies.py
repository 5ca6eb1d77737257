"""From update to reply: the bot beside a bare echo bot on the same library, one after the other in one run.

`python -m benchmarks.replies FOLDER --corpus FILE --queries FILE [--questions N] [--rate R]`; FOLDER keeps database and
index, so that a second run need not load. Each bot is a process of its own that polls the tests' Bot API, in which N
people ask one question each: all at once, for the throughput; then R a second, for the times. Where other work shares
the machine, the processor time of an answer says more than either.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.botapi import BotApi, User

ROOT = Path(__file__).parents[1]
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
            before, begin = _cpu_s(bot.pid), time.monotonic()
            await api.ask(questions, None)
            took_s, cpu_s = time.monotonic() - begin, _cpu_s(bot.pid) - before
            paced = await api.ask(questions, rate)
        finally:
            bot.terminate()
            await bot.wait()
    n = len(questions)
    p50, p95 = (1000 * paced[int(share * (n - 1))] for share in (0.5, 0.95))
    return {"replies/s": n / took_s, "cpu ms": 1000 * cpu_s / n, "p50 ms": p50, "p95 ms": p95}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def load(folder: Path, corpus: Path) -> None:
    """Fills the database and the index, if there is none."""
    if (folder / "quotewire.db").exists():
        return
    environment = {"DATABASE_URL": f"sqlite:///{folder}/quotewire.db", "INDEX_DIR": f"{folder}/index", "SOURCES": ""}
    command = (sys.executable, "-m", "bot", "load", str(corpus))
    loading = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    if await loading.wait():
        sys.exit("the corpus could not be loaded")


async def compare(folder: Path, corpus: Path, queries: Path, number: int, rate: float) -> None:
    """Prints a line for each bot, and the ratios."""
    await load(folder, corpus)
    with gzip.open(queries, "rt", encoding="utf-8") as lines:
        known = [str(json.loads(line)["question"]) for line in lines]
    asked = [known[n % len(known)] for n in range(number)]
    rows = {
        "echo": await measure(["benchmarks.replies", "echo", "{url}", "{token}"], folder, asked, rate),
        "quotewire": await measure(["bot", "run"], folder, asked, rate),
    }
    for name, row in rows.items():
        print(f"{name:10}" + "".join(f"{value:10.1f} {key}" for key, value in row.items()))
    pairs = {key: rows["quotewire"][key] / rows["echo"][key] for key in rows["echo"]}
    print(f"{'ratio':10}" + "".join(f"{value:10.2f} {key}" for key, value in pairs.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--rate", type=float, default=50)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(compare(given.folder.resolve(), given.corpus.resolve(), given.queries, given.questions, given.rate))


if __name__ == "__main__":
    if sys.argv[1:2] == ["echo"]:
        echo(*sys.argv[2:4])
    else:
        main()
