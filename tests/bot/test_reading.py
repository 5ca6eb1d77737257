"""Reading commands, deep links, charts, languages and privacy."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot import trends
from bot.handlers import trend
from bot.links import Link, question_payload
from bot.markup import Html
from bot.texts import Words
from bot.trends import Trend
from retrieval.types import Article, Paragraph, PartialDate
from tests.bot.archive import fill, quoted, reload
from tests.bot.conftest import running
from tests.botapi import BotApi
from tests.botapi.html import utf16_length
from tests.fakes import FakeServices, article


@pytest.fixture
async def articles(services: FakeServices, tmp_path: Path) -> list[Article]:
    return await fill(services, tmp_path)


async def test_an_article_is_read_page_by_page(api: BotApi, services: FakeServices, bot: asyncio.Event) -> None:
    paragraphs = [Paragraph(f"<{n}> {'word ' * 200}😀".strip(), "Part <I>" if n < 5 else "Part II") for n in range(20)]
    services.articles = [Article(tuple(paragraphs), title="Long & wide", url="https://e.org/1", id=12)]
    ann = api.user("Ann")
    page = await ann.asks("/article 12")
    texts = [page.text]
    while any("More" in button["text"] for button in page.buttons):
        await ann.presses(page, "More")
        texts.append(page.text)
    await ann.presses(page, "Back")
    assert page.text == texts[-2]
    for wrong in ("/article", "/article x", "/article 99", f"/article {2**70}", "/article ²"):
        assert "rticle" in (await ann.asks(wrong)).text

    assert all(utf16_length(text) <= 4096 for text in texts)
    whole = "".join(texts)
    assert [n for n in range(20) if f"<{n}> " in whole] == list(range(20))
    assert whole.count("Part <I>") == 1
    assert texts[1].endswith(f"Page 2 of {len(texts)}")


async def test_one_endless_paragraph_is_paged_too(api: BotApi, services: FakeServices, bot: asyncio.Event) -> None:
    services.articles = [article("x" * 9000, id=1)]
    ann = api.user("Ann")
    page = await ann.asks("/article 1")
    await ann.presses(page, "More")
    await ann.presses(page, "More")


async def test_speakers_are_listed_and_found_by_a_part_of_their_name(
    api: BotApi, articles: list[Article], bot: asyncio.Event
) -> None:
    ann = api.user("Ann")
    listed = await ann.asks("/speakers")
    assert listed.text.splitlines()[2:4] == [
        "• Dana Orlik, Water Minister: 8 quotes",
        "• Jonas Brandt, Mayor: 7 quotes",
    ]
    said = await ann.asks("/speaker orlik")
    assert said.text.startswith("Dana Orlik, newest first")
    assert [quote.split()[2] for quote in said.quotes] == ["7", "6", "5"]
    await ann.presses(said, "More")
    assert [quote.split()[2] for quote in said.quotes] == ["4", "3", "2"]
    assert (await ann.asks("/speaker Nobody Else")).text == "Nobody of that name is quoted."
    assert "/speaker Dana Orlik" in (await ann.asks("/speaker")).text
    assert (await ann.asks("/speaker %_")).text == "Nobody of that name is quoted."


async def test_what_a_speaker_said_in_a_title_is_shown_with_the_rest(
    api: BotApi, services: FakeServices, tmp_path: Path, bot: asyncio.Event
) -> None:
    said = {"title": "Орлик: вода стала чище", "source": "Северная почта", "paragraphs": [
        "ВЕЛЬДХАВЕН. «Мы очистили реку», — заявил министр Иван Орлик."
    ]}  # fmt: skip
    (tmp_path / "dispatches.jsonl").write_text(json.dumps(said), encoding="utf-8")
    await reload(services, tmp_path)
    ann = api.user("Ann")
    listed = await ann.asks("/speakers")
    page = await ann.asks("/speaker Орлик")

    assert "Орлик, министр: 2 quotes" in listed.text
    assert [quote.strip("“”") for quote in page.quotes] == ["вода стала чище", "Мы очистили реку"]


async def test_deep_links_lead_to_a_question_an_article_and_a_speaker(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.answers("river", quoted(articles[0]))
    ann = api.user("Ann", language="ru")
    number = next(n for n, q in enumerate(articles[0].quotes) if q.speaker and q.speaker.name == "Jonas Brandt")
    assert (await ann.asks(f"/start {question_payload('river?')}")).quotes
    assert "River report 1" in (await ann.asks(f"/start {Link('article', (articles[0].id,)).payload}")).text
    said = await ann.asks(f"/start {Link('said', (articles[0].id, number)).payload}")
    assert said.text.startswith("Jonas Brandt, сначала новые")
    for odd in ("x", "article_zz_1", "Q!!", "Q" + "A" * 63, "said_1_1", "inline"):
        await ann.asks(f"/start {odd}")

    assert services.questions[0] == "river?"


async def test_a_chart_shows_who_spoke_when_and_says_what_it_leaves_out(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.finds("river", articles)
    services.finds("undated", [article("x", date=PartialDate(None, 12, 31))])
    ann = api.user("Ann", language="ru")
    picture = await ann.asks("/trend river $x^2$")
    assert picture.text == "Ещё 1 без полной даты."
    assert "полной даты" in (await ann.asks("/trend undated")).text
    assert "не говорят" in (await ann.asks("/trend unknown")).text
    assert "Например" in (await ann.asks("/trend")).text

    (sent,) = api.calls("sendPhoto")
    assert next(iter(sent.files.values())).startswith(b"\x89PNG")


async def test_a_chart_is_drawn_again_only_when_the_articles_or_the_language_changed(
    api: BotApi, services: FakeServices, articles: list[Article], monkeypatch: pytest.MonkeyPatch, bot: asyncio.Event
) -> None:
    drawn: list[str] = []

    def draw(mentions: Trend, words: Words, title: Html) -> bytes:
        drawn.append(words.language)
        return trends.draw(mentions, words, title)

    monkeypatch.setattr(trend, "draw", draw)
    services.finds("river", articles)
    ann, bob = api.user("Ann"), api.user("Bob", language="ru")
    await ann.asks("/trend river")
    await ann.asks("/trend river")
    assert drawn == ["en"]
    await bob.asks("/trend river")
    await services.load()
    await ann.asks("/trend river")

    assert drawn == ["en", "ru", "en"]
    first, second, *_ = (next(iter(call.files.values())) for call in api.calls("sendPhoto"))
    assert first == second


async def test_a_chat_keeps_the_language_it_chose(api: BotApi, services: FakeServices) -> None:
    ann = api.user("Ann")
    async with running(api, services):
        assert "Choose a language" in (await ann.asks("/language xx")).text
        assert (await ann.asks("/language ru")).text == "Теперь я пишу здесь по-русски."
        assert "Здравствуйте" in (await ann.asks("/start")).text
    async with running(api, services):
        assert "Здравствуйте" in (await ann.asks("/start")).text


async def test_what_is_kept_can_be_seen_and_is_deleted_on_demand(
    api: BotApi, services: FakeServices, articles: list[Article], bot: asyncio.Event
) -> None:
    services.answers("river", quoted(articles[0]))
    ann, bob, group = api.user("Ann"), api.user("Bob"), api.group("Press club")
    answer = await ann.asks("my secret river")
    assert f"Your Telegram id: {ann.id}" in (await ann.asks("/privacy")).text
    await ann.asks("/language ru")
    await ann.asks("/export")
    ann.says("/export", to=group)
    assert "в личном" not in (await group.reply()).text
    confirm = await ann.asks("/forgetme")
    await ann.presses(confirm, "Оставить")
    assert confirm.text == "Ничего не удалено."
    confirm = await ann.asks("/forgetme")
    forged = confirm.buttons[0]["callback_data"]
    greeting = await bob.asks("/start")
    await bob.presses(greeting, "", data=forged)
    await ann.asks("/export")
    await ann.presses(confirm, "Удалить всё")
    assert confirm.text == "Готово: всё удалено."
    await ann.asks("/export")
    assert (await ann.presses(answer, "", data=answer.buttons[0]["callback_data"]))["text"].startswith("This button")

    first, second, last = (json.loads(next(iter(call.files.values()))) for call in api.calls("sendDocument"))
    assert [q["question"] for q in first["questions"]] == ["my secret river"]
    assert first == second
    assert (last["telegram_id"], last["language"], last["questions"], last["votes"]) == (ann.id, None, [], [])
