"""What a question is taken to ask."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.question import understand
from retrieval.types import DateRange, Limits, PartialDate
from tests.growth import assert_linear
from tests.retrieval.asking import DECEMBER
from tests.retrieval.asking import understood as ask


def test_a_plain_question_limits_nothing() -> None:
    query = ask("Why is the harbour closed?")
    assert (query.filters, query.hints, query.asks_speech) == (Limits(), Limits(), False)
    assert query.text == "Why is the harbour closed?"
    assert {"harbour", "closed?"} <= set(query.words.split())


@pytest.mark.parametrize(
    ("text", "language"),
    [("why is it closed?", "en"), ("почему порт закрыт?", "ru"), ("что такое NATO-2?", "ru"), ("", "en"), ("?!", "en")],
)
def test_the_language_is_that_of_most_letters(text: str, language: str) -> None:
    assert ask(text).language == language


# Plain words


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("what did Lena Orlova say about the harbour", "Lena Orlova"),
        ("What has Orlova said about grain?", "Orlova"),
        ("How did Mr. Ilyin respond to the strike?", "Ilyin"),
        ("Did Orlova promise that boats return?", "Orlova"),
        ("According to Lena Orlova, when do boats return?", "Lena Orlova"),
        ("Why is the port closed, according to Orlova?", "Orlova"),
        ("quotes by Orlova about grain", "Orlova"),
        ("what does the mayor think about grain", "mayor"),
        ("что Орлова сказала о гавани", "Орлова"),
        ("Что сказал Пётр Ильин о тарифах?", "Пётр Ильин"),
        ("По словам Ильина, когда вернутся лодки?", "Ильина"),
        ("по мнению Ильина, тариф вреден?", "Ильина"),
        ("как объяснил Ильин рост цен", "Ильин"),
        ("что заявила Анна фон дер Берг по поводу газа", "Анна фон дер Берг"),
        ("как отметил представитель МИД Ильин, тариф вреден", "Ильин"),
        ("What did the State say about tariffs?", "State"),
        ("What did the State Department say about tariffs?", "State Department"),
        ("What did One Harbour say about tariffs?", "One Harbour"),
    ],
)
def test_plain_words_only_suggest_a_speaker(text: str, speaker: str) -> None:
    query = ask(text)
    assert query.hints.speaker == speaker
    assert query.asks_speech
    assert query.filters == Limits()


@pytest.mark.parametrize(
    "text",
    [
        "what did she say about grain",
        "who said that the treaty is dead?",
        "кто сказал это?",
        "what did experts say",
        "How did one resident describe the flood?",
        "что говорят в гавани о зерне",
    ],
)
def test_speech_may_be_asked_for_without_a_name(text: str) -> None:
    query = ask(text)
    assert query.asks_speech
    assert query.hints.speaker is None


@pytest.mark.parametrize("text", ["What is the river called?", "What does it say?", "What did people say about it?"])
def test_what_is_nobodys_name_is_no_speaker(text: str) -> None:
    assert ask(text).hints.speaker is None


def test_the_frame_of_a_speech_question_is_not_searched_for_but_its_matter_is() -> None:
    assert ask("what did Orlova say about the harbour").words == "Orlova the harbour"
    assert ask("что Орлова сказала о тарифах").words == "Орлова тарифах"
    assert ask("what did she say about grain").words == "grain"
    assert ask("what does the report say about grain").words == "report grain"
    assert ask("what did the experts say about grain").words == "grain"
    assert ask("what did experts say").words == "experts"


@pytest.mark.parametrize("text", ["What happened to grain in December?", "Что стало с зерном в декабре?"])
def test_plain_words_only_suggest_dates(text: str) -> None:
    query = ask(text)
    assert query.hints == Limits(dates=DECEMBER)
    assert query.filters == Limits()


def test_since_and_until_in_plain_words_suggest_one_span() -> None:
    assert ask("grain since 3 May 2021 until June 2022").hints.dates == DateRange(
        PartialDate(2021, 5, 3), PartialDate(2022, 6)
    )


def test_what_is_limited_already_is_not_suggested_too() -> None:
    query = ask("what did Orlova say in December", Limits(speaker="Ilyin", dates=DateRange(PartialDate(2021))))
    assert query.hints == Limits()
    assert query.filters.speaker == "Ilyin"


def test_words_that_only_ask_are_dropped_unless_nothing_else_remains() -> None:
    assert ask("types of boats").words == "of boats"
    assert ask("type kind").words == "type kind"


# Whatever comes

_pieces = st.sampled_from(
    'from: от: since: с: until: по: source: section: " “ ” « » - OR ИЛИ | Orlova grain зерно May 2021 31.02.2021 '
    "what did say about according to что сказал по словам , ? in December 's ''".split()
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_pieces, max_size=15).map(" ".join) | st.lists(_pieces, max_size=15).map("".join) | st.text(max_size=80),
    st.dates(),
)
def test_any_text_is_understood_and_always_in_the_same_way(text: str, now: dt.date) -> None:
    query = understand(text, now=now)
    assert query == understand(text, now=now)
    assert query.text == text
    assert query.language in ("en", "ru")
    assert all(query.phrases + query.excluded)
    assert all(len(group) > 1 and all(group) for group in query.any_of)


@pytest.mark.parametrize(
    "junk",
    [
        '"',
        "a",
        "a ",
        "from:",
        "с:",
        "a OR ",
        '"a" ',
        '-"',
        "what did ",
        "according to ",
        "что сказал ",
        "since:3 May ",
        "с 3 ",
    ],
)
def test_junk_costs_no_more_than_its_length(junk: str) -> None:
    assert_linear(ask, junk)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Foreign Minister Berg", "Berg"),
        ("Gov. Anna Berg", "Anna Berg"),
        ("Prime Minister of Norland Anna Berg", "Anna Berg"),
        ("President Olaf von der Strand", "Olaf von der Strand"),
        ("the minister", "minister"),
        ("Bank of Norland", "Bank of Norland"),
    ],
)
def test_the_role_before_a_name_is_not_part_of_it(asked: str, name: str) -> None:
    query = understand(f"What did {asked} say about the ferry?", now=dt.date(2024, 1, 1))

    assert query.hints.speaker == name


@pytest.mark.parametrize(
    "value",
    [
        "Foreign Minister Berg",
        "Mr. Berg",
        "Sen. Berg",
        "министр Berg",
        "Berg",
        "Berg, a pilot of Velm",
        "Rep. Berg (Velm)",
        "Berg, who said so",
        "Berg who said so",
    ],
)
def test_nor_is_it_or_what_explains_the_name_in_a_limit(value: str) -> None:
    assert ask(f'from:"{value}" ferry').filters.speaker == "Berg"
    assert ask("ferry", Limits(speaker=value)).filters.speaker == "Berg"


def test_the_role_before_a_russian_name_is_not_part_of_it() -> None:
    query = understand("Что сказал министр Ракитин о пароме?", now=dt.date(2024, 1, 1))

    assert query.hints.speaker == "Ракитин"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Tell me about the railway bridge", "railway bridge"),
        ("Please tell me what the minister said about rye", "rye"),
        ("What is known about the ferry?", "ferry"),
        ("Расскажи о пароме", "пароме"),
        ("Что известно про мост?", "мост"),
    ],
)
def test_what_opens_a_request_is_not_searched_for(asked: str, words: str) -> None:
    found = understand(asked, now=dt.date(2024, 1, 1)).words

    assert words in found
    assert not any(word in found.lower().split() for word in ("tell", "me", "known", "расскажи", "известно"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("latest on the ferry", "the ferry"),
        ("What’s the latest news about the ferry?", "the ferry?"),
        ("Any updates on the ferry", "the ferry"),
        ("is there anything about the ferry?", "the ferry?"),
        ("Do you have anything on the ferry?", "the ferry?"),
        ("есть что-нибудь о пароме?", "пароме?"),
        ("всё о пароме", "пароме"),
        ("what is happening in Velm?", "in Velm?"),
        ("что нового о пароме", "пароме"),
        ("Последние новости из Велма", "Велма"),
        ("что происходит с паромом?", "с паромом?"),
        ("News of the World closes", "News of the World closes"),
        ("New York on fire", "New York on fire"),
        ("new figures on inflation", "new figures on inflation"),
        ("latest news", "latest news"),
    ],
)
def test_a_wish_for_news_of_a_matter_is_for_the_matter(asked: str, words: str) -> None:
    assert understand(asked, now=dt.date(2024, 1, 1)).words == words


@pytest.mark.parametrize(
    ("asked", "speaker", "words"),
    [
        ("Orlova's view on silt", "Orlova", "Orlova silt"),
        ("What did May say about silt?", "May", "May silt?"),
        ("What did Will Hodges say about silt?", "Will Hodges", "Will Hodges silt?"),
        ("What is Lena Orlova’s position on the treaty?", "Lena Orlova", "Lena Orlova the treaty?"),
        ("What were Hodges' remarks on rye?", "Hodges", "Hodges rye?"),
        ("Lena Orlova quotes", "Lena Orlova", "Lena Orlova"),
        ("Lena Orlova quotes about rye", "Lena Orlova", "Lena Orlova rye"),
        ("What did Orlova talk about?", "Orlova", "Orlova ?"),
        ("Did the mayor speak about silt?", "mayor", "mayor silt?"),
        ("Слова Орловой о пароме", "Орловой", "Орловой пароме"),
        ("позиция министра Ракитина по рейсам", "Ракитина", "министра Ракитина рейсам"),
        ("Цитаты Орловой", "Орловой", "Орловой"),
        ("Quotes about rye", None, "rye"),
        ("all statements on the ferry", None, "the ferry"),
        ("Who has spoken about the ferry?", None, "the ferry?"),
        ("Высказывания о пароме", None, "пароме"),
        ("Кто высказался о пароме?", None, "пароме?"),
    ],
)
def test_words_of_someone_can_be_asked_for_by_many_names(asked: str, speaker: str | None, words: str) -> None:
    query = understand(asked, now=dt.date(2024, 1, 1))

    assert (query.hints.speaker, query.words, query.asks_speech) == (speaker, words, True)


@pytest.mark.parametrize(
    "asked",
    [
        "What is Orlova's ferry?",
        "How long is the driver's view?",
        "Peace talks on grain",
        "Today's response to the strike",
        "Berg slams Lund's remarks about rye",
        "Considering Ada Berg's statements on rye",
        "Who's views on rye",
        "Stock quotes on Tuesday",
        "Position on the harbour",
        "Words on the street",
        "Views over the river",
        "Who spoke to Berg?",
        "Когда отменят реакцию Манту?",
        "Что изменило позицию Киева?",
        "Ответы ЕГЭ по математике",
        "Заявления на визу",
        "latest on",
    ],
)
def test_words_of_someone_are_not_asked_for_by_other_things_of_theirs(asked: str) -> None:
    assert not understand(asked, now=dt.date(2024, 1, 1)).asks_speech


MAY = DateRange(PartialDate(None, 5), PartialDate(None, 5))


@pytest.mark.parametrize(
    ("asked", "words", "speech"),
    [
        ("What was said in May?", "", True),
        ("Who said what in May?", "", True),
        ("what's new in May", "", False),
        ("What happened in May?", "", False),
        ("Что говорили в мае?", "", True),
        ("что нового в мае?", "", False),
        ("What did Orlova say in May?", "Orlova", True),
        ("quotes by Orlova in May", "Orlova", True),
        ("Что сказала Орлова в мае?", "Орлова", True),
    ],
)
def test_where_nothing_but_a_time_is_asked_about_it_is_a_limit(asked: str, words: str, speech: bool) -> None:
    query = understand(asked, now=dt.date(2024, 6, 1))

    assert (query.words, query.asks_speech) == (words, speech)
    assert (query.filters.dates, query.hints.dates) == (MAY, None)


@pytest.mark.parametrize("asked", ["May", "May said", "What did May say?", "ferries in May", "What did Orlova say?"])
def test_a_time_beside_a_matter_and_a_name_like_a_month_limit_nothing(asked: str) -> None:
    query = understand(asked, now=dt.date(2024, 6, 1))

    assert query.filters.dates is None
    assert query.words
