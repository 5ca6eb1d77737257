"""Which quotes are shown, and when none is."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.answer import choose
from retrieval.confidence import THRESHOLD
from retrieval.question import understand
from retrieval.types import Answer, Article, Hit, Paragraph, SearchResult
from tests.growth import assert_linear
from tests.retrieval.asking import HARBOUR, NOW, PORT, Archive

TARIFF = """The rye tariff rises in July, and shops expect that the rye tariff makes bread dearer.

"The rye tariff will ruin millers," Senator Greta Holm said on Friday.

Minister Tom Pike said the rye tariff would protect farms.

Boats stay in port. The sea is rough. Nobody fishes."""


def texts(answer: Answer) -> list[str]:
    return [quote.text for quote in answer.quotes]


def speakers(answer: Answer) -> list[str | None]:
    return [quote.speaker.name if quote.speaker else None for quote in answer.quotes]


def assert_well_formed(answer: Answer, limit: int = 3) -> None:
    places = [(quote.article.id, quote.index) for quote in answer.quotes]
    assert len(places) == len(set(places)) <= limit
    assert 0 <= answer.confidence <= 1
    for quote in answer.quotes:
        text = quote.paragraph.text
        assert 0 <= quote.start < quote.end <= len(text)
        for edge in (quote.start, quote.end):
            assert not (0 < edge < len(text) and text[edge - 1].isalnum() and text[edge].isalnum()), quote.text
        assert quote.kind != "statement" or quote.speaker is None
        if quote.kind == "statement" and re.match(r"(?:However|He)\b", quote.text):
            dateline = quote.article.dateline
            assert not text[dateline.end if dateline and not quote.index else 0 : quote.start].strip(' "“”«»—|?')


# One article


@pytest.mark.parametrize(
    ("question", "paragraph", "says"),
    [
        ("When was the grain terminal built?", 5, "1921"),
        ("How many tonnes of wheat does the terminal hold?", 5, "60,000"),
        ("Who built the grain terminal?", 5, "Anton Sedge"),
        ("Why is the harbour closed?", 0, "because of silt"),
        ("What destroyed the lighthouse?", 9, "a storm"),
        ("Who signed the treaty for Ostria?", 7, "Paul Gant"),
        ("railway bridge", 10, "2026"),
        ("What did Orlova say about the treaty?", 1, "dead letter"),
        ("What did the mayor say about ferries?", 3, "two new ferries"),
    ],
)
async def test_one_article_answers_what_it_says(question: str, paragraph: int, says: str) -> None:
    answer = await (await Archive.of(HARBOUR)).ask(question)
    assert answer.answered
    assert answer.quotes[0].index == paragraph
    assert says in answer.quotes[0].text
    assert_well_formed(answer)


@pytest.mark.parametrize(
    ("question", "paragraph", "says"),
    [
        ("Когда построили зерновой терминал?", 4, "1921"),
        ("Сколько потеряли рыбаки?", 2, "4 млн"),
        ("Что разрушило маяк?", 5, "буря"),
        ("Что Орлова сказала о договоре?", 1, "Договор мёртв"),
        ("По словам Ильина, что купит город?", 3, "два новых парома"),
        ("Что Orlova сказала о договоре?", 1, "Договор мёртв"),
    ],
)
async def test_one_russian_article_answers_what_it_says(question: str, paragraph: int, says: str) -> None:
    answer = await (await Archive.of(PORT)).ask(question)
    assert answer.answered
    assert answer.quotes[0].index == paragraph
    assert says in answer.quotes[0].text
    assert_well_formed(answer)


@pytest.mark.parametrize(
    ("article", "question"),
    [
        (HARBOUR, "Who won the chess championship?"),
        (HARBOUR, "What is the capital of Peru?"),
        (HARBOUR, "When does the airport open?"),
        (HARBOUR, "What did Smith say about football?"),
        (HARBOUR, "What does the lighthouse keeper earn?"),
        (HARBOUR, ""),
        (HARBOUR, "the of and"),
        (PORT, "Кто победил на чемпионате по шахматам?"),
        (PORT, "Когда откроют аэропорт?"),
    ],
)
async def test_one_article_is_silent_on_what_it_does_not_say(article: str, question: str) -> None:
    answer = await (await Archive.of(article)).ask(question)
    assert not answer.answered
    assert answer.quotes == ()
    assert 0 <= answer.confidence < THRESHOLD


async def test_without_articles_nothing_is_answered() -> None:
    answer = await (await Archive.of()).ask("Why is the harbour closed?")
    assert (answer.answered, answer.confidence) == (False, 0.0)


async def test_words_that_no_article_has_are_named_as_they_were_asked() -> None:
    answer = await (await Archive.of(HARBOUR)).ask("Did Zeppelins land in the harbour?")
    assert "Zeppelins" in answer.unknown
    assert "harbour" not in answer.unknown


async def test_what_plain_words_suggest_is_offered_as_a_limit() -> None:
    answer = await (await Archive.of(HARBOUR)).ask("What did Orlova say about the harbour treaty?")
    assert answer.offers.speaker == "Orlova"


# Speech


async def test_a_quotation_with_its_speaker_beats_narration_when_speech_is_asked_for() -> None:
    answer = await (await Archive.of(TARIFF)).ask("What did Holm say about the rye tariff?")
    assert (answer.quotes[0].kind, speakers(answer)[0]) == ("direct", "Greta Holm")
    assert answer.quotes[0].text.startswith("The rye tariff will ruin millers")


@pytest.mark.parametrize(("asked", "name"), [("Holm", "Greta Holm"), ("Pike", "Tom Pike")])
async def test_the_speaker_asked_for_is_the_first_shown(asked: str, name: str) -> None:
    answer = await (await Archive.of(TARIFF)).ask(f"What did {asked} say about the rye tariff?")
    assert speakers(answer)[0] == name


@pytest.mark.parametrize("operator", ["from:", "said:", "от:"])
async def test_a_limit_to_a_speaker_shows_that_speakers_words_only(operator: str) -> None:
    archive = await Archive.of(TARIFF)
    answer = await archive.ask(f"{operator}Pike rye tariff")
    assert speakers(answer) == ["Tom Pike"]
    assert texts(answer) == ["the rye tariff would protect farms"]
    assert not (await archive.ask(f"{operator}Gant rye tariff", threshold=0)).answered


async def test_a_first_name_that_contradicts_is_another_person() -> None:
    archive = await Archive.of('"The mill will close," Anna Holm said.\n\n"The mill will grow," Peter Holm said.')
    for name in ("Anna Holm", "Peter Holm"):
        assert speakers(await archive.ask(f'from:"{name}" mill')) == [name]
        assert speakers(await archive.ask(f"What did {name} say about the mill?"))[0] == name


async def test_a_name_in_russian_letters_finds_the_speaker_in_latin_ones_and_back() -> None:
    assert speakers(await (await Archive.of(HARBOUR)).ask("от:Орлова treaty")) == ["Lena Orlova"]
    assert speakers(await (await Archive.of(PORT)).ask("from:Orlova договор")) == ["Лена Орлова"]


# What is cut out


@pytest.mark.parametrize(
    ("paragraph", "question", "before"),
    [
        ("Some hold the ferry safe in storms. However, the ferry sank twice. ", "Which ferry sank?", "Some hold"),
        ("The inspector Karl Venn left. He approved the spillway.", "Who approved the spillway?", "The inspector"),
        ("They wanted a sale. That sale was refused by the court.", "Who refused the sale?", "They wanted"),
        ("Власти хранили обсерваторию. Однако её снесли в апреле.", "Когда её снесли?", "Власти"),
    ],
)
@pytest.mark.parametrize("filler", ["", " and so it went on for a long while" * 12])
async def test_a_sentence_that_leans_on_the_one_before_is_shown_with_it(
    paragraph: str, question: str, before: str, filler: str
) -> None:
    text = paragraph.replace(". ", f"{filler}. ", 1) + "\n\nNothing else is known of this.\n\nTrains run late."
    answer = await (await Archive.of(text)).ask(question, threshold=0)
    assert answer.quotes[0].text.startswith(before)
    assert answer.quotes[0].text.endswith(paragraph.split(". ")[1].rstrip(" .") + ".")


async def test_sentences_that_lean_one_on_the_other_are_shown_from_the_first() -> None:
    first = "The barge of the abbey, " + "which had carried salt and rope and iron " * 9 + "was old."
    text = f"Nothing moved. {first} However, it sailed on. It was sold in 1911. Then it burned.\n\nTrains run late."
    (quote, *_) = (await (await Archive.of(text)).ask("When was it sold?", threshold=0)).quotes
    assert quote.text.startswith("The barge of the abbey")
    assert "It was sold in 1911." in quote.text


@pytest.mark.parametrize(
    ("said", "shown", "kind"),
    [
        ("Paul Gant said he would sell the mill.", "Paul Gant said he would sell the mill", "indirect"),
        (
            "“The mill is gone,” Paul Gant said. “That sale was fair.”",
            "“The mill is gone,” Paul Gant said. “That sale",
            "mixed",
        ),
        ("“Yes,” Paul Gant said. “No,” Tom Pike said. “That sale was fair,” Paul Gant said.", "That sale", "direct"),
        ("Rain fell. “That sale of the mill was fair,” Paul Gant said.", "That sale of the mill was fair,", "direct"),
    ],
)
async def test_words_said_are_shown_with_the_speakers_words_that_they_lean_on(said: str, shown: str, kind: str) -> None:
    answer = await (await Archive.of(f"{said}\n\nTrains run late.")).ask(
        "What did Gant say about the sale?", threshold=0
    )
    assert answer.quotes[0].text.startswith(shown)
    assert (answer.quotes[0].kind, speakers(answer)[0]) == (kind, "Paul Gant")


async def test_the_dateline_is_no_part_of_a_statement() -> None:
    answer = await (await Archive.of(HARBOUR)).ask("Why is the harbour closed?")
    assert answer.quotes[0].text.startswith("The harbour of Velm")


async def test_a_long_paragraph_is_quoted_in_part_by_whole_sentences() -> None:
    filler = " ".join(f"Item {number} of the list was read and nobody spoke to it at all." for number in range(40))
    text = f"{filler} The aqueduct leaked in 1977. {filler}\n\nTrains run late."
    (quote, *_) = (await (await Archive.of(text)).ask("When did the aqueduct leak?", threshold=0)).quotes
    assert "The aqueduct leaked in 1977." in quote.text
    assert len(quote.text) <= 320
    assert quote.text.startswith(("Item", "The aqueduct"))
    assert quote.text.endswith(".")


# Several quotes


async def test_near_duplicates_are_shown_once() -> None:
    said = "The bridge over the Silver River collapsed on Sunday, and two lorries fell into the water."
    archive = await Archive.of(
        f"Weather is fine.\n\n{said}\n\nTrains run late.",
        f"Football was played.\n\n{said.replace('Sunday', 'Sunday night')}\n\nNobody saw it.",
        "More news.\n\nThe Silver River bridge was rusty and might collapse, a report warned.\n\nCats sleep.",
    )
    answer = await archive.ask("Silver River bridge", threshold=0)
    assert sum("lorries" in text for text in texts(answer)) == 1
    assert sum("rusty" in text for text in texts(answer)) == 1


async def test_a_further_quote_must_itself_be_likely_to_answer() -> None:
    archive = await Archive.of(HARBOUR)
    assert "Bakers blame the closed terminal" in texts(await archive.ask("Why is the harbour closed?", threshold=0))[1]
    assert len(texts(await archive.ask("Why is the harbour closed?"))) == 1
    assert len(texts(await archive.ask("harbour"))) == 3


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_no_more_quotes_than_asked_for_each_from_another_paragraph(limit: int) -> None:
    trees = ("oaks by the mill", "elms near church", "firs behind school", "limes along market street")
    text = "\n\n".join(f"Storm Gudrun felled {name}." for name in trees)
    answer = await (await Archive.of(text)).ask("storm Gudrun", limit=limit, threshold=0)
    assert len(answer.quotes) == limit
    assert_well_formed(answer, limit)


async def test_the_threshold_decides_whether_to_answer_and_the_confidence_is_there_all_the_same() -> None:
    archive = await Archive.of(HARBOUR)
    sure, silent = [await archive.ask("Who built the grain terminal?", threshold=t) for t in (0.0, 1.0)]
    assert sure.answered
    assert not silent.answered
    assert sure.confidence == silent.confidence > 0


async def test_hits_whose_article_or_paragraph_is_gone_are_passed_over() -> None:
    query = understand("grain", now=NOW)
    article = Article((Paragraph("Grain is dear."),), id=1)
    hits = (Hit(7, 0, 9.0), Hit(1, 5, 8.0), Hit(1, 0, 7.0))
    answer = choose(query, SearchResult(hits, 3, {"grain": 1.0}, size=3), {1: article}, threshold=0)
    assert texts(answer) == ["Grain is dear."]
    assert not choose(query, SearchResult(hits, 3, {"grain": 1.0}, size=3), {}, threshold=0).answered


# Whatever comes

_pieces = st.sampled_from(
    'The harbour |is closed. |"We pay," |Lena Orlova said. |However, |he said |that grain |“|”|«|»|— |U.S. |.|\n\n|? '
    "|Mr. |зерно |дорого. |сказал Ильин. |VELM, June 3. /NORDPRESS/. |don't |é|5.5 |…|'".split("|")
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(_pieces, min_size=1, max_size=25).map(
            lambda pieces: "".join(pieces) + "\n\nThe ferry sails on Monday."
        ),
        min_size=1,
        max_size=2,
    ),
    st.sampled_from(
        ("grain", "What did Orlova say about the harbour?", "что сказал Ильин", "from:Orlova pay", "closed is")
    ),
    st.integers(1, 3),
)
def test_every_quote_is_a_span_of_its_paragraph_with_whole_words(
    articles: list[str], question: str, limit: int
) -> None:
    async def answered() -> Answer:
        return await (await Archive.of(*articles)).ask(question, limit=limit, threshold=0)

    assert_well_formed(asyncio.run(answered()), limit)


@pytest.mark.parametrize("junk", ['"', ".", "a", "a ", "a. ", '"a." ', "«a ", "He a. ", "a.", "Mr. a ", "'a"])
@pytest.mark.parametrize("question", ["a", None], ids=["a word", "itself"])
def test_junk_costs_no_more_than_its_length(junk: str, question: str | None) -> None:
    result = SearchResult((Hit(1, 0, 1.0),), 1, {"a": 0.5}, size=1)

    def answer(text: str) -> None:
        query = understand(question or text, now=NOW)
        assert_well_formed(choose(query, result, {1: Article((Paragraph(text),), id=1)}, threshold=0))

    assert_linear(answer, junk)


# Of a time asked for

QUOTA = """OSTHAVN, March 12. /NORD/. The herring quota will not grow, Minister Ada Lind said on Tuesday.

