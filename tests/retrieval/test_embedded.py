"""The engine as its users see it."""

from __future__ import annotations

import pytest

from retrieval.embedded import EmbeddedEngine
from retrieval.types import DateRange, Limits, PartialDate, Passage, Query

TEXTS = (
    "Ambassador Lena Orlova met reporters in Velm on Monday.",
    "The harbour of Velm stayed closed, the port authority said.",
    "Orlova called the harbour treaty a dead letter.",
    "Ministers will vote on the grain tariff next week.",
    "Farmers fear that the tariff will ruin them.",
    "The weather stayed mild.",
)


def passages(article_id: int = 1, texts: tuple[str, ...] = TEXTS, **fields: object) -> list[Passage]:
    return [Passage(article_id, index, text, **fields) for index, text in enumerate(texts)]  # type: ignore[arg-type]


def ask(words: str, **fields: object) -> Query:
    return Query(words, words, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def engine():  # type: ignore[no-untyped-def]
    engine = await EmbeddedEngine.open()
    yield engine
    await engine.close()


async def found(engine: EmbeddedEngine, query: Query) -> list[tuple[int, int]]:
    return [(hit.article_id, hit.index) for hit in (await engine.search(query)).hits]


async def test_an_empty_index_gives_no_hits(engine: EmbeddedEngine) -> None:
    result = await engine.search(ask("harbour"))
    assert result.hits == ()
    assert (await engine.stats()).passages == 0


async def test_in_one_article_the_paragraph_that_shares_most_comes_first(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    assert (await found(engine, ask("harbour treaty")))[0] == (1, 2)
    assert await found(engine, ask("football")) == []


async def test_a_word_of_every_passage_still_matches(engine: EmbeddedEngine) -> None:
    await engine.add(passages(texts=("tariff", "tariff and tariff")))
    result = await engine.search(ask("tariff"))
    assert len(result.hits) == 2
    assert all(hit.score > 0 for hit in result.hits)


async def test_unknown_words_have_no_idf(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    result = await engine.search(ask("harbour zeppelins"))
    assert result.idf["harbour"] > 0
    assert result.idf["zeppelin"] == 0.0


async def test_of_each_article_found_it_tells_which_words_it_has_anywhere(engine: EmbeddedEngine) -> None:
    await engine.add(passages(title="A treaty"))
    await engine.add(passages(2, ("The harbour of Marlow froze.", "Zeppelins came.")))
    result = await engine.search(ask("harbour treaty tariff zeppelins cathedral"))
    assert result.articles == {1: {"harbour", "treati", "tariff"}, 2: {"harbour", "zeppelin"}}


async def test_adding_an_article_again_replaces_it(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    await engine.add(passages(texts=("Only whales here.",)))
    assert await found(engine, ask("harbour")) == []
    assert await found(engine, ask("whale")) == [(1, 0)]


async def test_a_removed_article_is_not_found(engine: EmbeddedEngine) -> None:
    await engine.add(passages(1))
    await engine.add(passages(2))
    await engine.remove([1, 99])
    assert {article for article, _ in await found(engine, ask("harbour"))} == {2}


async def test_ties_go_to_the_newer_article_then_the_id(engine: EmbeddedEngine) -> None:
    for article, date in ((1, None), (2, PartialDate(2020, 1, 1)), (3, PartialDate(2021, 1, 1)), (4, None)):
        await engine.add(passages(article, ("One harbour.",), date=date))
    assert await found(engine, ask("harbour")) == [(3, 0), (2, 0), (1, 0), (4, 0)]


async def test_phrases_stand_word_for_word(engine: EmbeddedEngine) -> None:
    await engine.add(passages(texts=("bank of England", "England of bank", "bank England")))
    assert await found(engine, ask("bank", phrases=("banks of England",))) == [(1, 0)]


async def test_excluded_words_and_alternatives_exclude(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    assert await found(engine, ask("harbour", excluded=("treaty",))) == [(1, 1)]
    assert set(await found(engine, ask("Velm", any_of=(("reporters", "port"),)))) == {(1, 0), (1, 1)}


async def test_filters_exclude(engine: EmbeddedEngine) -> None:
    await engine.add(passages(1, source="Coast Wire", section="World", date=PartialDate(None, 12, 31)))
    await engine.add(passages(2, source="Hill Post", section="Sport", date=PartialDate(2021, 12, 5)))
    await engine.add(passages(3, source="Hill Post", section="World", date=None, speakers=("Lena Orlova",)))

    async def articles(**limits: object) -> set[int]:
        query = ask("harbour", filters=Limits(**limits))  # type: ignore[arg-type]
        return {article for article, _ in await found(engine, query)}

    assert await articles(source="hill post") == {2, 3}
    assert await articles(section="world") == {1, 3}
    assert await articles(speaker="Orlova") == {3}
    december = PartialDate(None, 12)
    assert await articles(dates=DateRange(december, december)) == {1, 2}
    december_2021 = PartialDate(2021, 12)
    assert await articles(dates=DateRange(december_2021, december_2021)) == {2}


async def test_stop_words_alone_limit_nothing(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    assert len(await found(engine, ask("harbour", phrases=("of the",), excluded=("the",)))) == 2


async def test_a_phrase_alone_is_searched_for(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    assert await found(engine, ask("", phrases=("harbour treaty",))) == [(1, 2)]


async def test_whoever_the_question_names_is_found_where_only_he_said_stands(engine: EmbeddedEngine) -> None:
    await engine.add(passages(1, ("“The tariff stays,” he said.", "The tariff is high.", "Nothing here."), speakers=()))
    said = Passage(2, 0, "“The tariff goes,” he said.", speakers=("Pavel Orlov",))
    await engine.add([said])
    hinted = ask("What did Orlov say about the tariff", hints=Limits(speaker="Orlov"))
    result = await engine.search(hinted)
    assert (result.hits[0].article_id, result.hits[0].index) == (2, 0)
    assert result.hits[0].parts["speaker"] > 0
    for name in ("Pavel Orlov", "P. Orlov", "Орлов", "Павел Орлов"):
        assert await found(engine, ask("", filters=Limits(speaker=name))) == [(2, 0)]
    for name in ("Ivan Orlov", "Pavel"):
        assert await found(engine, ask("tariff", filters=Limits(speaker=name))) in ([], [(2, 0)] * (name == "Pavel"))


async def test_what_is_hinted_raises_but_does_not_exclude(engine: EmbeddedEngine) -> None:
    for article, date in ((1, PartialDate(2020, 1, 1)), (2, PartialDate(2021, 5, 1)), (3, None)):
        await engine.add(passages(article, ("One harbour.",), date=date))
    day = PartialDate(2020, 1, 2)
    hinted = ask("harbour", hints=Limits(dates=DateRange(day, day)))
    assert [article for article, _ in await found(engine, hinted)] == [1, 2, 3]


async def test_any_question_is_answered(engine: EmbeddedEngine) -> None:
    await engine.add(passages())
    for text in ("", "?", "the", "\ud800", '"' * 4096, " ".join(f"word{n}" for n in range(5000)), "harbour " * 5000):
        await engine.search(ask(text))
    assert len((await engine.search(ask("harbour " * 500), 1)).hits) == 1
    assert (await engine.search(ask("harbour"), 0)).hits == ()
