"""Which marked spans of a sentence are somebody's words, and on which words of saying each hangs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from retrieval.reading.cues import Cue
from retrieval.reading.lexicon import DETERMINERS, verbs
from retrieval.reading.phrases import DASHES
from retrieval.reading.sentences import Sentence, Token

BESIDE, WITHIN = 2, 1  # how plainly a span hangs on a cue: beside it, or somewhere in its clause

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_JOINTS = DASHES | {","}


def governor(s: Sentence, at: int, cues: Sequence[Cue]) -> tuple[int, int] | None:
    """The number of the cue that the marked span at this token hangs on, and BESIDE or WITHIN."""
    best: tuple[int, int] | None = None
    for index, cue in enumerate(cues):
        if cue.last <= at:
            strength = _leads(s, cue, at)
            if strength == BESIDE or (strength == WITHIN and (best is None or best[1] < BESIDE)):
                best = (index, strength)
        elif cue.first > at:
            strength = _follows(s, at, cue)
            if strength and (best is None or strength >= best[1]):
                return index, strength
    return best


def _leads(s: Sentence, cue: Cue, at: int) -> int:
    """How plainly the words of saying lead up to the span."""
    between = s[cue.last : at]
    if not between:
        return BESIDE if _begins_sentence(s[at]) else WITHIN
    if between[-1].text == ":" and any(t.text == "," and after.capital for t, after in pairwise(between)):
        return 0  # "..., Name hit back: "
    return BESIDE if between[-1].text in (",", ":") else WITHIN


def _follows(s: Sentence, at: int, cue: Cue) -> int:
    """How plainly the words of saying follow on the span."""
    between = s[at + 1 : cue.first]
    ends = s[at].text[-1]
    if all(t.text in _JOINTS or t.text == "." for t in between):
        return BESIDE if ends in ",?!…—.-" or any(t.text in _JOINTS for t in between) else WITHIN
    # `"...," another friend, Name, told us`; `"...," the senator and candidate said`
    loose = ends in ",?!" and between[0].lower in DETERMINERS and between[-1].text in (",", "and")
    return BESIDE if loose and all(t.kind == "word" for t in between[:-1]) else 0


def is_title(s: Sentence, at: int) -> bool:
    """Whether the marked words are a name (of a show, a book, a slogan) that the sentence mentions."""
    text = s[at].text
    before = s[at - 1] if at else None
    if before is None or before.kind == "marked" or before.text in (":", ".", "?", "!"):
        return False
    if before.kind == "word" or before.text == "’s":
        if len(text.split()) < 3 and before.text not in verbs():
            return True
    elif before.text != ",":
        return False
    return text[-1] not in ".?!" and has_title_case(text)


def has_title_case(text: str) -> bool:
    """Whether the words are set like a name: of two or more, every long one with a capital."""
    words = [word for word in _WORD.findall(text) if len(word) > 3]
    return len(text.split()) > 1 and bool(words) and all(word[0].isupper() for word in words)


def is_sentence(s: Sentence, at: int) -> bool:
    """Whether the marked span is speech by its form alone: a sentence (or more) of its own."""
    token = s[at]
    words = len(token.text.split())
    ends = token.text[-1] in ".?!…,—-" or at + 1 == len(s)
    if words < 3 or not ends or not (_begins_sentence(token) or token.text[0] in "…."):
        return False
    before = s[at - 1] if at else None
    return words > 8 or before is None or before.kind == "marked" or before.text in ".:,?!—–--"


def _begins_sentence(token: Token) -> bool:
    first = next((c for c in token.text if c.isalnum()), "")
    return first.isupper() or first.isdigit()
