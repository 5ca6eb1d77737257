"""A conversation with the bot over the sample dispatches, as docs/conversation.md shows it.

`python -m tests.bot.conversation` writes that page, and the pictures docs/card.svg and docs/trend.png, anew.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path

from bot.app import build_application, run
from bot.context import BotContext
from bot.links import question_payload
from bot.services import open_services
from bot.settings import Secret
from tests.bot.drawing import drawn
from tests.botapi import BotApi, BotMessage, Group, User
from tests.fakes import bot_settings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/conversation.md"
CARD = ROOT / "docs/card.svg"
PICTURE = ROOT / "docs/trend.png"
TODAY = dt.date(2024, 11, 20)
# Beside the samples: what Voss said later, and nearly the same as another agency has it.
LATER = """ELDERHAVN, November 14. “Inflation has found the garden gate,” Governor Elena Voss said on Thursday.

The Bank of Veldmark expects prices to rise by two percent next year, the governor told the assembly's budget committee.

She did not say when the next cut of the key rate would follow, and left by the {} door."""
MORE = [
    {"title": "Voss sees inflation leaving", "source": source, "date": "2024-11-14", "text": LATER.format(door)}
    for source, door in (("Veldmark Wire", "back"), ("Coastal Press Agency", "rear"))
]
INTRODUCTION = """\
# A conversation

Written by the bot itself, over the sample dispatches in `articles/`: a test holds this page to what it really says.
`[…]` are buttons; "presses" is followed by what the message then shows.
"""


class Transcript:
    """Lets people talk to the bot, and writes down both sides as Markdown."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.lines = [INTRODUCTION]
        self.card = ""  # a picture of an answer
        self.pictures: list[bytes] = []

    def heading(self, text: str) -> None:
        self.lines.append(f"\n## {text}\n")

    async def say(
        self,
        user: User,
        text: str,
        *,
        to: Group | None = None,
        reply_to: BotMessage | None = None,
        topic: int | None = None,
    ) -> BotMessage:
        place = f" in {to.title}{f', topic {topic}' if topic else ''}" if to else ""
        about = " (in reply to the answer)" if reply_to else ""
        self.lines.append(f"**{user.name}{place}**{about}: {literal(text)}\n")
        user.says(text, to=to, reply_to=reply_to, topic=topic)
        message = await (to or user).reply()
        self.lines.append(rendered(message))
        return message

    async def press(self, user: User, message: BotMessage, label: str) -> None:
        self.lines.append(f"**{user.name}** presses `[{label}]`:\n")
        edits = message.edits
        popped_up = (await user.presses(message, label))["text"]
        if message.edits != edits:
            self.lines.append(rendered(message))
        elif popped_up:
            self.lines.append(f"> *{popped_up}*\n")
        else:
            self.lines.append(rendered(await user.reply()))

    async def inline(self, user: User, text: str) -> None:
        self.lines.append(f"**{user.name}**, in a chat with a friend, types: {literal(f'@quotewire_bot {text}')}\n")
        answer = await user.asks_inline(text)
        self.lines += [f"- {literal(r['title'])} — {literal(r['description'])}" for r in answer.results[:3]]
        self.lines.append(f"- … {len(answer.results)} in all\n")


async def converse(folder: Path) -> Transcript:
    """The conversation, over a database and index made in the folder."""
    more = folder / "later.jsonl"
    more.write_text("\n".join(map(json.dumps, MORE)), encoding="utf-8")
    async with BotApi() as api:
        settings = replace(
            bot_settings(api.url, api.token, sources=(str(ROOT / "articles"), str(more)), ask_rate_user_min=100.0),
            database_url=Secret(f"sqlite:///{folder}/quotewire.db"),
            index_dir=folder / "index",
        )
        async with open_services(settings) as services:
            stop = asyncio.Event()
            task = asyncio.create_task(run(build_application(services, settings), stop))
            talk = Transcript(api)
            await script(api, talk)
            stop.set()
            await task
            assert not api.refused, [(call.method, str(call.error)) for call in api.refused]
            assert not api.dropped_links
    return talk


