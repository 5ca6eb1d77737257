"""Evaluation sets: articles as Quotewire reads them, questions, and which paragraphs and quotes are right.

Format and rules of scoring: the README beside the sets.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import pickle
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import retrieval
from retrieval.reading.document import Document, read
from retrieval.types import Article

# Searched inside another set's articles, as distractors.
INSIDE = {"multihop-rag": "realtimeqa"}
NAMES = ("multihop-rag", "realtimeqa", "polnear", "squad2", "wikinews", "xquad-en", "xquad-ru")
# Sets whose questions speak of the day on which they are asked ("this week"); elsewhere a question's date is the day of
# the article that answers it, which nobody who asks would give.
DATED = frozenset({"realtimeqa"})
TODAY = dt.date(2026, 1, 1)  # the day of asking for all other sets: later than every article
_CACHE = Path(tempfile.gettempdir()) / "quotewire-eval"


@dataclass(frozen=True)
class Question:
    """One question and what answers it."""

    id: str
    text: str
    answerable: bool
    evidence: tuple[tuple[str, str], ...]  # article, words of it
    answers: tuple[str, ...]
    asked: dt.date | None  # null: the set names no day of asking
    speaker: str | None


@dataclass(frozen=True)
class EvalSet:
    """A set: its questions, and the articles in which they are searched, numbered from 1."""

    name: str
    articles: dict[int, Article]
    questions: tuple[Question, ...]
    sources: dict[str, str]  # article -> its text before reading

    @cached_property
    def numbers(self) -> dict[str, int]:
        """External id -> number of the article."""
        return {article.external_id or "": number for number, article in self.articles.items()}

    def relevant(self, question: Question) -> frozenset[tuple[int, int]]:
        """The paragraphs that hold an evidence text, or are a part of 40 characters or more of one."""
        found = set()
        for document, words in question.evidence:
            number = self.numbers.get(document)
            wanted = squeeze(words)
            for index, paragraph in enumerate(self.articles[number].paragraphs if number else ()):
                text = squeeze(paragraph.text)
                if wanted in text or (len(text) >= 40 and text in wanted):
                    found.add((number or 0, index))
        return frozenset(found)


def squeeze(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


def load(directory: Path, name: str) -> EvalSet | None:
    """The set of that name, or None where the directory has none. Reading is slow: what was read is kept in /tmp."""
    queries = next(iter(sorted((directory / name).glob("queries*.jsonl.gz"))), None)
    corpora = [directory / n / "corpus.jsonl.gz" for n in (name, INSIDE.get(name)) if n]
    if queries is None or not all(path.exists() for path in corpora):
        return None
    read_corpora = [_corpus(path) for path in corpora]
    articles = [article for corpus, _ in read_corpora for article in corpus]
    sources = {key: text for _, texts in read_corpora for key, text in texts.items()}
    stamp = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    numbered = {number: article.with_id(number, stamp) for number, article in enumerate(articles, start=1)}
    return EvalSet(name, numbered, tuple(_question(line, dated=name in DATED) for line in _lines(queries)), sources)


def _question(line: dict[str, Any], *, dated: bool) -> Question:
    return Question(
        id=str(line["id"]),
        text=line["question"],
        answerable=line["answerable"],
        evidence=tuple((e["doc"], e["text"]) for e in line["evidence"]),
        answers=tuple(line["answers"]),
        asked=dt.date.fromisoformat(line["date"]) if dated and line.get("date") else None,
        speaker=line.get("speaker"),
    )


def _corpus(path: Path) -> tuple[list[Article], dict[str, str]]:
    lines = list(_lines(path))
    stamp = hashlib.sha256(path.read_bytes())
    package = Path(retrieval.__file__).parent
    for source in sorted([*package.glob("reading/*"), package / "types.py"]):
        if source.is_file():
            stamp.update(source.read_bytes())
    kept = _CACHE / f"{path.parent.name}-{stamp.hexdigest()[:16]}.articles"
    if kept.exists():
        articles = pickle.loads(kept.read_bytes())  # noqa: S301  # written by the lines below
    else:
        with ProcessPoolExecutor(2) as pool:
            articles = list(pool.map(_article, lines, chunksize=50))
        _CACHE.mkdir(exist_ok=True)
        for old in _CACHE.glob(f"{path.parent.name}-*.articles"):
            old.unlink()
        kept.write_bytes(pickle.dumps(articles))
    return articles, {line["id"]: line["text"] for line in lines}


def _article(line: dict[str, Any]) -> Article:
    document = Document(
        text=line["text"],
        title=line.get("title"),
        dates={"data": line["date"]} if line.get("date") else {},
        source=line.get("source"),
        language=line.get("lang"),
        external_id=line["id"],
    )
    return read(document, TODAY)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)
