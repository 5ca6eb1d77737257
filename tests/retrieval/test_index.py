"""Scores are the library's, however the passages came into the index."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25, BM25L, BM25Okapi, BM25Plus

from retrieval import kernel, rebuilding, topk
from retrieval.analysis import Analyzer
from retrieval.building import Vocabulary, build
from retrieval.embedded import EmbeddedEngine
from retrieval.index import Index, Part
from retrieval.merging import merge
from retrieval.parameters import Parameters
from retrieval.ranker import NewsBM25, fed_by_postings
from retrieval.search import search
from retrieval.segment import load, seal, write
from retrieval.types import DateRange, Limits, PartialDate, Passage, Query, SearchResult

ANALYZER = Analyzer()
VOCABULARY = Vocabulary(ANALYZER)
WORDS = ("harbour", "treaty", "grain", "tariff", "minister", "storm", "vote", "bridge", "the", "of")
PEOPLE = ("Lena Orlova", "Pavel Orlov", "Ana Reis")

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
questions = st.lists(st.sampled_from((*WORDS, "zeppelin")), min_size=1, max_size=6).map(" ".join)


@st.composite
def articles(draw: st.DrawFn, article_id: int) -> list[Passage]:
    title, source = draw(texts), draw(st.sampled_from(["Coast Wire", "Hill Post", None]))
    date = draw(st.sampled_from([None, PartialDate(2021, 3, 4), PartialDate(None, 12, 31), PartialDate(2022, 1)]))
    said = st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple)
    return [
        Passage(article_id, n, text, title=title, source=source, date=date, speakers=draw(said))
        for n, text in enumerate(draw(st.lists(texts, min_size=1, max_size=4)))
    ]


@st.composite
def corpora(draw: st.DrawFn) -> list[list[Passage]]:
    return [draw(articles(n)) for n in range(1, draw(st.integers(1, 8)) + 1)]


def part_of(corpus: Sequence[Sequence[Passage]]) -> Part:
    return Part(build([passage for article in corpus for passage in article], VOCABULARY))


def index_of(*parts: Part, parameters: Parameters | None = None) -> Index:
    return Index(tuple(part for part in parts if part.articles), parameters or Parameters())


def terms_of(corpus: Sequence[Sequence[Passage]]) -> list[list[str]]:
    return [ANALYZER.terms(passage.text) for article in corpus for passage in article]


def facts(result: SearchResult) -> list[tuple[int, int, float, tuple[str, ...]]]:
    return [(hit.article_id, hit.index, hit.score, hit.terms) for hit in result.hits]


@settings(deadline=None, max_examples=60)
@given(
    corpora(), questions, st.sampled_from([BM25Okapi, BM25L, BM25Plus, NewsBM25]), st.floats(0.1, 2), st.floats(0, 0.95)
)
def test_every_variant_of_the_library_scores_as_from_its_own_dictionaries(
    corpus: list[list[Passage]], question: str, variant: type[BM25], k1: float, b: float
) -> None:
    documents, query = terms_of(corpus), ANALYZER.terms(question)
    if not any(documents):
        return  # the library divides by zero
    stock = variant(documents, k1=k1, b=b)
    segment = part_of(corpus)
    index = index_of(segment)
    fed = fed_by_postings(variant, index.postings("passages", 0), index.collection("passages"), k1=k1, b=b)
    query = [term for term in query if term in stock.idf]
    assert np.allclose(fed.get_scores(query), stock.get_scores(query), rtol=0, atol=1e-9)
    some = list(range(0, len(documents), 2))
    assert np.allclose(fed.get_batch_scores(query, some), stock.get_batch_scores(query, some), rtol=0, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(corpora(), questions, st.integers(1, 5))
def test_the_best_are_those_of_a_full_scan_by_the_library(
    corpus: list[list[Passage]], question: str, limit: int
) -> None:
    documents, query = terms_of(corpus), list(dict.fromkeys(ANALYZER.terms(question)))
    result = search(
        index_of(part_of(corpus), parameters=Parameters.plain()), ANALYZER, Query(question, question), limit
    )
    if not any(documents):
        assert result.hits == ()
        return
    scores = NewsBM25(documents, k1=0.9, b=0.4).get_scores(query)
    passages = [passage for article in corpus for passage in article]
    newness = [
        p.date.full.toordinal() if p.date and p.date.full else 1 if p.date and p.date.year else 0 for p in passages
    ]
    sharing = [n for n, terms in enumerate(documents) if set(terms) & set(query)]
    newest = {p.date: n for p, n in zip(passages, newness, strict=True)}
    newest[PartialDate(2022, 1)] = 10**7  # a month of 2022 is later than a day of 2021
    best = sorted(
        sharing,
        key=lambda n: (-scores[n], -newest[passages[n].date], passages[n].article_id, passages[n].index),
    )
    expected = [(passages[n].article_id, passages[n].index) for n in best[:limit]]
    assert [(hit.article_id, hit.index) for hit in result.hits] == expected
    assert [hit.score for hit in result.hits] == pytest.approx(scores[best[:limit]].tolist(), abs=1e-9)
    assert result.total == len(sharing)


@settings(deadline=None, max_examples=60)
@given(corpora(), st.data(), questions)
def test_parts_with_removals_and_their_merger_rank_as_a_fresh_build(
    corpus: list[list[Passage]], data: st.DataObject, question: str
) -> None:
    cut = data.draw(st.integers(0, len(corpus)))
    ids = [article[0].article_id for article in corpus]
    gone, later = (data.draw(st.sets(st.sampled_from(ids))) for _ in range(2))
    parts = [part_of(corpus[:cut]), part_of(corpus[cut:])]
    parts = [part.without(gone).without(later) for part in parts]
    fresh = part_of([article for article in corpus if article[0].article_id not in gone | later])
    hints = Limits(speaker=data.draw(st.sampled_from([None, "Orlova"])), dates=DateRange(PartialDate(2021, 3, 1)))
    query = Query(question, question, hints=hints)
    wanted = search(index_of(fresh), ANALYZER, query, 10)
    for index in (index_of(*parts), index_of(Part(merge(parts)))):
        result = search(index, ANALYZER, query, 10)
        assert facts(result) == facts(wanted)
        assert (result.total, result.idf, result.size) == (wanted.total, wanted.idf, wanted.size)
        assert index.terms == index_of(fresh).terms
    for hit in wanted.hits:
        assert sum(hit.parts.values()) == pytest.approx(hit.score, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_pruned_search_finds_what_looking_through_finds(seed: int, everything: bool, dated: bool) -> None:
    rng = random.Random(seed)  # noqa: S311  # no secret
    vocabulary = [f"w{n}" for n in range(60)]
    weights = [1 / (n + 1) for n in range(60)]
    corpus = [
        [
            Passage(
                article, n, " ".join(rng.choices(vocabulary, weights, k=rng.randint(1, 15))), title=rng.choice(WORDS)
            )
            for n in range(rng.randint(1, 9))
        ]
        for article in range(400)
    ]
    part = part_of(corpus).without(rng.sample(range(400), 30))
    index = index_of(part, parameters=Parameters() if everything else Parameters.plain())
    question = " ".join(rng.choices(vocabulary, k=5))
    hints = Limits(dates=DateRange(PartialDate(2021, 1, 1))) if dated else Limits()
    query = Query(question, question, hints=hints)
    wanted = search(index, ANALYZER, query, 10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topk, "_kernel", kernel)
        patch.setattr(topk, "_LARGE", 1)
        patch.setattr(topk, "_FREQUENT", 100)
        assert facts(search(index, ANALYZER, query, 10)) == facts(wanted)


def test_pruning_stays_right_when_the_average_length_changes() -> None:
    rng = random.Random(3)  # noqa: S311  # no secret
    vocabulary = [f"w{n}" for n in range(40)]

    def corpus(ids: range, length: int) -> list[list[Passage]]:
        return [[Passage(n, 0, " ".join(rng.choices(vocabulary, k=rng.randint(1, length))))] for n in ids]

    first, second = part_of(corpus(range(300), 6)), part_of(corpus(range(300, 900), 90))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topk, "_LARGE", 1)
        patch.setattr(topk, "_FREQUENT", 10)
        for index in (index_of(first), index_of(first, second), index_of(second)):
            for _ in range(40):
                question = " ".join(rng.choices(vocabulary, k=4))
                patch.setattr(topk, "_kernel", None)
                wanted = search(index, ANALYZER, Query(question, question), 10)
                patch.setattr(topk, "_kernel", kernel)
                assert facts(search(index, ANALYZER, Query(question, question), 10)) == facts(wanted)


def test_a_segment_is_the_same_from_its_file(tmp_path: Path) -> None:
    segment = build([Passage(1, 0, "The harbour of Velm", heading="Ports", speakers=("Ana Reis",))], VOCABULARY)
    write(segment.arrays, tmp_path / "segment")
    stored = load(tmp_path / "segment", seal(tmp_path / "segment"))
    assert stored.arrays.keys() == segment.arrays.keys()
    assert all((stored[name] == segment[name]).all() for name in segment.arrays)
    assert [stored.term(n) for n in sorted(stored.find(t) or 0 for t in ("harbour", "velm", "port"))]


async def test_blocks_built_by_other_processes_make_the_same_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = [Passage(n, i, f"harbour {WORDS[(n + i) % 8]} {n}") for n in range(30) for i in range(3)]
    whole = await EmbeddedEngine.open()
    await whole.rebuild(passages)
    monkeypatch.setattr(rebuilding, "BLOCK", 25)
    progress: list[int] = []
    engine = await EmbeddedEngine.open(tmp_path)
    await engine.rebuild(passages, "state 1", progress.append)
    assert progress == [27, 54, 81, 90]
    for question in ("harbour", "treaty 7", "storm harbour vote"):
        query = Query(question, question)
        assert facts(await engine.search(query)) == facts(await whole.search(query))
    await asyncio.gather(engine.close(), whole.close())
    assert len(await asyncio.to_thread(lambda: list(tmp_path.glob("segment-*")))) == 1