"Herring do not read treaties," Lind said. "We set the herring quota when we know how many herring there are."
"""
SURVEY = """BELMARE, Oct. 8, 2023. /NORD/. Young herring are more numerous than in six years, a survey has found.

Minister Ada Lind said the figures showed that the cut had been right.
"""


async def test_what_the_speaker_said_at_the_time_answers_though_other_words_fit_better() -> None:
    archive = await Archive.of(QUOTA, SURVEY)
    assert texts(await archive.ask("What did Lind say about herring?"))[0].startswith("Herring do not read")
    assert texts(await archive.ask("What did Lind say about herring in October?"))[0].startswith("the figures showed")
    assert not (await archive.ask("What did Lind say about herring in July?")).quotes


async def test_beside_the_words_of_the_speaker_asked_for_nobody_elses_are_shown() -> None:
    archive = await Archive.of(
        '"The ferry tax is fair," said Dana Orlik in Velm.\n\n"Fishermen will not pay a ferry tax," said Oskar Brandt.'
    )
    said = [quote.text for quote in (await archive.ask("What did Orlik say about the ferry tax?")).quotes]
    anyone = [quote.text for quote in (await archive.ask("Who said what about the ferry tax?")).quotes]

    assert [text.strip(",") for text in said] == ["The ferry tax is fair"]
    assert len(anyone) == 2
