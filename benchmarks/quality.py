"""Quality on every evaluation set: ranking, silence, quoting. `python -m benchmarks.quality [EVAL_DIR]`.

One run, one table for each; stock `rank_bm25` (BM25Okapi over lower-cased words) beside ours. It is slow (half a second
a question over 200,000 paragraphs), so the large sets give it a sample of the questions, and the table says so.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Okapi

from benchmarks import attribution
from benchmarks.evalsets import INSIDE, NAMES, TODAY, EvalSet, Question, load, squeeze
from benchmarks.metrics import Ranking, auroc, calibration, interval
from retrieval.answer import choose
from retrieval.embedded import EmbeddedEngine
from retrieval.engine import SearchEngine
from retrieval.passages import passages_of
from retrieval.question import understand
from retrieval.types import Answer, Query, SearchResult

_STOCK_SAMPLE = 40  # questions put to stock rank_bm25 where there are over 50,000 paragraphs: 1 to 4 s each
_CROSSED = {"xquad-en": "wikinews", "wikinews": "xquad-en"}


@dataclass(frozen=True)
class Outcome:
    """What came of one question."""

    question: Question
    result: SearchResult
    answer: Answer
    undated: Answer  # when the day of asking is not given
    forced: Answer  # the same, however unsure
    relevant: frozenset[tuple[int, int]]

    @property
    def ranks(self) -> list[bool]:
        return [(hit.article_id, hit.index) in self.relevant for hit in self.result.hits]


async def run(evalset: EvalSet) -> tuple[list[Outcome], EmbeddedEngine]:
    """Each question of the set searched and answered."""
    engine = EmbeddedEngine()
    await engine.rebuild(passage for article in evalset.articles.values() for passage in passages_of(article))
    outcomes = []
    for question in evalset.questions:
        result, answer = await _ask(engine, evalset, question.text, question)
        searched = result
        if question.asked:
            searched, undated = await _ask(engine, evalset, question.text, None)
        else:
            undated = answer
        forced = choose(undated.query, searched, evalset.articles, threshold=0.0)
        outcomes.append(Outcome(question, result, answer, undated, forced, evalset.relevant(question)))
    return outcomes, engine


async def found(engine: SearchEngine, text: str, asked: dt.date | None) -> tuple[Query, SearchResult]:
    """What is searched for, and the passages found, as `Services` does it."""
    query = understand(text, now=asked or TODAY)
    result = await engine.search(query, 10)
    if unknown := [term for term, idf in result.idf.items() if not idf]:
        other = await engine.respelled(query, unknown)
        if other != query:
            return other, await engine.search(other, 10)
    return query, result


async def _ask(
    engine: EmbeddedEngine, evalset: EvalSet, text: str, question: Question | None
) -> tuple[SearchResult, Answer]:
    query, result = await found(engine, text, question.asked if question else None)
    return result, choose(query, result, evalset.articles)


def stock(evalset: EvalSet, outcomes: Sequence[Outcome]) -> tuple[Ranking, int]:
    """What stock rank_bm25 reaches on the answerable questions, and how many of them were put to it."""
    where = [(a.id, i) for a in evalset.articles.values() for i in range(len(a.paragraphs))]
    model = BM25Okapi([p.text.lower().split() for a in evalset.articles.values() for p in a.paragraphs])
    asked = [o for o in outcomes if o.question.answerable]
    if len(where) > 50_000:
        asked = random.Random(1).sample(asked, min(_STOCK_SAMPLE, len(asked)))  # noqa: S311  # a sample, no secret
    lists = []
    for outcome in asked:
        best = np.argsort(-model.get_scores(outcome.question.text.lower().split()), kind="stable")[:10]
        lists.append([where[i] in outcome.relevant for i in best])
    return Ranking.of(lists, [len(o.relevant) for o in asked]), len(asked)


def is_right(answer: Answer, question: Question) -> bool:
    """Whether the first quote lies inside an evidence text of its article, or holds one."""
    if not answer.quotes:
        return False
    quote = answer.quotes[0]
    said = squeeze(quote.text)
    return any(
        document == quote.article.external_id and (said in squeeze(words) or squeeze(words) in said)
        for document, words in question.evidence
    )


def faults(evalset: EvalSet, answers: Iterable[Answer]) -> int:
    """How many quotes are not in the source character for character, or begin or end inside a word."""
    count = 0
    for answer in answers:
        for quote in answer.quotes:
            text = quote.paragraph.text
            edges = (
                text[quote.start - 1 : quote.start + 1] if quote.start else "",
                text[quote.end - 1 : quote.end + 1],
            )
            cut = any(re.fullmatch(r"\w\w", edge) for edge in edges)
            count += cut or not quote.text or quote.text not in evalset.sources[quote.article.external_id or ""]
    return count


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else float("nan")


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _line(*cells: object, widths: Sequence[int]) -> None:
    first, *others = zip(cells, widths, strict=True)
    print("  ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in others)]), flush=True)


def main() -> None:
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("EVAL_DIR") or "../shared/eval")
    wanted = sys.argv[2:] or NAMES
    started = time.perf_counter()
    done: dict[str, tuple[EvalSet, list[Outcome], EmbeddedEngine]] = {}
    widths = (14, 9, 21, 21, 22, 21, 9)
    print("Ranking of paragraphs, answerable questions: hit@1 hit@5, MRR@10 with its 95 % interval, nDCG@10")
    print(
        f"Stock rank_bm25 answers a sample of {_STOCK_SAMPLE} of a large set's questions, marked (of {_STOCK_SAMPLE})"
    )
    _line(
        "set",
        "questions",
        "stock hit@1 hit@5",
        "stock MRR nDCG",
        "ours hit@1 hit@5",
        "MRR [95 %]",
        "nDCG",
        widths=widths,
    )
    for name in wanted:
        evalset = load(directory, name)
        if evalset is None:
            print(f"{name}: not in {directory}")
            continue
        outcomes, engine = asyncio.run(run(evalset))
        done[name] = evalset, outcomes, engine
        answerable = [o for o in outcomes if o.question.answerable]
        ours = Ranking.of([o.ranks for o in answerable], [len(o.relevant) for o in answerable])
        theirs, n = stock(evalset, outcomes)
        low, high = interval(ours.reciprocal_ranks)
        _line(
            name,
            len(answerable),
            f"{theirs.hit(1):.3f} {theirs.hit(5):.3f}" + (f" (of {n})" if n < len(answerable) else ""),
            f"{theirs.mrr:.3f} {theirs.ndcg:.3f}",
            f"{ours.hit(1):.3f} {ours.hit(5):.3f}",
            f"{ours.mrr:.3f} [{low:.3f} {high:.3f}]",
            f"{ours.ndcg:.3f}",
            widths=widths,
        )
    _silence(done)
    _quoting(done)
    _calibration(done)
    if (directory / "quotes" / "score.py").exists():
        print("\nReading quotations and speakers")
        print(attribution.table(attribution.score(directory)))
    print(f"\n{time.perf_counter() - started:.0f} s")


def _silence(done: dict[str, tuple[EvalSet, list[Outcome], EmbeddedEngine]]) -> None:
    print("\nSilence: AUROC of confidence (no day of asking given), and the share answered at the shipped threshold")
    widths = (34, 7, 12, 14)
    _line("set", "AUROC", "answerable", "unanswerable", widths=widths)
    for name, (_, outcomes, _) in done.items():
        yes = [o.undated for o in outcomes if o.question.answerable]
        no = [o.undated for o in outcomes if not o.question.answerable]
        area = f"{auroc([a.confidence for a in yes], [a.confidence for a in no]):.3f}" if no else "-"
        answered = f"{_share(a.answered for a in no):.3f}" if no else "-"
        _line(name, area, f"{_share(a.answered for a in yes):.3f}", answered, widths=widths)
    for name, other in _CROSSED.items():
        if name in done and other in done:
            evalset, _, engine = done[other]
            crossed = [asyncio.run(_ask(engine, evalset, o.question.text, None))[1] for o in done[name][1]]
            _line(
                f"{name} questions put to {other}",
                "-",
                "-",
                f"{_share(a.answered for a in crossed):.3f}",
                widths=widths,
            )


def _quoting(done: dict[str, tuple[EvalSet, list[Outcome], EmbeddedEngine]]) -> None:
    print("\nQuoting")
    for name, (evalset, outcomes, _) in done.items():
        answered = [o for o in outcomes if o.question.answerable and o.answer.answered]
        if any(o.question.speaker for o in outcomes):
            both = [_first_by(o.answer, o.question.speaker) and is_right(o.answer, o.question) for o in outcomes]
            print(f"{name}: first quote right and speaker right {_share(both):.3f} of {len(both)}")
        first = [o for o in answered if _first_paragraph_right(o) and o.question.answers and name not in INSIDE]
        if first and not any(o.question.speaker for o in outcomes):
            held = [any(_words(a) in _words(o.answer.quotes[0].text) for a in o.question.answers) for o in first]
            length = np.mean([len(o.answer.quotes[0].text) for o in first])
            print(
                f"{name}: first quote holds an accepted answer {_share(held):.3f} of {len(held)}"
                f" whose paragraph came first (mean length {length:.0f})"
            )
        print(
            f"{name}: quotes not in the source or cutting a word: {faults(evalset, [o.answer for o in outcomes])}"
            f" of {sum(len(o.answer.quotes) for o in outcomes)}"
        )


def _first_paragraph_right(outcome: Outcome) -> bool:
    quote = outcome.answer.quotes[0]
    return (quote.article.id, quote.index) in outcome.relevant


def _first_by(answer: Answer, speaker: str | None) -> bool:
    """Whether the first quote is given to the speaker, whom the set names as the text does ("Gallup's Jo Roe")."""
    quoted = answer.quotes[0].speaker if answer.quotes else None
    if quoted is None or speaker is None:
        return False
    name = _words(quoted.name or quoted.as_written or "").split()
    return bool(name) and name[-1] in _words(speaker).split()


def _calibration(done: dict[str, tuple[EvalSet, list[Outcome], EmbeddedEngine]]) -> None:
    print(
        "\nCalibration: share of first quotes that are right, by confidence (silence lifted; each set weighs the same)"
    )
    widths = (14, 9, 12, 9)
    _line("confidence", "questions", "mean", "right", widths=widths)
    rows = [
        (o.forced.confidence, is_right(o.forced, o.question), 1 / len(outcomes))
        for _, outcomes, _ in done.values()
        for o in outcomes
    ]
    for low, count, mean, right in calibration(*zip(*rows, strict=True)):
        _line(f"{low:.1f} - {low + 0.1:.1f}", count, f"{mean:.3f}", f"{right:.3f}", widths=widths)


if __name__ == "__main__":
    main()
