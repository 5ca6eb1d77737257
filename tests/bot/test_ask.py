"""Asking in Telegram: what is a question, and what the reply looks like."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.texts import words_for
from retrieval.types import PartialDate, Speaker
from tests.botapi import BotApi
from tests.botapi.html import utf16_length
from tests.fakes import FakeServices, article, quote

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_private_message_is_a_question_and_gets_a_quote_with_speaker_date_and_title(
    api: BotApi, services: FakeServices
) -> None:
    services.answers("river", quote("The river is clean again"))
    ann = api.user("Ann")

    reply = await ann.asks("What did the minister say about the river?")

    assert services.questions == ["What did the minister say about the river?"]
    assert reply.quotes == ["“The river is clean again”"]
    age = words_for("en").age(dt.date(2024, 5, 3), dt.date.today())
    assert reply.text.splitlines()[1:] == [
        "— Dana Orlik, Minister of Water",
        f"3 May 2024 ({age}) · Northern Post · Rivers to be cleaned",
    ]
    assert reply.json["reply_to_message"]["text"] == "What did the minister say about the river?"


async def test_the_reply_says_how_sure_the_speaker_is(api: BotApi, services: FakeServices) -> None:
    words = "The river is clean again"
    services.answers("context", quote(words, speaker=Speaker("Dana Orlik", None, "she", "from_context")))
    services.answers("nobody", quote(words, speaker=None))
    services.answers("unnamed", quote(words, speaker=Speaker(None, None, "a source close to the talks", "stated")))
    services.answers("indirect", quote(words, kind="indirect"))
    services.answers("article", quote(words, kind="statement", speaker=None))
    ann = api.user("Ann")

    assert (await ann.asks("context")).text.splitlines()[1] == "— Dana Orlik (attributed from context)"
    assert (await ann.asks("nobody")).text.splitlines()[1] == "— Speaker not identified in the article"
    assert (await ann.asks("unnamed")).text.splitlines()[1] == "— a source close to the talks"
    reported = await ann.asks("indirect")
    assert reported.quotes == [words]  # no quotation marks around what is not a quotation
    assert reported.text.splitlines()[1] == "— reported words of Dana Orlik, Minister of Water"
    statement = await ann.asks("article")
    assert statement.quotes == [words]
    assert statement.text.splitlines()[1] == "— the article’s own words"


async def test_a_date_without_a_year_stays_without_one(api: BotApi, services: FakeServices) -> None:
    undated = article("The river is clean.", date=None, source=None, url="https://news.example.org/a?b=1&c=2")
    services.answers("year", quote("The river", of=article("The river is clean.", date=PartialDate(None, 12, 31))))
    services.answers("never", quote("The river", of=undated))

    assert "31 December, year not stated · " in (await api.user("Ann").asks("year")).text
    assert "31 декабря, год не указан · " in (await api.user("Аня", language="ru").asks("year")).text
    reply = await api.user("Bob").asks("never")
    assert reply.text.splitlines()[-1] == "date not stated · Rivers to be cleaned"
    assert reply.links == ["https://news.example.org/a?b=1&c=2"]


async def test_markup_in_articles_and_questions_is_shown_literally(api: BotApi, services: FakeServices) -> None:
    hostile = "<b>&lt;i&gt; *_[x](y) </blockquote> & \"'"
    source = article(hostile, title=f"T {hostile}", source=hostile, url='https://e.org/"><b>')
    services.answers(
        "<b>", quote(hostile, of=source, kind="statement", speaker=Speaker(hostile, hostile, None, "stated"))
    )
    ann = api.user("Ann")

    reply = await ann.asks("<b>&lt;")

    assert reply.quotes == [hostile]
    assert f"T {hostile}" in reply.text
    assert "xylophone" in (await ann.asks("&lt;/b> <i")).text


@pytest.mark.parametrize("word", ["водохранилище 😀 ", "😀", "é́́", "a"])
async def test_a_quote_too_long_for_a_message_is_cut_and_still_exact(
    api: BotApi, services: FakeServices, word: str
) -> None:
    text = (word * 6000)[:6000].strip()
    services.answers("long", quote(text))

    reply = await api.user("Ann").asks("long")

    shown = reply.quotes[0].removeprefix("“").removesuffix("”")
    assert len(shown) > 1500
    assert text.startswith(shown)
    assert utf16_length(reply.text) <= 4096
    assert "… the quote goes on in the article" in reply.text
    assert "Dana Orlik" in reply.text


async def test_several_quotes_share_the_room_of_one_message(api: BotApi, services: FakeServices) -> None:
    services.answers("short", quote("one"), quote("two"), quote("three"))
    services.answers("long", quote("one"), quote("two " * 1400), quote("three " * 500))
    ann = api.user("Ann")

    assert (await ann.asks("short")).quotes == ["“one”", "“two”", "“three”"]
    long = await ann.asks("long")
    assert [quote[:4] for quote in long.quotes] == ["“one", "“two", "“thr"]
    assert 3800 < utf16_length(long.text) <= 4096


async def test_nothing_found_says_so_and_what_there_is(api: BotApi, services: FakeServices) -> None:
    reply = await api.user("Ann").asks("Who won?")

    assert reply.text.splitlines() == [
        "Nothing in the articles answers that.",
        "No article has: xylophone",
        "I have 1 article, from 3 May 2024 to 1 June 2024. Try other words, a name, or /latest.",
    ]
    assert reply.quotes == []


async def test_where_only_the_newest_articles_were_searched_it_says_so(api: BotApi, services: FakeServices) -> None:
    services.answers("river", quote("The river is clean again"))
    services.whole = False
    ann, anna = api.user("Ann"), api.user("Анна", language="ru")

    for reply in (await ann.asks("What about the river?"), await ann.asks("Who won the cup?")):
        assert "newest articles alone" in reply.text
    assert "только в новых статьях" in (await anna.asks("river")).text
    services.whole = True
    assert "newest articles alone" not in (await ann.asks("What about the river?")).text


async def test_an_empty_corpus_says_that_nothing_is_loaded(api: BotApi, services: FakeServices) -> None:
    services.articles.clear()

    assert "Nothing is loaded yet" in (await api.user("Ann").asks("Who won?")).text
    assert "Пока ничего не загружено" in (await api.user("Аня", language="ru").asks("/latest")).text


@pytest.mark.parametrize("text", ["😀", "\x00", "\u200b\u202e", "?", "." * 4096, "\ud83d"])
async def test_what_has_no_words_gets_a_polite_refusal(api: BotApi, services: FakeServices, text: str) -> None:
    assert "I see no words in that" in (await api.user("Ann").asks(text)).text
    assert services.questions == []


@pytest.mark.parametrize("text", ["a", "x" * 4096, "a\x00b\u202ec\ud83d d"])
async def test_odd_questions_are_asked_as_far_as_they_can_be_read(
    api: BotApi, services: FakeServices, text: str
) -> None:
    await api.user("Ann").asks(text)

    assert services.questions == [text if len(text) != 8 else "a bc d"]


async def test_what_is_no_text_gets_a_hint_and_captions_are_read(api: BotApi, services: FakeServices) -> None:
    ann = api.user("Ann")
    photo = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]
    ann.says("", photo=photo)
    assert "I can read text only" in (await ann.reply()).text

    ann.says("", photo=photo, caption="who is this?")
    await ann.reply()
    assert services.questions == ["who is this?"]


async def test_in_groups_only_what_is_meant_for_the_bot_is_answered(api: BotApi, services: FakeServices) -> None:
    services.answers("river", quote("The river is clean again"))
    api.me["can_read_all_group_messages"] = True
    ann, bob, group = api.user("Ann"), api.user("Bob"), api.group("Press club")
    original = bob.says("Is the river clean?", to=group)
    bob.says("@quotewire_bot_2 is the river clean?", to=group)
    bob.says("/ask@another_bot river", to=group)
    bob.says("see quotewire_bot about the river", to=group)

    ann.says("/ask the river?", to=group)
    first = await group.reply()
    assert first.json["reply_to_message"]["text"] == "/ask the river?"
    ann.says("/ask@quotewire_bot river 2", to=group)
    await group.reply()
    ann.says("and what, @Quotewire_Bot, about the river 3?", to=group)
    await group.reply()
    ann.says("river 4", to=group, reply_to=first)
    await group.reply()
    ann.says("@quotewire_bot", to=group, reply_to=original)
    await group.reply()

    assert services.questions == [
        "the river?", "river 2", "and what, , about the river 3?", "river 4", "Is the river clean?",
    ]  # fmt: skip
    assert group.unread() == []


async def test_the_reply_stays_in_the_forum_topic(api: BotApi) -> None:
    group = api.group("Press club", forum=True)
    api.user("Ann").says("/ask river", to=group, topic=7)

    assert (await group.reply()).json["message_thread_id"] == 7


async def test_ask_without_a_question_asks_back(api: BotApi, services: FakeServices) -> None:
    assert "What would you like to know?" in (await api.user("Ann").asks("/ask")).text
    assert services.questions == []


async def test_latest_lists_the_newest_articles(api: BotApi, services: FakeServices) -> None:
    services.articles = [article("x", title=f"Title {n}", id=n) for n in range(30)]

    reply = await api.user("Ann").asks("/latest")

    assert reply.text.splitlines()[2] == "3 May 2024 · Northern Post · Title 0"
    assert reply.text.count("Title") == 10
