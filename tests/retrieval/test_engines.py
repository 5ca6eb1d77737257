"""What every engine does alike: the embedded one, and the one that asks Milvus."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from milvus_lite.server_manager import server_manager_instance

from retrieval.embedded import EmbeddedEngine
from retrieval.engine import SearchEngine
from retrieval.milvus import MilvusIndex
from retrieval.remote import RemoteEngine
from retrieval.types import DateRange, Hit, Limits, PartialDate, Passage, Query, SearchResult

HARBOUR = (
    "Ambassador Lena Orlova met reporters in Velm on Monday.",
    "The harbour of Velm stayed closed, the port authority said.",
    "Orlova called the harbour treaty a dead letter.",
    "Ministers will vote on the grain tariff next week.",
    "The weather stayed mild.",
)
ПОРТ = ("Посол Лена Орлова встретилась с журналистами.", "Порт Вельма закрыт, сообщила администрация порта.")
DAY = dt.date(2021, 12, 31)


@dataclass
class Newsroom:
    """An engine whose indexes are all brought in line with the same articles."""

    engine: SearchEngine

    async def add(self, passages: Sequence[Passage], fingerprint: str | None = None) -> None:
        for index in self.engine.indexes:
            await index.add(passages, fingerprint)

    async def remove(self, article_ids: Iterable[int], fingerprint: str | None = None) -> None:
        for index in self.engine.indexes:
            await index.remove(list(article_ids), fingerprint)

    async def rebuild(self, passages: Sequence[Passage], fingerprint: str) -> None:
        for index in self.engine.indexes:
            await index.rebuild(passages, fingerprint)

    async def search(self, words: str, **fields: object) -> SearchResult:
        return await self.engine.search(Query(words, words, **fields))  # type: ignore[arg-type]

    async def found(self, words: str, **fields: object) -> list[tuple[int, int]]:
        return [(hit.article_id, hit.index) for hit in (await self.search(words, **fields)).hits]

    async def stats(self) -> tuple[int, int, int]:
        stats = await self.engine.stats()
        return stats.articles, stats.passages, stats.terms


@pytest.fixture(params=["embedded", "milvus"])
async def newsroom(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Newsroom]:
    local = await EmbeddedEngine.open()
    if request.param == "embedded":
        engine: SearchEngine = local
    else:
        engine = RemoteEngine(local, MilvusIndex(str(tmp_path / "milvus.db"), local, time_limit_s=60))
    yield Newsroom(engine)
    await engine.close()
    server_manager_instance.release_server(str(tmp_path / "milvus.db"))


def article(number: int, texts: Sequence[str] = HARBOUR, **fields: object) -> list[Passage]:
    return [Passage(number, index, text, **fields) for index, text in enumerate(texts)]  # type: ignore[arg-type]


async def test_where_nothing_was_added_nothing_is_found(newsroom: Newsroom) -> None:
    assert await newsroom.found("harbour") == []
    assert await newsroom.stats() == (0, 0, 0)


async def test_what_is_added_is_found_and_counted(newsroom: Newsroom) -> None:
    await newsroom.add(article(1))
    await newsroom.add(article(2, ("Only whales here.", "And a harbour.")))

    assert (await newsroom.found("harbour treaty"))[0] == (1, 2)
    assert await newsroom.found("football") == []
    articles, passages, terms = await newsroom.stats()
    assert (articles, passages) == (2, 7)
    assert terms > 20


async def test_it_tells_of_each_word_how_rare_it_is(newsroom: Newsroom) -> None:
    await newsroom.add(article(1))

    result = await newsroom.search("harbour treaty zeppelins")

    assert result.idf["treati"] > result.idf["harbour"] > 0
    assert result.idf["zeppelin"] == 0.0
    assert result.size == 5
    assert result.hits[0].terms == ("harbour", "treati")


async def test_an_article_added_again_is_replaced_whole(newsroom: Newsroom) -> None:
    await newsroom.add(article(1))
    await newsroom.add(article(1, ("Only whales here.", "The tariff went.")))

    assert await newsroom.found("harbour") == []
    assert set(await newsroom.found("tariff whales weather")) == {(1, 0), (1, 1)}
    assert (await newsroom.stats())[:2] == (1, 2)


async def test_what_is_removed_is_found_no_more(newsroom: Newsroom) -> None:
    await newsroom.add([*article(1), *article(2)])
    await newsroom.remove([1, 99])

    assert {number for number, _ in await newsroom.found("harbour")} == {2}
    assert (await newsroom.stats())[:2] == (1, 5)


async def test_what_is_built_anew_replaces_everything(newsroom: Newsroom) -> None:
    await newsroom.add(article(1), "before")
    await newsroom.rebuild([*article(2), *article(3)], "after")

    assert {number for number, _ in await newsroom.found("harbour")} == {2, 3}
    assert [await index.holds() for index in newsroom.engine.indexes] == ["after"] * len(newsroom.engine.indexes)


async def test_each_index_knows_of_what_state_of_the_articles_it_is(newsroom: Newsroom) -> None:
    first, *others = newsroom.engine.indexes
    assert [await index.holds() for index in newsroom.engine.indexes] == [""] * (1 + len(others))
    await newsroom.add(article(1), "one")
    await newsroom.add(article(2))
    await newsroom.remove([2], "two")

    assert [await index.holds() for index in (first, *others)] == ["two"] * (1 + len(others))


async def test_equal_passages_come_by_newer_article_then_id(newsroom: Newsroom) -> None:
    for number, date in ((1, None), (2, PartialDate(2020, 1, 1)), (3, PartialDate(2021, 1, 1)), (4, None)):
        await newsroom.add(article(number, ("One harbour.",), date=date))

    assert await newsroom.found("harbour") == [(3, 0), (2, 0), (1, 0), (4, 0)]


async def test_what_was_written_lately_comes_first_for_whoever_asks_today(newsroom: Newsroom) -> None:
    for number, date in ((1, PartialDate(2019, 12, 30)), (2, PartialDate(2021, 12, 30)), (3, None)):
        await newsroom.add(article(number, ("One harbour.",), date=date))

    assert (await newsroom.found("harbour", asked=DAY))[0] == (2, 0)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(source="hill post"), {2, 3}),
        (Limits(source="post"), {2, 3}),
        (Limits(source="hill wire"), set()),
        (Limits(section="World"), {1, 3}),
        (Limits(source="Hill Post", section="world"), {3}),
        (Limits(speaker="Orlova"), {3}),
        (Limits(speaker="Лена Орлова"), {3}),
        (Limits(speaker="Ivan Orlova"), set()),
        (Limits(speaker="Lena"), {3}),
        (Limits(dates=DateRange(PartialDate(None, 12), PartialDate(None, 12))), {1, 2}),
        (Limits(dates=DateRange(PartialDate(None, 12, 20), PartialDate(None, 1, 5))), {1}),
        (Limits(dates=DateRange(PartialDate(2021, 12), PartialDate(2021, 12))), {2}),
        (Limits(dates=DateRange(PartialDate(2021, 12, 6), None)), set()),
        (Limits(dates=DateRange(None, PartialDate(2021, 12, 5))), {2}),
    ],
    ids=str,
)
async def test_limits_leave_only_what_fits(newsroom: Newsroom, limits: Limits, expected: set[int]) -> None:
    await newsroom.add(
        [
            *article(1, source="Coast Wire", section="World", date=PartialDate(None, 12, 31)),
            *article(2, source="Hill Post", section="Sport", date=PartialDate(2021, 12, 5)),
            *article(3, source="Hill Post", section="World", speakers=("Lena Orlova",)),
        ]
    )

    assert {number for number, _ in await newsroom.found("harbour", filters=limits)} == expected


async def test_limits_alone_find_the_newest_articles_within_by_their_first_words(newsroom: Newsroom) -> None:
    for number, day in ((1, 5), (2, 7), (3, 6), (4, 30)):
        said: dict[str, object] = {"date": PartialDate(2021, 12, day), "source": "Hill Post"}
        await newsroom.add([Passage(number, n, text, **said) for n, text in enumerate(HARBOUR[:3])])  # type: ignore[arg-type]
    quoted = Passage(3, 2, HARBOUR[2], date=PartialDate(2021, 12, 6), speakers=("Lena Orlova",))
    await newsroom.add([*article(3, HARBOUR[:2], date=PartialDate(2021, 12, 6)), quoted])
    days = Limits(dates=DateRange(PartialDate(2021, 12, 1), PartialDate(2021, 12, 10)))

    assert await newsroom.found("", filters=days) == [(2, 0), (3, 0), (1, 0)]
    assert await newsroom.found("", filters=days, asks_speech=True) == [(3, 2)]
    assert await newsroom.found("", filters=Limits(source="Hill Post")) == [(4, 0), (2, 0), (1, 0)]
    assert await newsroom.found("") == []


async def test_phrases_and_excluded_words_hold(newsroom: Newsroom) -> None:
    await newsroom.add([*article(1), *article(2, ("bank of England", "England of bank", "bank England"))])

    assert await newsroom.found("bank", phrases=("banks of England",)) == [(2, 0)]
    assert await newsroom.found("harbour", excluded=("treaty",)) == [(1, 1)]
    assert set(await newsroom.found("Velm", any_of=(("reporters", "port"),))) == {(1, 0), (1, 1)}
    assert await newsroom.found("", phrases=("harbour treaty",)) == [(1, 2)]


async def test_whoever_is_named_is_found_by_what_they_said(newsroom: Newsroom) -> None:
    await newsroom.add(article(1, ("“The tariff stays,” he said.", "The tariff is high.", "Nothing here.")))
    await newsroom.add([Passage(2, 0, "“The tariff goes,” he said.", speakers=("Pavel Orlov",))])

    best: Hit = (await newsroom.search("tariff", hints=Limits(speaker="Orlov"))).hits[0]

    assert (best.article_id, best.index) == (2, 0)
    assert best.parts["speaker"] > 0
    for name in ("Pavel Orlov", "P. Orlov", "Орлов"):
        assert await newsroom.found("", filters=Limits(speaker=name)) == [(2, 0)]
    assert await newsroom.found("", filters=Limits(speaker="Ivan Orlov")) == []


async def test_he_said_is_as_good_as_the_name(newsroom: Newsroom) -> None:
    texts = (
        "“The tariff stays,” he said.",
        "“The tariff stays,” Orlov said.",
        "Orlov fears the tariff.",
        "Nothing else.",
    )
    speakers = (("Pavel Orlov",), ("Pavel Orlov",), (), ())
    await newsroom.add(
        [Passage(1, n, text, speakers=who) for n, (text, who) in enumerate(zip(texts, speakers, strict=True))]
    )

    result = await newsroom.search("Orlov tariff", hints=Limits(speaker="Orlov"), asks_speech=True)

    given = {hit.index: hit.parts.get("name", 0.0) for hit in result.hits}
    assert given == {0: pytest.approx(0.6 * result.idf["orlov"]), 1: 0.0, 2: 0.0}


async def test_speech_counts_as_much_wherever_it_stands_and_however_brief(newsroom: Newsroom) -> None:
    await newsroom.add(article(1, date=PartialDate(2021, 12, 30)))

    assert (await newsroom.search("weather stayed")).hits[0].parts["place"]
    assert "place" not in (await newsroom.search("weather stayed", asks_speech=True)).hits[0].parts


async def test_russian_words_are_found_in_any_form_and_script(newsroom: Newsroom) -> None:
    await newsroom.add([*article(1, HARBOUR[3:]), *article(2, ПОРТ, language="ru", title="Порт закрыт")])

    assert await newsroom.found("порты Вельмы", language="ru") == [(2, 1)]
    result = await newsroom.search("Орлова tariff", language="ru")
    assert {hit.article_id for hit in result.hits} == {1, 2}
    respelled = await newsroom.engine.respelled(Query("Orlova", "Orlova"), ["orlova"])
    assert await newsroom.found(respelled.words, language="ru") == [(2, 0)]


async def test_every_number_of_a_score_is_the_same_in_all_engines(newsroom: Newsroom) -> None:
    plain = await EmbeddedEngine.open()
    passages = [
        *article(1, title="Harbour shut", source="Coast Wire", date=PartialDate(2021, 12, 30)),
        *article(2, ("A treaty on the harbour.", "Nothing."), title="Treaty", speakers=("Lena Orlova",)),
        *article(3, ("Velm has a harbour, as Coast Wire wrote.",), heading="Treaty"),
    ]
    await plain.add(passages)
    await newsroom.add(passages)
    text = "harbour treaty of Velm, Coast Wire"
    query = Query(text, text, hints=Limits(speaker="Orlova"), asked=DAY)

    here, there = await plain.search(query), await newsroom.engine.search(query)

    assert [(h.article_id, h.index, h.terms) for h in there.hits] == [
        (h.article_id, h.index, h.terms) for h in here.hits
    ]
    for one, other in zip(here.hits, there.hits, strict=True):
        assert other.parts == pytest.approx(one.parts, rel=1e-5)
    assert (there.idf, there.size) == (here.idf, here.size)


async def test_any_text_can_be_added_and_any_question_asked(newsroom: Newsroom) -> None:
    odd = "the", "", "\ud800 harbour", 'harbour "\\ \n\u0000', "harbour " * 20_000, "слово " * 40_000
    await newsroom.add(article(1, odd, title="t" * 5000, speakers=tuple(f"Name {n}" for n in range(300))))
    await newsroom.add([])
    await newsroom.remove([])

    for words in ("", "?", "the", "\ud800", '"' * 4096, " ".join(f"word{n}" for n in range(5000)), "harbour " * 5000):
        await newsroom.search(words)
    assert set(await newsroom.found("harbour")) == {(1, 2), (1, 3), (1, 4)}
    assert (await newsroom.engine.search(Query("harbour", "harbour"), 0)).hits == ()
    await newsroom.found("harbour", filters=Limits(speaker='"] or true', source="\\", section='"'))
