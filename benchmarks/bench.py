"""Speed and size beside other engines: `python -m benchmarks.bench [--sizes N,N] [--queries N] [--only NAME]`.

Each engine is built in one fresh process and opened and asked in another. Texts are the paragraphs of realtimeqa in
EVAL_DIR (default ../shared/eval) and, from where they end, sentences of Zipf-distributed words, always the same.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path

from benchmarks.peers import PEERS, load_passages, save_passages
from retrieval.types import Passage

_EVAL = Path(os.environ.get("EVAL_DIR") or "../shared/eval") / "realtimeqa"
_SLOW = {"rank_bm25": 10_000_000, "SQLite FTS5": 30_000_000, "bm25s numpy": 60_000_000}  # passages to ask over in all
_ASKED = 3  # times each question is asked; the best counts, as the machine may be busy with other things
_ARTICLE = 33  # paragraphs, as on average in realtimeqa
_COLUMNS = ("build s", "build MB", "disk MB", "open+1st ms", "MB", "p50 ms", "p95 ms", "p99 ms", "add 100 ms")


# -- texts -------------------------------------------------------------------------------------------------------------


def texts() -> Iterator[Passage]:
    """Real paragraphs while there are some, then made ones, without end."""
    corpus, number, words, lengths = _EVAL / "corpus.jsonl.gz", 0, Counter[str](), [20, 40]
    if corpus.exists():
        for number, line in enumerate(gzip.decompress(corpus.read_bytes()).decode().splitlines()):
            article = json.loads(line)
            paragraphs = [text.strip() for text in article["text"].split("\n\n") if text.strip()]
            for index, text in enumerate(paragraphs):
                yield Passage(number, index, text, title=article["title"], source=article["source"])
            if number < 2000:
                words.update(word for text in paragraphs for word in text.lower().split())
                lengths += [len(text.split()) for text in paragraphs]
    rng = random.Random(1)  # noqa: S311  # the same texts every time
    # The words of real texts as often as there, then ever rarer made ones: new words come about as fast as in news.
    vocabulary = [word for word, _ in words.most_common()] + [_made(n) for n in range(400_000)]
    counts = [float(count) for _, count in words.most_common()] or [1e6]
    counts += [counts[-1] * (1 + n / len(counts)) ** -3.0 for n in range(400_000)]
    weights = list(accumulate(counts))
    while True:
        number += 1
        for index in range(_ARTICLE):
            text = " ".join(rng.choices(vocabulary, cum_weights=weights, k=rng.choice(lengths)))
            yield Passage(number, index, text + ".", title=text[:60], source="Made Up")


def _made(number: int) -> str:
    word = ""
    while number or not word:
        number, syllable = divmod(number, 80)
        word += "bdfgklmnprstvzhj"[syllable // 5] + "aeiou"[syllable % 5]
    return word + "x"


def questions(count: int) -> list[str]:
    """Real ones where there are some."""
    path = _EVAL / "queries.dev.jsonl.gz"
    if path.exists():
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        return [json.loads(line)["question"] for line in lines[:count]]
    rng = random.Random(2)  # noqa: S311
    return [" ".join(_made(int(rng.paretovariate(0.3)) % 400_000) for _ in range(8)) for _ in range(count)]


# -- one engine, in its own process ------------------------------------------------------------------------------------


def measure_build(name: str, directory: Path) -> dict[str, float]:
    """Seconds, and the greatest memory above the texts' own, of this process and its children together."""
    passages, peer = load_passages(directory.parent / "passages.jsonl"), PEERS[name]()
    before, peak, over = _memory(), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], _memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    peer.build(passages, directory)
    took = time.perf_counter() - start
    over.set()
    watcher.join()
    disk = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6
    return {"build s": took, "build MB": peak[0] - before, "disk MB": disk}


