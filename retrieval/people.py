"""Whether two ways of naming a speaker mean the same one."""

from __future__ import annotations

import re
import unicodedata

from retrieval.types import Speaker

_WORD = re.compile(r"[^\W\d_]+")
_FILLERS = frozenset(
    "the of de von van der al el bin jr sr mr mrs ms dr prof sen rep gov gen president senator".split()
)


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name that tell people apart, folded: no accents, titles or particles."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ё", "е")).replace("'s", "").replace("’s", "")
    return tuple(w for w in _WORD.findall(plain) if w not in _FILLERS)


def same_speaker(asked: str, speaker: Speaker | None) -> bool:
    """Whether the speaker may be the one asked for: "Antonov" is Anatoly Antonov, "the ambassador" is one by role."""
    if speaker is None:
        return False
    wanted = name_words(asked)
    if not wanted:
        return False
    name = name_words(speaker.name or "")
    if name:
        # the shorter name is within the longer one, and the last word of a person's name stands in both
        short, long = sorted((wanted, name), key=len)
        if set(short) <= set(long):
            return True
        return (
            len(wanted) > 1
            and len(name) > 1
            and wanted[-1] == name[-1]
            and wanted[0][0] == name[0][0]
            and 1 in (len(wanted[0]), len(name[0]))
        )
    return False
