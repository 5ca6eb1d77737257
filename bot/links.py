"""Short texts that lead somewhere: callback data (64 bytes) and payloads of deep links (64 of A-Z a-z 0-9 _ -)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import quote

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_DATA = re.compile(r"([a-z]+)((?:\.[0-9a-z]{1,12}){0,4})", re.ASCII)
_PAYLOAD = re.compile(r"([a-z]+)((?:_[0-9a-z]{1,12}){1,5})", re.ASCII)
_QUESTION = "Q"
_PAYLOAD_LIMIT = 64


@dataclass(frozen=True)
class Link:
    """A place by name, and its numbers: `Link("context", (answer_id, 2))`."""

    name: str
    numbers: tuple[int, ...] = ()

    @property
    def data(self) -> str:
        """As callback data."""
        return ".".join([self.name, *map(_base36, self.numbers)])

    @property
    def payload(self) -> str:
        """As the payload of a deep link."""
        return "_".join([self.name, *map(_base36, self.numbers)])


def read_data(data: str) -> Link | None:
    """The link in callback data; None for what we never wrote."""
    return _read(_DATA.fullmatch(data), ".")


def read_payload(payload: str) -> Link | None:
    """The link in a deep link's payload; None for what we never wrote."""
    return _read(_PAYLOAD.fullmatch(payload), "_")


def start_url(username: str, link: Link) -> str:
    """The deep link to the place: opens the bot there."""
    return f"https://t.me/{username}?start={link.payload}"


def share_url(username: str, link: Link) -> str:
    """An address at which Telegram asks whom to send a deep link to the place."""
    return f"https://t.me/share/url?url={quote(start_url(username, link), safe='')}"


def question_payload(question: str) -> str | None:
    """A deep link's payload that asks the question; None when it is too long for one."""
    payload = _QUESTION + base64.urlsafe_b64encode(question.encode("utf-8", "replace")).decode().rstrip("=")
    return payload if len(payload) <= _PAYLOAD_LIMIT else None


def read_question(payload: str) -> str | None:
    """The question in a deep link's payload."""
    if not payload.startswith(_QUESTION):
        return None
    encoded = payload.removeprefix(_QUESTION)
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _read(match: re.Match[str] | None, separator: str) -> Link | None:
    if match is None:
        return None
    return Link(match[1], tuple(int(number, 36) for number in match[2].split(separator)[1:]))


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
