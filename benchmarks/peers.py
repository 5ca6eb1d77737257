"""Search engines to measure, ours and those that people use: each is built, opened again, asked and added to."""

from __future__ import annotations

import asyncio
import json
import pickle
import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from retrieval.languages import languages
from retrieval.types import Passage

Ask = Callable[[str], int]  # a question -> how many passages came back, at most 10
TOP = 10
_WORD = re.compile(r"\w+")


def _words(text: str) -> list[str]:
    """What is asked of an engine that does not leave out stop words itself."""
    return [word for word in _WORD.findall(text.lower()) if word not in languages()["en"].stop_words]


class Peer(Protocol):
    """One engine. Passages of one article stand together; they are numbered from 0."""

    def build(self, passages: Sequence[Passage], directory: Path) -> None:
        """Makes the index in the directory, from text to searchable."""

    def open(self, directory: Path) -> Ask:
        """Opens it."""

    def warm(self) -> None:
        """Loads what is compiled, after the first answer."""

    def add(self, passages: Sequence[Passage]) -> bool:
        """Adds to it, searchable when this returns; False where that means building it anew."""


class Ours:
    """Quotewire's index: BM25 alone, or with all signals."""

    def __init__(self, plain: bool) -> None:
        from retrieval.parameters import DEFAULTS, Parameters

        self._parameters = Parameters.plain() if plain else DEFAULTS

    def build(self, passages: Sequence[Passage], directory: Path) -> None:
        from retrieval.embedded import EmbeddedEngine

        async def run() -> None:
            engine = await EmbeddedEngine.open(directory, self._parameters)
            await engine.rebuild(passages, "built")
            await engine.close()

        asyncio.run(run())

    def open(self, directory: Path) -> Ask:
        from retrieval.embedded import EmbeddedEngine
        from retrieval.search import search
        from retrieval.types import Query

        self._engine = engine = asyncio.run(EmbeddedEngine.open(directory, self._parameters))
        return lambda text: len(search(engine.index, engine.analyzer, Query(text, text), TOP).hits)

    def warm(self) -> None:
        asyncio.run(self._engine.warm_up())

    def add(self, passages: Sequence[Passage]) -> bool:
        asyncio.run(self._engine.add(passages, "added"))
        return True


class RankBm25:
    """rank_bm25 as it comes, over our analyzer's terms; kept as a pickle."""

    def build(self, passages: Sequence[Passage], directory: Path) -> None:
        from rank_bm25 import BM25Okapi

        from retrieval.analysis import Analyzer

        analyzer = Analyzer()
        model = BM25Okapi([analyzer.terms(passage.text) for passage in passages])
        with (directory / "model").open("wb") as file:
            pickle.dump(model, file, pickle.HIGHEST_PROTOCOL)

    def open(self, directory: Path) -> Ask:
        import rank_bm25  # noqa: F401  # before the clock of the first answer

        from retrieval.analysis import Analyzer

        analyzer = Analyzer()
        with (directory / "model").open("rb") as file:
            model = pickle.load(file)  # noqa: S301  # we wrote it
        numbers = range(model.corpus_size)
        return lambda text: len(model.get_top_n(analyzer.terms(text), numbers, TOP))

    def warm(self) -> None: ...

    def add(self, passages: Sequence[Passage]) -> bool:
        return False


