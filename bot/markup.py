"""Telegram's HTML as a type of its own, so that nothing from outside gets into a message unescaped."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

MESSAGE_LIMIT = 4096  # UTF-16 code units of visible text; Telegram counts code points, its apps UTF-16 units
_TAG = re.compile(r"<[^>]*>")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINK_LIMIT = 2000


class Html(str):
    """Text that is Telegram HTML already."""

    __slots__ = ()


EMPTY = Html()


def escape(value: object) -> Html:
    """The value as HTML: escaped, unless it is Html. Lone surrogates, which no request can carry, are replaced."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(_SURROGATE.sub("\ufffd", str(value)), quote=True).replace("&#x27;", "'"))


def join(separator: str, parts: Iterable[object]) -> Html:
    """The parts that are not empty, escaped and joined."""
    return Html(separator.join(escaped for part in parts if (escaped := escape(part))))


def tag(name: str, content: object) -> Html:
    """The content within a tag; nothing when there is none."""
    inner = escape(content)
    return Html(f"<{name}>{inner}</{name.split(' ')[0]}>") if inner else Html()


def link(url: str | None, content: object) -> Html:
    """The content, linked where Telegram would accept the address."""
    return Html(f'<a href="{escape(url)}">{escape(content)}</a>') if url and is_link(url) else escape(content)


def is_link(url: str) -> bool:
    """Whether it is a web address that Telegram keeps as a link."""
    if len(url) > _LINK_LIMIT or not url.isprintable() or " " in url:  # no other white space is printable
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        return False


def plain(text: Html) -> str:
    """What a reader sees of it, without formatting."""
    return html.unescape(_TAG.sub("", text))


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible_length(text: Html) -> int:
    """Length of what a reader sees, in UTF-16 code units: what Telegram's limit counts."""
    return utf16_length(plain(text))


def cut(text: str, limit: int) -> int:
    """The end of the longest start of `text` within `limit` UTF-16 units that ends between words.

    Inside a word only where it must, and never between a letter and its combining marks.
    """
    if utf16_length(text) <= limit:
        return len(text)
    end = units = 0
    for character in text:
        units += 2 if character > "\uffff" else 1
        if units > limit:
            break
        end += 1
    between = max(text.rfind(" ", 0, end + 1), text.rfind("\n", 0, end + 1))
    if between > end // 2:
        return len(text[:between].rstrip())
    while end > 1 and (unicodedata.category(text[end])[0] == "M" or "\u200d" in text[end - 1 : end + 1]):
        end -= 1
    return end
