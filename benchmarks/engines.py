"""The embedded engine beside one that asks Milvus: `python -m benchmarks.engines [EVAL_DIR [SET…]]`.

Milvus is a Milvus Lite file of its own for each set, so its times say nothing of a server's. Ends with status 1 when
the two are more than .02 apart in MRR@10 of paragraphs, on the answerable questions of a set.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from milvus_lite.server_manager import server_manager_instance

from benchmarks.evalsets import EvalSet, Question, load
from benchmarks.metrics import Ranking
from benchmarks.quality import found
from retrieval.embedded import EmbeddedEngine
from retrieval.engine import SearchEngine
from retrieval.milvus import MilvusIndex
from retrieval.passages import passages_of
from retrieval.remote import RemoteEngine

_SETS = ("wikinews", "polnear", "squad2", "xquad-en", "xquad-ru")  # the others take Milvus Lite an hour
_APART = 0.02
_PATIENCE_S = 600.0


@dataclass
class Asked:
    """An engine, and what came of the questions put to it."""

    engine: SearchEngine
    tops: list[list[tuple[int, int]]] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)

    async def ask(self, question: Question) -> None:
        started = time.perf_counter()
        _, result = await found(self.engine, question.text, question.asked)
        self.times_s.append(time.perf_counter() - started)
        self.tops.append([(hit.article_id, hit.index) for hit in result.hits])

    def mrr(self, relevant: Sequence[Collection[tuple[int, int]]]) -> float:
        ranks = [[hit in right for hit in top] for top, right in zip(self.tops, relevant, strict=True)]
        return Ranking.of(ranks, [len(right) for right in relevant]).mrr

    def shared(self, other: Asked) -> float:
        """The share of the other's first ten that this one has."""
        pairs = zip(self.tops, other.tops, strict=True)
        return float(np.mean([len({*mine} & {*theirs}) / max(1, len(theirs)) for mine, theirs in pairs]))

    @property
    def p50_ms(self) -> float:
        return float(np.median(self.times_s)) * 1000


async def compare(evalset: EvalSet, file: Path) -> tuple[list[str], bool]:
    """The cells of the set's line, and whether the two engines are as good as each other."""
    passages = [passage for article in evalset.articles.values() for passage in passages_of(article)]
    local = await EmbeddedEngine.open()
    await local.rebuild(passages)
    index = MilvusIndex(str(file), local, time_limit_s=_PATIENCE_S)
    started = time.perf_counter()
    await index.rebuild(passages)
    built_s = time.perf_counter() - started
    await index.holds()
    here, there = Asked(local), Asked(RemoteEngine(local, index))
    answerable = [question for question in evalset.questions if question.answerable]
    for question in answerable:
        await here.ask(question)
        await there.ask(question)
    relevant = [evalset.relevant(question) for question in answerable]
    mrr = [one.mrr(relevant) for one in (here, there)]
    await there.engine.close()
    cells = [str(len(passages)), str(len(answerable)), *(f"{value:.3f}" for value in mrr)]
    cells += [f"{there.shared(here):.3f}", f"{here.p50_ms:.0f}", f"{there.p50_ms:.0f}"]
    return [*cells, f"{len(passages) / built_s:.0f}"], abs(mrr[1] - mrr[0]) <= _APART


def main() -> int:
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EVAL_DIR") or "../shared/eval")
    print("MRR@10 of the embedded engine and of Milvus; what the second has of the first's top ten; median time of a")
    print("question in both, ms; paragraphs a second into Milvus Lite")
    heads = "paragraphs questions MRR Milvus shared ms Milvus filled".split()
    print(f"{'set':<12}" + "".join(f"{head:>12}" for head in heads))
    alike = True
    for name in sys.argv[2:] or _SETS:
        evalset = load(directory, name)
        if evalset is None:
            print(f"{name}: not in {directory}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "milvus.db"
            cells, close = asyncio.run(compare(evalset, file))
            server_manager_instance.release_server(str(file))
        alike = alike and close
        print(f"{name:<12}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
