"""Telegram's HTML, read as TDLib reads it (td/telegram/MessageEntity.cpp, parse_html)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.errors import bad_request

TYPES = {
    "a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre",
    "blockquote": "blockquote",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
START = re.compile(r"<([^\s>]*)")
ATTRIBUTE = re.compile(r"\s*([^\s=>/\"']+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)(?=[\s>])))?\s*")
END = re.compile(r"</([^\s>]*)\s*>")


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, Telegram's unit for offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unescape(text: str) -> str:
    """The text with TDLib's few character references resolved; others stay as written."""

    def resolve(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return NAMED[name]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()

    return REFERENCE.sub(resolve, text)


def is_link(url: str) -> bool:
    """Whether Telegram keeps it as a link; others are dropped without a word."""
    parts = urlsplit(url)
    if parts.scheme in ("tg", "ton"):
        return True
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not re.search(r"\s", url)


def parse_html(source: str) -> tuple[str, list[dict[str, Any]], list[str]]:
    """The text, its entities in order, and the links that were dropped.

    Raises: ApiError 400, "can't parse entities: …" with TDLib's words and byte offset.
    """
    result: list[str] = []
    length = 0
    entities: list[dict[str, Any]] = []
    dropped: list[str] = []
    nested: list[tuple[str, int, str]] = []  # tag, offset, argument
    position = 0

    def fail(reason: str) -> Exception:
        return bad_request(f"can't parse entities: {reason}")

    def at(index: int) -> str:
        return f"at byte offset {len(source[:index].encode('utf-8', 'surrogatepass'))}"

    while position < len(source):
        begin = source.find("<", position)
        text = unescape(source[position : begin if begin >= 0 else None])
        result.append(text)
        length += utf16_length(text)
        if begin < 0:
            break
        if source.startswith("</", begin):
            if not nested:
                raise fail(f"Unexpected end tag {at(begin)}")
            end = END.match(source, begin)
            if not end:
                raise fail(f"Unclosed end tag {at(begin)}")
            tag, offset, argument = nested.pop()
            if end[1] and end[1].lower() != tag:
                raise fail(f'Unmatched end tag {at(begin)}, expected "</{tag}>", found "</{end[1].lower()}>"')
            position = end.end()
            if length > offset:
                entity: dict[str, Any] = {"type": TYPES[tag], "offset": offset, "length": length - offset}
                if tag == "a":
                    if not is_link(argument):
                        dropped.append(argument)
                        continue
                    entity["url"] = argument
                if tag == "blockquote" and argument:
                    entity["type"] = "expandable_blockquote"
                entities.append(entity)
            continue
        start = START.match(source, begin)
        assert start
        tag = start[1].lower()
        if start.end() >= len(source):
            raise fail(f"Unclosed start tag {at(begin)}")
        if tag not in TYPES:
            raise fail(f'Unsupported start tag "{tag}" {at(begin)}')
        position, argument = start.end(), ""
        while position < len(source) and source[position] != ">":
            attribute = ATTRIBUTE.match(source, position)
            if not attribute:
                if not source[position].isspace():
                    raise fail(f'Empty attribute name in the tag "{tag}" {at(begin)}')
                position += 1
                continue
            name, value = attribute[1].lower(), next((v for v in attribute.groups()[1:] if v is not None), "")
            if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id"), ("span", "class")):
                argument = unescape(value)
            elif (tag, name) == ("blockquote", "expandable"):
                argument = "1"
            position = attribute.end()
        if position >= len(source):
            raise fail(f"Unclosed start tag {at(begin)}")
        if tag == "span" and argument != "tg-spoiler":
            raise fail(f'Tag "span" must have class "tg-spoiler" {at(begin)}')
        position += 1
        nested.append((tag, length, argument))
    if nested:
        raise fail(f'Can\'t find end tag corresponding to start tag "{nested[-1][0]}"')
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(result), entities, dropped
