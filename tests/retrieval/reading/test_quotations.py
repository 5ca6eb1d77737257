"""Who said what in an English article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.quotations import find_quotations
from retrieval.reading.routes import certainty, confidence
from retrieval.types import Article, Dateline, Paragraph, Quotation
from tests.growth import assert_linear


def read(*paragraphs: str, title: str | None = None, dateline: int = 0) -> tuple[Quotation, ...]:
    opening = Dateline(end=dateline) if dateline else None
    return find_quotations(Article(tuple(Paragraph(p) for p in paragraphs), title=title, dateline=opening))


def told(*paragraphs: str, title: str | None = None) -> list[tuple[str, str, str | None]]:
    """Kind, words and speaker: the name, else the words for an unnamed one."""
    quotes = read(*paragraphs, title=title)
    return [(q.kind, q.text, (q.speaker.name or q.speaker.as_written) if q.speaker else None) for q in quotes]


INTRODUCTION = "Harbour chief Ingrid Solheim met the pilots on Monday."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("“We will wait,” Solheim said.", "We will wait,"),
        ("“We will wait,” said Solheim.", "We will wait,"),
        ("Solheim said: “We will wait.”", "We will wait."),
        ("“We will wait,” Solheim, who chairs the board with Tom Lund, told reporters.", "We will wait,"),
        ("“We will wait,” Solheim intoned.", "We will wait,"),
        ("“Why wait?” Solheim asked.", "Why wait?"),
        ("After the vote, Solheim hit back: “We will wait.”", "We will wait."),
        ("Speaking in Oslo on Friday, Solheim said, “We will wait.”", "We will wait."),
    ],
)
def test_a_name_beside_the_words_speaks_them(text: str, words: str) -> None:
    (quote,) = read(INTRODUCTION, text)
    assert quote.text == words
    assert quote.kind == "direct"
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.role) == ("Ingrid Solheim", "Harbour chief")


def test_what_goes_on_after_the_name_is_the_same_speaker_and_one_group() -> None:
    quotes = read(INTRODUCTION, "“We will wait,” Solheim said, “and see. It pays.”")
    assert [q.text for q in quotes] == ["We will wait,", "and see. It pays."]
    assert {q.speaker.name for q in quotes if q.speaker} == {"Ingrid Solheim"}
    assert len({q.group for q in quotes}) == 1


def test_a_pronoun_with_one_candidate_is_stated() -> None:
    (quote,) = read(INTRODUCTION, "“We will wait,” she said.")
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.as_written, quote.speaker.certainty) == (
        "Ingrid Solheim",
        "she",
        "stated",
    )


def test_a_pronoun_with_rivals_is_attributed_from_context() -> None:
    (quote,) = read("Anna Berg met Ingrid Solheim on Monday.", "“We will wait,” she said.")
    assert quote.speaker is not None
    assert quote.speaker.certainty == "from_context"


def test_a_pronoun_never_means_someone_of_the_other_gender() -> None:
    assert told("Tom Lund arrived late.", "“We will wait,” she said.") == [("direct", "We will wait,", "she")]


def test_a_description_means_the_person_whom_the_article_gives_that_role() -> None:
    (quote,) = read("Ambassador Ingrid Solheim met Tom Lund.", "“We will wait,” the diplomat said.")
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.as_written) == ("Ingrid Solheim", "the diplomat")


def test_a_description_that_fits_two_names_neither() -> None:
    quotes = read("Senator Ingrid Solheim met Senator Tom Lund.", "“We will wait,” the senator said.")
    assert quotes[0].speaker is not None
    assert quotes[0].speaker.name is None


def test_an_unnamed_speaker_is_shown_as_written() -> None:
    (quote,) = read("“They are far apart,” said a source close to the talks.")
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.as_written) == (None, "a source close to the talks")


@pytest.mark.parametrize(
    "who",
    "Engineers|Bakers|Prosecutors|Fishermen|Women|Management|Police|Ministry|The Ministry|The ministry|Russians|"
    "Lawyers for Mr. Lund|Two ministers|The French|Several Danes|Another".split("|"),
)
def test_a_common_noun_is_no_name_whatever_its_capital(who: str) -> None:
    (quote,) = read(INTRODUCTION, f"{who} said that the river rose.")
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.as_written) == (None, who)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Netanyahu said that talks go on.", "Netanyahu"),
        ("Siemens said it was sorry. The unions blame Siemens.", "Siemens"),
        ("Greenpeace said that the river rose.", "Greenpeace"),
        ("NATO said that the river rose.", "NATO"),
        ("The Foreign Ministry said that talks go on.", "Foreign Ministry"),
        ("The Foreign Ministry met. The ministry said that talks go on.", "Foreign Ministry"),
        ("The Center for Harbour Studies said that the river rose.", "Center for Harbour Studies"),
        ("British Prime Minister Theresa May left. May said that talks go on.", "Theresa May"),
    ],
)
def test_a_name_of_one_word_or_of_a_body_stays_a_name(text: str, name: str) -> None:
    speaker = read(INTRODUCTION, text)[0].speaker
    assert speaker is not None
    assert speaker.name == name


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("“We will wait,” Anna Lund and Paul Holt said.", "Anna Lund and Paul Holt"),
        ("“We will wait,” said Lund and Holt.", "Lund and Holt"),
        ("Teachers, nurses and drivers said that they would wait.", "Teachers, nurses and drivers"),
        ("The mayor and the governor said that they would wait.", "The mayor and the governor"),
        ("According to Lund and Holt, the river rose on Sunday.", "Lund and Holt"),
    ],
)
def test_several_who_speak_together_are_shown_as_written(text: str, who: str) -> None:
    speaker = read(INTRODUCTION, text)[0].speaker
    assert speaker is not None
    assert (speaker.name, speaker.as_written) == (None, who)


@pytest.mark.parametrize(
    "text", ["The plan failed and Lund said he would go.", "Holt resigned and Lund said it rained."]
)
def test_what_joins_two_clauses_lists_nobody(text: str) -> None:
    (quote,) = read(INTRODUCTION, text)
    assert quote.speaker is not None
    assert quote.speaker.name == "Lund"


def test_a_body_speaks_by_its_name() -> None:
    assert told("“We have nothing to add,” the Port Authority said.") == [
        ("direct", "We have nothing to add,", "Port Authority")
    ]


def test_a_bare_surname_of_two_people_stays_bare() -> None:
    quotes = read("John Obi and Mary Obi came.", "“It holds,” Obi said.")
    assert quotes[0].speaker is not None
    assert quotes[0].speaker.name == "Obi"


def test_a_quotation_over_paragraphs_has_one_speaker() -> None:
    quotes = read(INTRODUCTION, "‘It leaks,’ Solheim said. ‘All of it.", "‘It always has.’", "Nobody else spoke.")
    assert [q.text for q in quotes] == ["It leaks,", "All of it.", "It always has."]
    assert {q.speaker.name for q in quotes if q.speaker} == {"Ingrid Solheim"}
    assert len([q for q in quotes if q.speaker]) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Solheim said that the pilots had been told.", "the pilots had been told"),
        ("Solheim said the pilots had been told.", "the pilots had been told"),
        ("The pilots had been told, Solheim said.", "The pilots had been told"),
        ("The pilots had been told, said Solheim.", "The pilots had been told"),
        ("According to Solheim, the pilots had been told.", "the pilots had been told"),
        ("The pilots had been told, according to Solheim.", "The pilots had been told"),
        ("Solheim told reporters on Tuesday that the pilots had been told.", "the pilots had been told"),
        ("Solheim asked whether the pilots had been told.", "whether the pilots had been told"),
        ("While Solheim said the pilots had been told, few believed it.", "the pilots had been told"),
    ],
)
def test_reported_speech_is_found_in_its_plain_forms(text: str, words: str) -> None:
    quotes = read(INTRODUCTION, text)
    assert [(q.kind, q.text) for q in quotes] == [("indirect", words)]
    assert quotes[0].speaker is not None
    assert quotes[0].speaker.name == "Ingrid Solheim"


@pytest.mark.parametrize("amount", ["5%", "5 %", "20 °C", "300 €", "18+", "$5", "C++"])
def test_a_sign_after_a_number_or_word_belongs_to_the_words(amount: str) -> None:
    (found,) = [q for q in read(INTRODUCTION, f"The ministry said that the rate was {amount}.") if q.kind == "indirect"]
    assert found.text == f"the rate was {amount}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Solheim denied that the pilots had been paid.", "denied that the pilots had been paid"),
        ("Solheim denied he had threatened the pilots.", "denied he had threatened the pilots"),
        ("Solheim has denied the pilots had been paid.", "denied the pilots had been paid"),
        ("Solheim denied on Monday that it was late, but left.", "denied on Monday that it was late"),
        ("Solheim disputed whether the pilots were paid.", "disputed whether the pilots were paid"),
        ("Solheim rejected that the pilots were paid.", "rejected that the pilots were paid"),
    ],
)
def test_a_denial_is_read_with_its_verb(text: str, words: str) -> None:
    assert told(INTRODUCTION, text) == [("indirect", words, "Ingrid Solheim")]


def test_a_denial_ends_where_its_speaker_goes_on() -> None:
    assert told(INTRODUCTION, "Solheim, who denied that it was late, said the pilots were paid.") == [
        ("indirect", "denied that it was late", "Ingrid Solheim"),
        ("indirect", "the pilots were paid", "Ingrid Solheim"),
    ]


def test_a_denial_of_marked_words_is_mixed() -> None:
    assert told(INTRODUCTION, "Solheim denied “taking bribes”.") == [
        ("mixed", "denied “taking bribes”", "Ingrid Solheim")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The pilots had been paid, Solheim denied.",
        "The pilots had been paid, denied Solheim.",
        "Solheim denied, when asked, that the pilots had been paid.",
        "Solheim denied that.",
        "Solheim denied it and resigned.",
        "Solheim denied the charge and will appeal.",
        "Solheim denied claims of “systematic fraud”.",
        "Solheim denied saying that the pilots were paid.",
        "Solheim did not deny that the pilots had been paid.",
        "Solheim cannot deny that the pilots had been paid.",
        "Solheim has not yet confirmed or denied that the pilots had been paid.",
        "There is no denying that the pilots had been paid.",
    ],
)
def test_a_denial_that_cannot_be_read_with_its_verb_is_no_quotation(text: str) -> None:
    assert told(INTRODUCTION, text) == []


def test_reported_words_with_marked_ones_inside_are_mixed() -> None:
    assert told(INTRODUCTION, "Solheim said the plan was “a good start” at best.") == [
        ("mixed", "the plan was “a good start” at best", "Ingrid Solheim")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Solheim did not say what it had cost.",
        "The report claims were settled.",
        "Solheim likes the show “The Long Night”.",
        "She calls the so-called “experts” weekly.",
        "The “Winter Fair” opens in May.",
    ],
)
def test_what_nobody_says_is_no_quotation(text: str) -> None:
    assert [q for q in read(INTRODUCTION, text) if q.kind in ("direct", "indirect")] == []


def test_a_banner_speaks_for_nobody() -> None:
    (quote,) = read(INTRODUCTION, "A banner in the yard read “Water is no luxury”.")
    assert quote.speaker is None


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Mayor says bridge will open in May", "bridge will open in May"),
        ("Bridge will open in May, says mayor", "Bridge will open in May"),
        ("Mayor: Bridge will open in May", "Bridge will open in May"),
    ],
)
def test_a_claim_in_the_title_is_read_with_its_speaker(title: str, words: str) -> None:
    (quote,) = read("The mayor, Helen Achterberg, opened the session.", title=title)
    assert (quote.paragraph, quote.text) == (None, words)
    assert title[quote.start : quote.end] == words
    assert quote.speaker is not None
    assert quote.speaker.name == "Helen Achterberg"


def test_a_signature_under_the_words_names_their_speaker() -> None:
    assert told("“It was time for all of us to leave.” ― Carla Sanchez")[0][2] == "Carla Sanchez"


def test_a_dateline_is_no_part_of_what_is_reported() -> None:
    text = "OSTHAVN, May 2. /NORD/. The pilots had been told, Ingrid Solheim said."
    (quote,) = read(text, dateline=text.index("The pilots"))
    assert quote.text == "The pilots had been told"


def test_quotations_stand_in_text_order_and_are_the_paragraphs_own_characters() -> None:
    paragraphs = ("“ A ,” Anna Berg said. “B. C.”", "Berg said that it was late.", "” Why ? ” she asked.")
    quotes = read(*paragraphs)
    assert [(q.paragraph, q.start) for q in quotes] == sorted((q.paragraph, q.start) for q in quotes)
    assert all(paragraphs[q.paragraph or 0][q.start : q.end] == q.text for q in quotes)


@given(st.lists(st.text(alphabet="aA .,:“”\"'‘’«»\n—HesaidMr", max_size=80), min_size=1, max_size=4))
def test_whatever_the_text_every_quotation_is_a_slice_of_it(paragraphs: list[str]) -> None:
    for quote in read(*paragraphs, title=paragraphs[0]):
        whole = paragraphs[0] if quote.paragraph is None else paragraphs[quote.paragraph]
        assert whole[quote.start : quote.end] == quote.text != ""


@pytest.mark.parametrize("seed", ['"a" ', "“a” said ", "he said ", "X said “", '"A," B said. ', "A, ", "\n", "saying "])
def test_hostile_text_costs_no_more_than_its_length(seed: str) -> None:
    assert_linear(read, seed)


def test_confidence_is_the_routes_and_falls_with_every_step_away() -> None:
    assert certainty("beside, name") == "stated"
    assert certainty("beside, pronoun, rivals") == "from_context"
    assert certainty("narration, body; before") is None
    assert confidence("beside, name; previous paragraph") < confidence("beside, name")
