"""What is reported without quote marks: the clause that a verb of saying takes, before or after it."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.reading.cues import Cue
from retrieval.reading.lexicon import (
    ADVERBS,
    AUXILIARIES,
    DETERMINERS,
    MONTHS,
    PREPOSITIONS,
    PRONOUNS,
    WEEKDAYS,
    verbs,
)
from retrieval.reading.sentences import Sentence

_LINKS = frozenset("and but yet still so however meanwhile according asked then here there".split())
_SUBORDINATORS = frozenset(
    "as when after before while because if since although though where unless until once".split()
)
_OPENERS = frozenset("that whether how why what if who where when".split())
_SUBJECTS = PRONOUNS - {"who"}
_OBJECTS = frozenset("him her me us them reporters journalists lawmakers voters supporters viewers investors".split())
_DAYTIMES = frozenset("morning night afternoon evening".split())
_TIMES = WEEKDAYS | _DAYTIMES | frozenset("week month year summer fall autumn spring winter".split())
Content = tuple[int, int]  # tokens


def reported(s: Sentence, cue: Cue, later: Sequence[Cue]) -> list[Content]:
    """The stretches of tokens that the cue reports, in order; none where it reports nothing in its own words."""
    if cue.subject is None or not cue.verb.clause and not cue.verb.noun:
        return []
    if cue.side == "according":
        return _according(s, cue)
    after, needs_clause = _after_listener(s, cue)
    end = _content_end(s, after, later)
    left = _left(s, cue)
    if after < end and s[after].text == ",":
        if cue.side == "right":
            return [left] if left else []
        rest = (after + 1, _content_end(s, after + 1, later))
        if rest[1] - rest[0] < 2 or any(0 <= c.start - rest[0] <= 1 for c in later):
            return [left] if left else []
        if left and s[left[1] - 1].lower in ("which", "that", "who"):
            return [rest]
        between = cue.first == 0 or s[cue.first - 1].text == "," or left
        return ([left] if left else []) + ([rest] if between else [])
    start = _clause_start(s, after, end, cue, needs_clause)
    if start is not None and end - start >= 2:
        return [(start, end)]
    return [left] if left and cue.verb.clause and _trails(s, after) else []


def _trails(s: Sentence, at: int) -> bool:
    """Whether what follows the verb leaves it nothing more to take: the end, a place, a time, a listener."""
    if at >= len(s):
        return True
    low = s[at].lower
    return (
        s[at].kind == "stop" or low in PREPOSITIONS or low in ADVERBS or low in _TIMES or low in ("to", "last", "this")
    )


def _according(s: Sentence, cue: Cue) -> list[Content]:
    assert cue.subject is not None
    if cue.start <= 1:
        end = cue.subject.end
        while end < len(s) and s[end].text != ",":
            end += 1
        stop = _stop(s)
        return [(end + 1, stop)] if stop - end > 3 else []
    end = cue.start
    if s[end - 1].text == ",":
        end -= 1
    return [(_begin(s), end)] if end >= 3 else []


def _stop(s: Sentence) -> int:
    end = len(s)
    while end > 0 and s[end - 1].kind == "stop":
        end -= 1
    return end


def _begin(s: Sentence) -> int:
    start = 0
    while start < len(s) and s[start].kind == "stop":
        start += 1
    return start


def _left(s: Sentence, cue: Cue) -> Content | None:
    """What stands before ", X said"."""
    if cue.side == "shared" or cue.first < 2:
        return None
    end = cue.first
    if s[end - 1].lower == "as" and cue.side == "left":
        end -= 1
    if s[end - 1].text != ",":
        return None
    start = _begin(s)
    if end - 1 <= start:
        return None
    first = s[start].lower
    adverbial = first in PREPOSITIONS or first.endswith(("ing", "ly")) or first in ADVERBS or first in _LINKS
    if adverbial and not any(t.text == "," for t in s[start : end - 1]):
        return None
    return (start, end - 1)


def _after_listener(s: Sentence, cue: Cue) -> tuple[int, bool]:
    """The token after the verb and whoever is told; whether a clause must be looked for."""
    at = cue.last if cue.side == "right" else cue.end
    if not cue.verb.listener or at >= len(s):
        return at, False
    token = s[at]
    if token.lower in _OPENERS or token.kind == "marked":
        return at, False
    for index in range(at + 1, min(at + 16, len(s))):
        if s[index].lower == "that" and s[index - 1].kind == "word":
            return index, True
        if s[index].kind != "word" and s[index].text != "’s" or s[index].lower in _SUBJECTS | AUXILIARIES | _OPENERS:
            break
    if token.lower in _OBJECTS or token.lower in ("you", "it"):
        return at + 1, False
    if token.capital:
        while at < len(s) and (s[at].capital or s[at].text in ("’s", "of", "and", "host")):
            at += 1
        return at, True
    if token.lower in DETERMINERS or token.kind == "word" and token.lower not in PREPOSITIONS:
        at += 1
        while (
            at < len(s)
            and s[at].kind == "word"
            and s[at].lower not in _OPENERS | _SUBJECTS | PREPOSITIONS | DETERMINERS
        ):
            at += 1
            if s[at - 1].lower.endswith("s") and at < len(s) and s[at].capital:
                break
        return at, True
    return at, True


def _clause_start(s: Sentence, at: int, end: int, cue: Cue, needs_clause: bool) -> int | None:
    """The first token of the reported clause, days and places after the verb stepped over."""
    for _ in range(4):
        if at >= end:
            return None
        token = s[at]
        low = token.lower
        if low == "that" and at + 1 < end:
            return at + 1
        if low in ("last", "this", "earlier") and at + 1 < end and s[at + 1].lower in _TIMES:
            at += 2
            continue
        if low in WEEKDAYS or low in _DAYTIMES or (low in ADVERBS and low not in ("only", "both", "all", "even")):
            at += 1
            continue
        if low in _SUBORDINATORS:
            return None
        if low in PREPOSITIONS and low not in _OPENERS:
            skipped = _after_phrase(s, at, end)
            if skipped is None:
                return None
            at = skipped
            continue
        break
    if at >= end:
        return None
    token = s[at]
    low = token.lower
    if low in ("so", "it") and at + 1 >= end - 1:
        return None
    if token.kind == "stop":
        return None
    if token.kind == "marked":
        return at if end - at > 1 else None
    if low in _OPENERS or low == "to" and cue.verb.listener:
        return at
    if low == "to":
        return None
    if cue.verb.noun and not cue.verb.clause:
        return at if low in DETERMINERS or token.capital else None
    if low in AUXILIARIES or low in verbs() and low == token.text and low.endswith("ing"):
        return None
    if cue.verb.noun:
        return at
    if not cue.verb.bare or not _has_verb(s, at, end):
        return None
    plain = cue.verb.lemma in ("say", "tell") or low in _SUBJECTS or low == "there"
    return at if plain or any(t.lower in AUXILIARIES for t in s[at + 1 : end]) else None


def _after_phrase(s: Sentence, at: int, end: int) -> int | None:
    """Where the clause goes on after "in an interview on Monday": at "that", or at the next subject."""
    for index in range(at + 1, min(end, at + 16)):
        token = s[index]
        if token.lower == "that":
            return index
        if token.kind == "stop" and token.text != "’s":
            return None
        before = s[index - 1]
        if index > at + 1 and before.lower not in DETERMINERS and before.lower not in PREPOSITIONS:
            if token.lower in _SUBJECTS or (
                token.lower in DETERMINERS - {"that"} and before.lower not in ("and", "or") and _has_verb(s, index, end)
            ):
                return index
            if token.capital and not before.capital and before.text != "’s" and token.lower not in WEEKDAYS | MONTHS:
                if _has_verb(s, index, end):
                    return index
    return None


def _has_verb(s: Sentence, start: int, end: int) -> bool:
    known = verbs()
    return any(
        t.lower in AUXILIARIES
        or (t.kind == "word" and not t.capital and (t.text in known or t.text.endswith(("ed", "s"))))
        for t in s[start + 1 : end]
    ) or any(t.text == "’s" for t in s[start:end])


def _content_end(s: Sentence, start: int, later: Sequence[Cue]) -> int:
    """Where the clause ends: the sentence's end, a colon before speech, or the next words of saying of the same subject."""
    end = _stop(s)
    for index in range(start, end):
        token = s[index]
        if token.text in (":", ";") or (
            token.text in ("—", "--") and index + 1 < end and s[index + 1].kind == "marked"
        ):
            end = index
            break
        if (
            token.kind == "marked"
            and index > start
            and s[index - 1].text in (",", ":")
            and token.text[0].isupper()
            and token.text[-1] in ".,?!"
        ):
            end = index - 1
            break
    if s[0].lower in _SUBORDINATORS and s[0].lower != "because":  # "While he says that ..., the main clause"
        end = next((i for i in range(start + 2, end) if s[i].text == ","), end)
    for index in range(start + 3, end - 1):
        if s[index].text == "," and s[index + 1].lower == "but":
            end = index
            break
    for cue in later:
        before = cue.first - 1
        if cue.side == "left" and start + 2 < before < end and s[before].lower in ("and", "but", "while", "though"):
            end = before - (s[before - 1].text == ",")
        joined = s[cue.start - 1].text == "," or s[cue.start - 1].lower in ("and", "but")
        if start < cue.start < end and cue.side in ("shared", "according") and joined:
            end = cue.start - 1
            while end > start and (s[end - 1].text == "," or s[end - 1].lower in ("and", "but")):
                end -= 1
    return end
