"""How sure an answer is, and which way each kind of evidence turns it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.answer import choose
from retrieval.confidence import THRESHOLD
from retrieval.question import understand
from tests.retrieval.asking import HARBOUR, NOW, PORT, Archive

OTHER = """Chess players from Ostria won the championship in the capital on Saturday.

The airport of Marlow opens in spring, its director Ruth Penn said.

Zeppelins return to the fair, where a film about them is shown."""


async def confidence(question: str, *texts: str) -> float:
    return (await (await Archive.of(*texts or (HARBOUR,))).ask(question)).confidence


async def best(question: str, *texts: str) -> float:
    """The confidence when a quote is shown whatever it is."""
    return (await (await Archive.of(*texts or (HARBOUR,))).ask(question, threshold=0)).confidence


@pytest.mark.parametrize(
    ("fits", "fits_less"),
    [
        ("Who built the grain terminal?", "Who built the grain terminal of Zorkograd?"),
        ("What destroyed the lighthouse?", "What destroyed the lighthouse and the cathedral?"),
        ("Who built the grain terminal in 1921?", "Who built the grain terminal in 1934?"),
        ("Who built the grain terminal?", "Who has not built the grain terminal?"),
        ("Why did fishermen lose crowns since March?", "Why did fishermen never lose crowns since March?"),
        ("When was the grain terminal built?", "Why was the grain terminal built?"),
        ("What did Orlova say about the treaty?", "What did Bell say about the treaty?"),
        ("railway bridge", "railway zeppelin"),
    ],
)
async def test_a_question_that_the_text_meets_less_is_less_sure(fits: str, fits_less: str) -> None:
    assert await best(fits) > await best(fits_less)


@pytest.mark.parametrize(
    ("fits", "fits_less"),
    [
        ("Кто построил зерновой терминал?", "Кто построил зерновой терминал Зоркограда?"),
        ("Что разрушило маяк?", "Что разрушило маяк и собор?"),
        ("Кто построил зерновой терминал?", "Кто не построил зерновой терминал?"),
        ("Что Орлова сказала о договоре?", "Что Белов сказал о договоре?"),
    ],
)
async def test_so_it_is_in_russian(fits: str, fits_less: str) -> None:
    assert await best(fits, PORT) > await best(fits_less, PORT)


async def test_a_headline_of_an_article_that_is_not_there_is_below_the_threshold() -> None:
    headline = "Chess players of Ostria stay in the harbour of Velm until October"
    assert await confidence(headline) < THRESHOLD
    assert await best(headline) < await best("Harbour of Velm will stay closed until end of October")


@pytest.mark.parametrize(
    "words",
    [
        "lighthouse museum storm navigation model",
        "lighthouse musuem storm navigation model",
        "grain terminal bank engineer built zorkograd",
        "fishermen crowns gates march compensated million",
        "seized museum Navigation model lighthouse storm",
    ],
)
async def test_many_keywords_are_sure_though_one_of_them_is_not_there(words: str) -> None:
    assert await confidence(words) >= THRESHOLD


@pytest.mark.parametrize("words", ["treaty ukrane", "zorkograd lighthouse", "Velm Zorkograd", "harbour treaty ukrane"])
async def test_few_keywords_are_unsure_when_one_of_them_is_not_there(words: str) -> None:
    assert await confidence(words) < THRESHOLD


@pytest.mark.parametrize(
    "question", ["Who won the chess championship?", "When does the airport open?", "zeppelins film"]
)
async def test_the_same_question_is_sure_where_the_answer_is_and_unsure_elsewhere(question: str) -> None:
    assert await confidence(question, OTHER) >= THRESHOLD
    assert await confidence(question, HARBOUR) < THRESHOLD
    assert await confidence(question, HARBOUR, OTHER) >= THRESHOLD


@pytest.mark.parametrize("question", ["", "?", "the of and", "и в на", '"', "-grain", "from:", "OR", "а" * 4096, "🙂"])
async def test_a_question_that_says_nothing_is_answered_by_nothing(question: str) -> None:
    assert 0 <= await confidence(question, HARBOUR, PORT) < THRESHOLD


async def test_the_month_asked_for_is_met_by_an_article_of_that_month() -> None:
    question = "What did Orlova say about the treaty in June?"
    assert await best(question, HARBOUR) >= THRESHOLD
    assert await best(question, HARBOUR.replace("June 3", "May 7")) < THRESHOLD


async def test_the_same_question_of_the_same_articles_is_always_as_sure() -> None:
    assert len({await confidence("Why is the harbour closed?", HARBOUR, OTHER) for _ in range(3)}) == 1


@pytest.mark.parametrize("question", ["Who built the grain terminal of Marlow?", "Who died in the harbour of Velm?"])
async def test_the_index_tells_of_an_article_what_its_text_says(question: str) -> None:
    archive = await Archive.of(HARBOUR, OTHER)
    query = understand(question, now=NOW)
    result = await archive.engine.search(query)
    assert 1 in result.articles
    told, read = (choose(query, one, archive.articles) for one in (result, replace(result, articles={})))
    assert told.confidence == pytest.approx(read.confidence)
