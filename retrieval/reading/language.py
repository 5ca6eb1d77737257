"""The language of an article: English or Russian."""

from __future__ import annotations

import re
from collections.abc import Sequence

LANGUAGES = ("en", "ru")
_SAMPLE = 2_000  # characters looked at
_CYRILLIC = re.compile(r"[А-Яа-яЁё]+")
_LATIN = re.compile(r"[A-Za-z]+")


def language_of(paragraphs: Sequence[str], stated: str | None = None) -> str:
    """ISO 639-1: the stated language ("en-US" is "en") if it is one of ours, else by which script has more letters."""
    if stated and (code := re.split(r"[-_]", stated.strip().lower())[0]) in LANGUAGES:
        return code
    sample = " ".join(paragraph[:_SAMPLE] for paragraph in paragraphs[:20])[:_SAMPLE]
    if not _CYRILLIC.search(sample):
        return "en"
    cyrillic, latin = (sum(map(len, script.findall(sample))) for script in (_CYRILLIC, _LATIN))
    return "ru" if cyrillic > latin else "en"