def measure_search(name: str, directory: Path, asked: Sequence[str]) -> dict[str, float]:
    """Milliseconds of each step, and the memory at the end of the questions."""
    peer = PEERS[name]()
    _import_everything(name)
    start = time.perf_counter()
    ask = peer.open(directory)
    ask(asked[0])
    opened = time.perf_counter() - start
    peer.warm()
    times = []
    for question in asked:
        took = []
        for _ in range(_ASKED):
            start = time.perf_counter()
            ask(question)
            took.append(1000 * (time.perf_counter() - start))
        times.append(min(took))
    times.sort()
    memory = _memory()
    row = {f"p{share} ms": times[min(len(times) - 1, len(times) * share // 100)] for share in (50, 95, 99)}
    additions = []
    for first in range(3):
        more = [Passage(10**9 + first * 10 + n // 33, n % 33, f"{asked[n % len(asked)]} {n}") for n in range(100)]
        start = time.perf_counter()
        if peer.add(more):
            additions.append(1000 * (time.perf_counter() - start))
    if additions:
        row["add 100 ms"] = sorted(additions)[1]
    return {"open+1st ms": 1000 * opened, "MB": memory, **row}


def _import_everything(name: str) -> None:
    if name.startswith("quotewire"):
        import retrieval.embedded  # noqa: F401
    elif name == "rank_bm25":
        import rank_bm25  # noqa: F401
    elif name == "tantivy":
        import tantivy  # noqa: F401


def _memory() -> float:
    """Resident MB of this process and its children."""
    total, waiting = 0, [os.getpid()]
    while waiting:
        process = waiting.pop()
        try:
            for line in Path(f"/proc/{process}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{process}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it has ended
    return total / 1000


# -- all of them -------------------------------------------------------------------------------------------------------


def run(size: int, asked: Sequence[str], names: Sequence[str], directory: Path) -> dict[str, dict[str, float]]:
    """The rows of the table for one number of paragraphs."""
    save_passages(list(islice(texts(), size)), directory / "passages.jsonl")
    rows = {}
    for number, name in enumerate(names):
        place = directory / str(number)
        place.mkdir()
        count = max(5, min(len(asked), _SLOW[name] // size)) if name in _SLOW else len(asked)
        (directory / "questions.json").write_text(json.dumps(asked[:count]))
        rows[name] = {**_in_fresh_process("build", name, place), **_in_fresh_process("search", name, place)}
        rows[name].setdefault("add 100 ms", 1000 * rows[name]["build s"])
        print(_line(name, rows[name]), flush=True)
        shutil.rmtree(place)
    return rows


def _in_fresh_process(step: str, name: str, place: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.bench", "--step", step, "--only", name, "--place", str(place)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    row: dict[str, float] = json.loads(output.splitlines()[-1])
    return row


def _line(name: str, row: dict[str, float]) -> str:
    return f"| {name:24} | " + " | ".join(f"{row[column]:11.4g}" for column in _COLUMNS) + " |"


def _ratios(rows: dict[str, dict[str, float]]) -> str:
    plain, ours = rows["quotewire, plain BM25"], rows["quotewire, all signals"]
    lines = ["", "Times ours (plain BM25); for our row with all signals, times the plain one:"]
    for name, row in rows.items():
        if row is not plain:
            ratios = (row[column] / max(plain[column], 1e-9) for column in _COLUMNS)
            lines.append(f"| {name:24} | " + " | ".join(f"{ratio:11.3g}" for ratio in ratios) + " |")
    others = [row["p50 ms"] for name, row in rows.items() if row is not plain and row is not ours]
    if others:
        lines.append(f"p50 of the quickest other engine / ours: {min(others) / plain['p50 ms']:.2f}")
    return "\n".join(lines)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--only", action="append", choices=PEERS)
    parser.add_argument("--step", choices=["build", "search"], help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "build":
        print(json.dumps(measure_build(options.only[0], options.place)))
    elif options.step == "search":
        asked = json.loads((options.place.parent / "questions.json").read_text())
        print(json.dumps(measure_search(options.only[0], options.place, asked)))
    else:
        asked = questions(options.queries)
        for size in map(int, options.sizes.split(",")):
            print(f"\n{size:,} paragraphs, {len(asked)} questions, {os.cpu_count()} cores\n")
            print(f"| {'':24} | " + " | ".join(f"{column:>11}" for column in _COLUMNS) + " |", flush=True)
            with tempfile.TemporaryDirectory() as directory:
                rows = run(size, asked, options.only or list(PEERS), Path(directory))
            if "quotewire, plain BM25" in rows and "quotewire, all signals" in rows:
                print(_ratios(rows), flush=True)


if __name__ == "__main__":
    main()