async def script(api: BotApi, talk: Transcript) -> None:
    ann, anna = api.user("Ann"), api.user("Анна", language="ru")
    club, forum = api.group("Press club"), api.group("Newsroom", forum=True)

    talk.heading("First contact")
    greeting = await talk.say(ann, "/start")
    await talk.press(ann, greeting, greeting.buttons[0]["text"])

    talk.heading("A question, and what hangs on the answer")
    answer = await talk.say(ann, "What did Marta Veldhuis say about the herring quota?")
    await talk.press(ann, answer, "Newest first")
    await talk.press(ann, answer, "Most relevant first")
    await talk.press(ann, answer, "Context 1" if len(answer.quotes) > 1 else "Context")
    await talk.press(ann, answer, "Whole article")
    await talk.press(ann, answer, "To the answer")
    await talk.press(ann, answer, "Same speaker")
    await talk.press(ann, answer, "To the answer")
    await talk.press(ann, answer, "To the answer")
    await talk.press(ann, answer, "👍")

    talk.heading("Narrowing down")
    question = "What did Marta Veldhuis say about the herring survey in October?"
    narrow = await talk.say(ann, question)
    talk.card = drawn(ann.name, question, narrow)
    for label in ("Only Marta Veldhuis", "Only October", "Any speaker", "Any date"):
        await talk.press(ann, narrow, label)
    await talk.say(ann, "What was said in October?")
    await talk.say(ann, "latest on the rail strike")

    talk.heading("Said later, and in several places")
    await talk.say(ann, "What did Solheim say about herring?")
    copies = await talk.say(ann, "What did Voss say about the garden gate?")
    await talk.press(ann, copies, "Alert me about this")

    talk.heading("Going on by replying")
    await talk.say(ann, "and about the spring survey?", reply_to=answer)
    answer = await talk.say(anna, "Что сказал Верещагин о квоте на сельдь?")
    await talk.say(anna, "а в июне?", reply_to=answer)
    await talk.say(anna, "Что сказала Петра Линдквист?")

    talk.heading("When nothing fits")
    await talk.say(ann, "Who won the chess tournament?")
    nothing = await talk.say(ann, "from:Nobody herring quota")
    if nothing.buttons:
        await talk.press(ann, nothing, "Any speaker")
    misspelt = await talk.say(ann, "herring qouta")
    await talk.press(ann, misspelt, "quota")

    talk.heading("In groups and topics")
    await talk.say(ann, "/ask How much will the herring quota fall?", to=club)
    await talk.say(ann, "@quotewire_bot why did the rail strike begin?", to=forum, topic=3)

    talk.heading("In any other chat")
    await talk.inline(ann, "herring quota")
    await talk.inline(ann, "")

    talk.heading("Reading")
    await talk.say(ann, "/latest")
    article = await talk.say(ann, "/article 3")
    await talk.say(anna, "/speakers")
    speaker = await talk.say(ann, "/speaker Lindqvist")

    talk.heading("Links that friends shared")
    await talk.say(ann, f"/start {question_payload('herring quota')}")
    for message in (article, speaker):
        await talk.say(anna, f"/start {shared(message)}")
    await talk.press(ann, copies, "Context")
    await talk.say(anna, f"/start {shared(copies)}")

    talk.heading("A chart")
    await talk.say(ann, "/trend herring")
    talk.pictures += [next(iter(call.files.values())) for call in api.calls("sendPhoto")]

    talk.heading("Yours")
    await talk.say(ann, "/language ru")
    await talk.say(ann, "/help")
    await talk.say(ann, "/language en")
    await talk.say(ann, "/privacy")
    await talk.say(ann, "/export")
    confirm = await talk.say(ann, "/forgetme")
    await talk.press(ann, confirm, "Delete everything")


def shared(message: BotMessage) -> str:
    """The payload of the link that the message's "Share" sends."""
    (link,) = (button["url"] for button in message.buttons if "Share" in button["text"])
    return re.findall(r"start(?:=|%3D)([\w-]+)", link)[0]


def rendered(message: BotMessage) -> str:
    """The message as a Markdown quotation, quotes one level deeper, buttons below."""

    spans = [(e["offset"], e["offset"] + e["length"]) for e in message.json.get("entities", []) if "quote" in e["type"]]
    lines, position = [], 0
    for line in message.text.split("\n"):
        quoted = any(start <= position < end for start, end in spans)
        lines.append(("> > " if quoted else "> ") + (literal(line) + "  " if line else ""))
        if not line:
            lines[-1] = lines[-1].rstrip()
        position += len(line.encode("utf-16-le")) // 2 + 1
    if "photo" in message.json:
        lines.insert(0, "> ![How often, and by whom](trend.png)  ")
    if "document" in message.json:
        lines.insert(0, f"> `{message.json['document']['file_name']}`  ")
    if message.buttons:
        lines += [">", "> " + " ".join(f"`[{button['text']}]`" for button in message.buttons)]
    return "\n".join(line.rstrip() if line.rstrip() in (">", "> >") else line for line in lines) + "\n"


def literal(text: str) -> str:
    """The text with what Markdown and HTML would take for marks made harmless."""
    for mark in "\\`*_[]<>":
        text = text.replace(mark, f"\\{mark}")
    return text


def page(talk: Transcript) -> str:
    return "\n".join(talk.lines).rstrip() + "\n"


async def main() -> None:
    BotContext.today = TODAY  # type: ignore[assignment, method-assign]
    with tempfile.TemporaryDirectory() as folder:
        talk = await converse(Path(folder))
    PAGE.write_text(page(talk), encoding="utf-8")
    CARD.write_text(talk.card, encoding="utf-8")
    PICTURE.write_bytes(talk.pictures[0])


if __name__ == "__main__":
    asyncio.run(main())
