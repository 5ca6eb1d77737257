"""The language of an article: English or Russian."""

from __future__ import annotations

import re

LANGUAGES = ("en", "ru")
_SAMPLE = 20_000  # characters looked at
_CYRILLIC = re.compile(r"[а-яё]+", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]+", re.IGNORECASE)


def language_of(text: str, stated: str | None = None) -> str:
    """ISO 639-1: the stated language ("en-US" is "en") if it is one of ours, else by which script has more letters."""
    if stated and (code := re.split(r"[-_]", stated.strip().lower())[0]) in LANGUAGES:
        return code
    sample = text[:_SAMPLE]
    cyrillic, latin = (sum(map(len, script.findall(sample))) for script in (_CYRILLIC, _LATIN))
    return "ru" if cyrillic > latin else "en"
