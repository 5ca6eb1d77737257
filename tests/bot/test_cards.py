"""Buttons below answers, and what hangs on them: memory, ownership, follow-ups, votes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.links import Link
from retrieval.types import Article, DateRange, Limits, PartialDate
from storage import chats
from tests.bot.archive import fill, quoted, reload
from tests.bot.conftest import running
from tests.botapi import BotApi, BotMessage
from tests.fakes import FakeServices

TOO_OLD = "This button is too old. Please ask again."


@pytest.fixture
async def articles(services: FakeServices, tmp_path: Path) -> list[Article]:
    articles = await fill(services, tmp_path)
    order = [articles[n] for n in (2, 5, 0, 6, 7)]  # reports 3, 6, 1, 7, and the one without a date
    services.answers("river", *(quoted(article) for article in order))
    services.answers("lake", quoted(articles[1], "Brandt"))
    return articles


def hundreds(message: BotMessage) -> list[str]:
    """Which reports are quoted, by their number of barrels."""
    return [quote.split()[2] if "took" in quote else "fish" for quote in message.quotes]


async def test_the_quotes_of_an_answer_are_paged_and_sorted_by_buttons(
    api: BotApi, services: FakeServices, articles: list[Article]
) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        answer = await ann.asks("What about the river?")
        assert hundreds(answer) == ["3", "6", "1"]
        assert answer.marked("bold")[0] == "river"
        assert "Newer by the same speaker: 10 July 2024" in answer.text
        await ann.presses(answer, "More")
        assert hundreds(answer) == ["7", "fish"]
        await ann.presses(answer, "Back")
        assert hundreds(answer) == ["3", "6", "1"]
        await ann.presses(answer, "Newest first")
        assert hundreds(answer) == ["7", "6", "3"]
        await ann.presses(answer, "More")
        assert hundreds(answer) == ["1", "fish"]
        await ann.presses(answer, "Most relevant")
        assert hundreds(answer) == ["3", "6", "1"]

    assert not api.refused
    assert services.questions == ["What about the river?"]
    assert ann.unread() == []


async def test_a_quote_has_its_context_its_article_and_its_speaker_behind_buttons(
    api: BotApi, articles: list[Article], bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    answer = await ann.asks("What about the river?")
    await ann.presses(answer, "Context 2")
    assert answer.marked("bold")[0] == "We took 6 hundred barrels out of the river,"
    assert "The river commission met for the 6th time." in answer.quotes[0]
    assert "“The lake comes next,” said Mayor Jonas Brandt." in answer.quotes[0]
    await ann.presses(answer, "Whole article")
    assert answer.text.startswith("River report 6\n10 June 2024 · Northern Post\n\nVELDHAVEN")
    assert "Nobody objected in session 6." in answer.text
    await ann.presses(answer, "To the answer")
    await ann.presses(answer, "Same speaker")
    assert answer.text.startswith("Dana Orlik, newest first")
    assert hundreds(answer) == ["7", "6", "5"]
    await ann.presses(answer, "More")
    assert hundreds(answer) == ["4", "3", "2"]
    await ann.presses(answer, "To the answer")
    await ann.presses(answer, "To the answer")
    assert hundreds(answer) == ["3", "6", "1"]


async def test_buttons_work_after_a_restart(api: BotApi, services: FakeServices, articles: list[Article]) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        answer = await ann.asks("What about the river?")
    async with running(api, services):
        await ann.presses(answer, "More")
        assert hundreds(answer) == ["7", "fish"]


async def test_a_quote_whose_article_changed_is_not_shown_again(
    api: BotApi, services: FakeServices, articles: list[Article], tmp_path: Path, bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    answer = await ann.asks("What about the lake?")
    file = tmp_path / "dispatches.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("The lake comes", "The pond comes"), encoding="utf-8")
    await reload(services, tmp_path)
    await ann.presses(answer, "Context")
    assert answer.text == "The article has changed since. Please ask again."


async def test_only_who_asked_can_press_in_a_group(api: BotApi, articles: list[Article], bot: asyncio.Event) -> None:
    ann, bob, group = api.user("Ann"), api.user("Bob"), api.group("Press club")
    ann.says("/ask river", to=group)
    answer = await group.reply()
    assert (await bob.presses(answer, "More"))["text"] == "Only who asked can press this."
    assert answer.edits == 0
    await ann.presses(answer, "More")
    assert answer.edits == 1


async def test_old_forged_and_foreign_buttons_do_nothing(
    api: BotApi, services: FakeServices, articles: list[Article], caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob = api.user("Ann"), api.user("Bob")
    async with running(api, services):
        answer = await ann.asks("What about the river?")
        foreign = answer.buttons[0]["callback_data"]
        theirs = await bob.asks("/start")
        forged = ["x", "", "list", "list.1", "list.1.0", "good", "whole.1.2", "a" * 64, "article.1", "../..", "я" * 32]
        forged += ["context.zzzzzzzzzzzz.0", "article.zzzzzzzzzzzz.zzzzzzzzzzzz", "forget.1.1.1", "list." + "0" * 59]
        for data in forged:
            assert (await ann.presses(answer, "", data=data))["text"] == TOO_OLD, data
        assert (await bob.presses(theirs, "", data=foreign))["text"] == TOO_OLD
        far = f"{foreign.rpartition('.')[0]}.99"
        await ann.presses(answer, "", data=far)
        assert "Please ask again" in answer.text
        assert "River" not in theirs.text

    assert not [record for record in caplog.records if record.exc_info]
    assert services.questions == ["What about the river?"]


async def test_a_double_press_and_a_late_press_are_no_error(
    api: BotApi, services: FakeServices, articles: list[Article], caplog: pytest.LogCaptureFixture
) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        answer = await ann.asks("What about the river?")
        data = next(b["callback_data"] for b in answer.buttons if "More" in b["text"])
        pressed = [ann.presses_soon(answer.json, data) for _ in range(5)]
        for query_id in pressed:
            await ann.answered(query_id)
        late = ann.presses_soon(answer.json, data.replace(".1", ".0"))
        api.callback_answers[late] = {"text": "expired"}
        await ann.asks("/start")

    assert not [record for record in caplog.records if record.levelname != "INFO"]


async def test_votes_are_kept_and_thanked_for(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    answer = await ann.asks("What about the river?")
    assert (await ann.presses(answer, "👍"))["text"] == "Thank you!"
    await ann.presses(answer, "👎")
    async with services.database.reading() as session:
        assert [vote["value"] for vote in (await chats.export(session, ann.id))["votes"]] == [-1]


async def test_a_reply_to_an_answer_goes_on_from_it_even_after_a_restart(
    api: BotApi, services: FakeServices, articles: list[Article]
) -> None:
    ann, group = api.user("Ann"), api.group("Press club")
    async with running(api, services):
        ann.says("/ask What did Orlik say about the river?", to=group)
        answer = await group.reply()
        ann.says("/ask What did Brandt say about the river?", to=group)
        other = await group.reply()
    async with running(api, services):
        ann.says("and about the lake?", to=group, reply_to=answer)
        second = await group.reply()
        assert second.text.startswith("Understood as: What did Orlik say about the lake?")
        ann.says("and about the lake?", to=group, reply_to=other)
        await group.reply()
        ann.says("and in May?", to=group, reply_to=second)
        third = await group.reply()
        assert "(May)" in third.text

    assert services.questions[2:4] == ["What did Orlik say about the lake?", "What did Brandt say about the lake?"]
    assert services.asked[-1][1].dates


async def test_when_limits_left_nothing_they_can_be_dropped_by_a_button(
    api: BotApi, services: FakeServices, articles: list[Article]
) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        nothing = await ann.asks("from:Brandt pond")
        services.answers("pond", quoted(articles[0]))
        await ann.presses(nothing, "Any speaker")

    assert hundreds(nothing) == ["1"]
    assert ann.unread() == []
    assert services.asked[-1] == ("pond", Limits())


async def test_a_time_that_is_all_that_was_asked_about_can_be_dropped_and_changed(
    api: BotApi, services: FakeServices, articles: list[Article]
) -> None:
    services.answers("said", quoted(articles[0]))
    ann = api.user("Ann")
    async with running(api, services):
        answer = await ann.asks("What was said in May?")
        assert limits(answer) == ["Any date"]
        ann.says("and in June?", reply_to=answer)
        await ann.reply()
        await ann.presses(answer, "Any date")

    june = PartialDate(None, 6)
    assert services.asked[1:] == [("What was said?", Limits(dates=DateRange(june, june))), ("What was said?", Limits())]


def limits(message: BotMessage) -> list[str]:
    """The labels of the buttons that set or drop a limit."""
    return [
        label for b in message.buttons if (label := b["text"]).startswith(("Only", "Any", "Только", "Любой", "Любая"))
    ]


async def test_what_plain_words_suggest_becomes_a_limit_by_a_button_and_another_leads_back_even_after_a_restart(
    api: BotApi, services: FakeServices, articles: list[Article]
) -> None:
    services.answers("river", *(quoted(articles[n]) for n in (2, 4)), quoted(articles[1], "Brandt"))
    question = "What did orlik say about the river in May, as the Northern Post has it?"
    ann = api.user("Ann")
    async with running(api, services):
        answer = await ann.asks(question)
        first = answer.text
        assert limits(answer) == ["Only Orlik", "Only May"]
        assert all(len(b["callback_data"].encode()) <= 64 for b in answer.buttons)
        await ann.presses(answer, "Newest first")
        assert limits(answer) == ["Only Orlik", "Only May"]
    async with running(api, services):
        await ann.presses(answer, "Only Orlik")
        assert answer.text.startswith("Only Orlik\n")
        assert limits(answer) == ["Any speaker", "Only May"]
        await ann.presses(answer, "Only May")
        assert answer.text.startswith("Only Orlik · May\n")
        assert limits(answer) == ["Any speaker", "Any date"]
    may = PartialDate(month=5)
    both = Limits(speaker="Orlik", dates=DateRange(may, may))
    async with running(api, services):
        assert services.asked[-1] == (question, both)
        ann.says("and about the lake?", reply_to=answer)
        assert (await ann.reply()).text.startswith("Understood as: What did orlik say about the lake? (Orlik, May)")
        assert services.asked[-1][1] == both
        await ann.presses(answer, "Any speaker")
        await ann.presses(answer, "Any date")
        assert services.asked[-1] == (question, Limits())
        assert (answer.text, limits(answer)) == (first, ["Only Orlik", "Only May"])

    assert not api.refused
    assert ann.unread() == []


async def test_no_limit_is_offered_that_every_quote_keeps_or_none(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    everything = await ann.asks("What did Orlik say about the river?")
    nothing = await ann.asks("What did Sedge say about the river in August?")
    assert limits(everything) == limits(nothing) == []
    forged = everything.buttons[0]["callback_data"].split(".")[1]
    for number in (0, 1, 2, 3, 99):
        assert (await ann.presses(everything, "", data=f"only.{forged}.{number}"))["text"] == TOO_OLD

    assert services.asked[-1][1] == Limits()


async def test_only_who_asked_can_limit_an_answer(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.answers("river", quoted(articles[0]), quoted(articles[1], "Brandt"))
    ann, bob, group = api.user("Анна", language="ru"), api.user("Bob"), api.group("Press club")
    ann.says("/ask Что сказал Орлик? river", to=group)
    answer = await group.reply()
    assert limits(answer) == ["Только Orlik"]
    assert (await bob.presses(answer, "Только Orlik"))["text"] == "Only who asked can press this."
    await ann.presses(answer, "Только Orlik")
    assert limits(answer) == ["Любой автор"]
    assert (await bob.presses(answer, "Любой автор"))["text"] == "Only who asked can press this."
    assert len(services.asked) == 2


async def test_dropping_a_limit_keeps_what_else_was_asked_exactly(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    answer = await ann.asks('from:Orlik -lake "the river" since:3 May 2021')
    assert limits(answer) == ["Any speaker", "Any date"]
    await ann.presses(answer, "Any date")

    assert services.asked[-1] == ('-lake "the river"', Limits(speaker="Orlik"))


async def test_a_matter_is_charted_over_time_by_a_button(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.finds("river", articles)
    ann = api.user("Ann")
    answer = await ann.asks("What did Orlik say about the river?")
    await ann.presses(answer, "Over time")
    picture = await ann.reply()

    assert "photo" in picture.json
    assert picture.json["reply_to_message"]["message_id"] == answer.id
    assert answer.edits == 0


async def test_a_word_that_no_article_has_is_replaced_by_a_button_even_after_a_restart(
    api: BotApi, services: FakeServices, articles: list[Article]
) -> None:
    services.suggests(("Orlick", "rivver"), "river", "Orlik")
    ann = api.user("Ann")
    async with running(api, services):
        nothing = await ann.asks("What did Orlick say about the rivver?")
        assert [b["text"] for b in nothing.buttons][:2] == ["Search for “river” instead", "Search for “Orlik” instead"]
        assert all(len(b["callback_data"].encode()) <= 64 for b in nothing.buttons)
    async with running(api, services):
        forged = nothing.buttons[0]["callback_data"].rpartition(".")[0] + ".7"
        assert (await ann.presses(nothing, "", data=forged))["text"] == TOO_OLD
        await ann.presses(nothing, "river")
        assert nothing.text.startswith("Understood as: What did Orlick say about the river?")
        assert hundreds(nothing) == ["3", "6", "1"]

    assert not api.refused


async def test_a_quote_is_shared_by_a_link_that_holds_until_its_article_changes(
    api: BotApi, services: FakeServices, articles: list[Article], tmp_path: Path, bot: asyncio.Event
) -> None:
    ann, bob = api.user("Ann"), api.user("Bob", language="ru")
    answer = await ann.asks("What about the lake?")
    await ann.presses(answer, "Context")
    share = next(b["url"] for b in answer.buttons if "Share" in b["text"])
    address = parse_qs(urlsplit(share).query)["url"][0]
    payload = parse_qs(urlsplit(address).query)["start"][0]
    shared = await bob.asks(f"/start {payload}")
    assert "The lake comes next," in shared.marked("bold")
    assert "— Jonas Brandt, Mayor" in shared.text
    await bob.presses(shared, "Вся статья")
    assert shared.text.startswith("River report 2")
    nowhere = [Link("quote", (articles[0].id, *numbers)) for numbers in ((99, 0, 1, 2), (0, 5, 5, 0), (0, 0, 9, 1))]
    for link in nowhere:
        assert "изменилась" in (await bob.asks(f"/start {link.payload}")).text
    file = tmp_path / "dispatches.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("The lake comes", "The pond comes"), encoding="utf-8")
    await reload(services, tmp_path)
    assert "Спросите ещё раз" in (await bob.asks(f"/start {payload}")).text


async def test_a_quote_that_stands_in_copies_says_so_and_names_them_in_its_context(
    api: BotApi, services: FakeServices, tmp_path: Path, bot: asyncio.Event
) -> None:
    said = "“We took a thousand barrels out of the river,” Water Minister Dana Orlik said on Friday."
    more = " ".join(f"The commission heard witness number {n} about barrel {n * 7} and its owner." for n in range(60))
    copies = [{"title": f"Copy {n}", "source": f"Agency {n}", "paragraphs": [said, more]} for n in range(3)]
    file = tmp_path / "dispatches.jsonl"
    file.write_text("\n".join(json.dumps(copy) for copy in copies), encoding="utf-8")
    articles = await reload(services, tmp_path)
    services.answers("river", quoted(articles[0]))
    ann = api.user("Ann")
    answer = await ann.asks("What about the river?")
    assert "Agency 0 · Copy 0 · also in 2 other articles" in answer.text
    await ann.presses(answer, "Context")
    assert answer.text.splitlines()[-3:] == [
        "The same story:",
        "• date not stated · Agency 1 · Copy 1",
        "• date not stated · Agency 2 · Copy 2",
    ]
