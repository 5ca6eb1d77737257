"""What an operator has written and still has to agree to."""

from __future__ import annotations

import secrets

_MOST = 100


class Drafts:
    """Texts by a number that a button can carry; gone after a restart."""

    def __init__(self) -> None:
        self._drafts: dict[int, str] = {}

    def add(self, text: str) -> int:
        """Keeps the text; gives its number, which nobody can guess."""
        number = secrets.randbits(30)
        self._drafts[number] = text
        if len(self._drafts) > _MOST:
            del self._drafts[next(iter(self._drafts))]
        return number

    def take(self, number: int) -> str | None:
        """The text, once."""
        return self._drafts.pop(number, None)
