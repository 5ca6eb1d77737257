"""What analysis knows of each language: script, stop words, stemmer. To add one: a file here and a row below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Script = Literal["Latin", "Cyrillic"]


@dataclass(frozen=True, slots=True)
class Language:
    """One language of articles and questions."""

    code: str  # ISO 639-1
    script: Script
    stemmer: str  # Snowball's name of the algorithm
    stop_words: frozenset[str]  # lower case, straight apostrophes, е for ё
    # Written in capitals these are names, though small they are stop words ("US", "WHO").
    names_in_capitals: frozenset[str] = frozenset()


def _stop_words(code: str) -> frozenset[str]:
    text = files(__name__).joinpath(f"{code}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(" ".join(lines).replace("ё", "е").split())


@cache
def languages() -> dict[str, Language]:
    """The languages known, by code; of each script the first one stands in for those that are not known."""
    known = (
        Language("en", "Latin", "english", _stop_words("en"), frozenset({"us", "who", "it"})),
        Language("ru", "Cyrillic", "russian", _stop_words("ru")),
    )
    return {language.code: language for language in known}