class Bm25s:
    """bm25s with its own tokenizer, English stop words and Snowball stems."""

    def __init__(self, backend: str) -> None:
        import bm25s
        import Stemmer

        self._bm25s, self._backend, self._stemmer = bm25s, backend, Stemmer.Stemmer("english")

    def _tokens(self, texts: Sequence[str]) -> Any:
        quiet = {"show_progress": False}
        return self._bm25s.tokenize(list(texts), stopwords="en", stemmer=self._stemmer, **quiet)

    def build(self, passages: Sequence[Passage], directory: Path) -> None:
        model = self._bm25s.BM25(k1=0.9, b=0.4, backend=self._backend)
        model.index(self._tokens([passage.text for passage in passages]), show_progress=False)
        model.save(directory / "bm25s")

    def open(self, directory: Path) -> Ask:
        model = self._bm25s.BM25.load(directory / "bm25s", mmap=self._backend == "numpy")
        model.backend = self._backend
        if self._backend == "numba":
            model.activate_numba_scorer()

        def ask(text: str) -> int:
            words = self._bm25s.tokenize(
                [text], stopwords="en", stemmer=self._stemmer, show_progress=False, return_ids=False
            )
            return len(model.retrieve(words, k=TOP, show_progress=False)[0][0])

        self._ask = ask
        return ask

    def warm(self) -> None:
        self._ask("what happened")

    def add(self, passages: Sequence[Passage]) -> bool:
        return False


class Tantivy:
    """tantivy with its English stemmer, text not stored."""

    def _index(self, directory: Path) -> Any:
        import tantivy

        schema = tantivy.SchemaBuilder()
        schema.add_text_field("body", stored=False, tokenizer_name="en_stem")
        schema.add_integer_field("id", stored=True)
        (directory / "tantivy").mkdir(exist_ok=True)
        self._tantivy = tantivy
        return tantivy.Index(schema.build(), path=str(directory / "tantivy"))

    def _add(self, passages: Sequence[Passage]) -> None:
        writer = self._all.writer(heap_size=256 << 20, num_threads=2)
        for number, passage in enumerate(passages):
            writer.add_document(self._tantivy.Document(body=passage.text, id=number))
        writer.commit()

    def build(self, passages: Sequence[Passage], directory: Path) -> None:
        self._all = self._index(directory)
        self._add(passages)

    def open(self, directory: Path) -> Ask:
        self._all = index = self._index(directory)
        index.reload()

        def ask(text: str) -> int:
            query = index.parse_query(" ".join(_words(text)), ["body"])
            return len(index.searcher().search(query, TOP).hits)

        return ask

    def warm(self) -> None: ...

    def add(self, passages: Sequence[Passage]) -> bool:
        self._add(passages)
        self._all.reload()
        return True


class Fts5:
    """SQLite FTS5 with its Porter stemmer, text not stored."""

    def _connect(self, directory: Path) -> sqlite3.Connection:
        return sqlite3.connect(directory / "fts.db")

    def build(self, passages: Sequence[Passage], directory: Path) -> None:
        self._database = self._connect(directory)
        self._database.execute("CREATE VIRTUAL TABLE p USING fts5(body, content='', tokenize='porter unicode61')")
        self.add(passages)

    def open(self, directory: Path) -> Ask:
        self._database = self._connect(directory)

        def ask(text: str) -> int:
            words = " OR ".join(f'"{word}"' for word in _words(text))
            found = self._database.execute("SELECT rowid FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?", (words, TOP))
            return len(found.fetchall())

        return ask

    def warm(self) -> None: ...

    def add(self, passages: Sequence[Passage]) -> bool:
        rows = ((passage.text,) for passage in passages)
        self._database.executemany("INSERT INTO p(body) VALUES (?)", rows)
        self._database.commit()
        return True


PEERS: dict[str, Callable[[], Peer]] = {
    "quotewire, plain BM25": lambda: Ours(plain=True),
    "quotewire, all signals": lambda: Ours(plain=False),
    "bm25s numba": lambda: Bm25s("numba"),
    "tantivy": Tantivy,
    "bm25s numpy": lambda: Bm25s("numpy"),
    "SQLite FTS5": Fts5,
    "rank_bm25": RankBm25,
}


def load_passages(path: Path) -> list[Passage]:
    """The passages that `save_passages` wrote."""
    with path.open(encoding="utf-8") as file:
        return [Passage(*row) for row in map(json.loads, file)]


def save_passages(passages: Sequence[Passage], path: Path) -> None:
    """Writes them where another process finds them."""
    with path.open("w", encoding="utf-8") as file:
        for p in passages:
            file.write(json.dumps([p.article_id, p.index, p.text, p.heading, p.title, p.source]) + "\n")
