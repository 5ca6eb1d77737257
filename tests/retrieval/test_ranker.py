"""The scores, by hand."""

from __future__ import annotations

import math

import pytest

from retrieval.analysis import Analyzer
from retrieval.building import Vocabulary, build
from retrieval.index import Index, Part
from retrieval.parameters import Parameters
from retrieval.ranker import NewsBM25
from retrieval.search import search
from retrieval.types import Passage, Query

ANALYZER = Analyzer()
TEXTS = ("harbour treaty harbour", "treaty", "grain tariff vote storm")


def index(texts: tuple[str, ...] = TEXTS) -> Index:
    segment = build([Passage(1, number, text) for number, text in enumerate(texts)], Vocabulary(ANALYZER))
    return Index((Part(segment),), Parameters.plain())


def test_a_score_is_the_formula_written_out() -> None:
    hit = search(index(), ANALYZER, Query("harbour", "harbour"), 10).hits[0]
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    average = 8 / 3
    expected = idf * 2 * (0.9 + 1) / (2 + 0.9 * (1 - 0.4 + 0.4 * 3 / average))
    assert hit.score == pytest.approx(expected, abs=1e-12)
    assert hit.parts == {"word harbour": hit.score}


def test_a_passage_that_is_a_whole_article_counts_as_no_longer_than_a_long_one() -> None:
    texts = tuple("harbour " + "grain " * length for length in (10, 150, 1500))
    segment = build([Passage(1, number, text) for number, text in enumerate(texts)], Vocabulary(ANALYZER))
    short, long, longest = Index((Part(segment),)).models["passages"][0].get_scores(["harbour"])
    assert short > long == longest


def test_idf_is_positive_however_common_the_word() -> None:
    assert NewsBM25([["a"], ["a"]]).idf["a"] == pytest.approx(math.log(1 + 0.5 / 2.5))
    assert NewsBM25([["a"], ["a"]]).get_scores(["a", "z"]) == pytest.approx([math.log(1.2)] * 2)


def test_the_model_keeps_the_interface_of_the_library() -> None:
    model = index().models["passages"][0]
    whole = model.get_scores(["harbour", "treati", "zeppelin"])
    assert whole.shape == (3,)
    assert model.get_batch_scores(["harbour", "treati"], [2, 0]) == pytest.approx([0.0, whole[0]], abs=1e-12)
    assert model.get_scores([]).tolist() == [0.0, 0.0, 0.0]


def test_repeating_a_word_in_the_question_changes_nothing() -> None:
    once, twice = (search(index(), ANALYZER, Query(q, q), 10) for q in ("treaty vote", "treaty vote treaty"))
    assert once.hits == twice.hits
