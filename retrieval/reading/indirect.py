"""What is reported without quote marks: the clause that a word of saying takes, after it or before it."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.reading.cues import Cue
from retrieval.reading.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    MONTHS,
    PAST_FORMS,
    PREPOSITIONS,
    PRONOUNS,
    WEEKDAYS,
    verbs,
)
from retrieval.reading.sentences import Sentence

Content = tuple[int, int]  # tokens

_LINKS = frozenset("and but yet still so however meanwhile according asked then here there".split())
_SUBORDINATORS = frozenset("as when after before while if since although though where unless until once".split())
_OPENERS = frozenset("that whether how why what if who where when".split())
_SUBJECTS = PRONOUNS - {"who"}
_LISTENERS = frozenset("him her me us them you it reporters journalists lawmakers voters supporters viewers".split())
_CLAUSE_BEGINS = _OPENERS | _SUBJECTS | AUXILIARIES
_AFTER_LISTENER = _OPENERS | _SUBJECTS | PREPOSITIONS | DETERMINERS
_DAYTIMES = WEEKDAYS | frozenset("morning night afternoon evening".split())
_TIMES = _DAYTIMES | frozenset("week month year summer fall autumn spring winter".split())
_DEICTIC = frozenset("last this earlier".split())


def reported(s: Sentence, cue: Cue, later: Sequence[Cue]) -> list[Content]:
    """The stretches of tokens that the cue reports, in order; none where it reports nothing in its own words.

    What is denied begins with the verb, for without it the words would say the opposite: "denied that it had paid".

    Args: later, the cues that follow in the sentence: where their words begin, these end.
    """
    if cue.subject is None or not (cue.verb.clause or cue.verb.noun):
        return []
    if cue.side == "according":
        return _according(s, cue.start, cue.subject.end)
    if cue.verb.denies:
        return _denied(s, cue, later)
    after = _after_listener(s, cue)
    left = _left(s, cue)
    before = [left] if left else []
    if after < len(s) and s[after].text == ",":
        rest = (after + 1, _content_end(s, after + 1, later))
        speech = rest[1] - rest[0] < 2 or any(0 <= c.start - rest[0] <= 1 for c in later)
        if cue.side == "right" or speech:
            return before
        if left and s[left[1] - 1].lower in ("which", "that", "who"):
            return [rest]
        return [*before, rest] if left or cue.first == 0 or s[cue.first - 1].text == "," else []
    end = _content_end(s, after, later)
    start = _clause_start(s, after, end)
    if start is not None and end - start >= 2 and _takes(s, cue, start, end):
        return [(start, end)]
    return before if cue.verb.clause and _trails(s, after) else []


def _denied(s: Sentence, cue: Cue, later: Sequence[Cue]) -> list[Content]:
    """The verb with the clause that it denies; nothing where the clause stands before it, or the subject between."""
    if cue.side == "right":
        return []
    end = _content_end(s, cue.end, later)
    own = (i for c in later for i in (c.first - 1, c.start - 1) if cue.end + 2 < i < end and s[i].text == ",")
    end = min(own, default=end)  # "Name, who denied that it had paid, said ..."
    start = _clause_start(s, cue.end, end)
    if start is None or start >= end or not _takes(s, cue, start, end):
        return []
    marked = s[start].kind == "marked"
    if end - start < 2 and not marked:
        return []  # "denied that."
    if s[start - 1].lower != "that" and not marked and s[start].lower not in _OPENERS:
        # A verb of its own tells "denied he had paid" from "denied the charge and will appeal".
        rest = range(start + 1, end)
        stop = next((i for i in rest if s[i].text == "," or s[i].lower in CONJUNCTIONS | {"who"}), end)
        if not _takes(s, cue, start, stop):
            return []
    return [(cue.start, end)]


def _according(s: Sentence, at: int, end: int) -> list[Content]:
    """The clause after "According to X, ..." or before "..., according to X"."""
    if at <= 1:
        comma = next((i for i in range(end, len(s)) if s[i].text == ","), len(s))
        stop = _stop(s)
        return [(comma + 1, stop)] if stop - comma > 3 else []
    stop = at - (s[at - 1].text == ",")
    return [(_begin(s), stop)] if stop >= 3 else []


def _begin(s: Sentence) -> int:
    return next((i for i, token in enumerate(s) if token.kind != "stop"), len(s))


def _stop(s: Sentence) -> int:
    return next((i + 1 for i in range(len(s) - 1, -1, -1) if s[i].kind != "stop"), 0)


def _left(s: Sentence, cue: Cue) -> Content | None:
    """What stands before ", X said", unless it is an adverbial alone."""
    if cue.side == "shared" or cue.first < 2:
        return None
    comma = cue.first - 1 - (s[cue.first - 1].lower == "as" and cue.side == "left")
    start = _begin(s)
    if s[comma].text != "," or comma <= start:
        return None
    first = s[start].lower
    adverbial = first in PREPOSITIONS or first in ADVERBS or first in _LINKS or first.endswith(("ing", "ly"))
    return None if adverbial and not any(t.text == "," for t in s[start:comma]) else (start, comma)


def _trails(s: Sentence, at: int) -> bool:
    """Whether what follows the verb leaves it nothing more to take: the end, a place, a time."""
    if at >= len(s) or s[at].kind == "stop":
        return True
    low = s[at].lower
    return low in PREPOSITIONS or low in ADVERBS or low in _TIMES or low in _DEICTIC


def _after_listener(s: Sentence, cue: Cue) -> int:
    """The token after the verb and after whoever is told."""
    at = cue.last if cue.side == "right" else cue.end
    if not cue.verb.listener or at >= len(s) or s[at].lower in _OPENERS or s[at].kind == "marked":
        return at
    for index in range(at + 1, min(at + 16, len(s))):
        token = s[index]
        if token.lower == "that" and s[index - 1].kind == "word":
            return index
        if token.lower in _CLAUSE_BEGINS or (token.kind != "word" and token.text != "’s"):
            break
    if s[at].lower in _LISTENERS:
        return at + 1
    if s[at].capital:
        while at < len(s) and (s[at].capital or s[at].text in ("’s", "of", "and", "host")):
            at += 1
    elif s[at].kind == "word" and s[at].lower not in PREPOSITIONS:
        at += 1
        while at < len(s) and s[at].kind == "word" and s[at].lower not in _AFTER_LISTENER:
            at += 1
            if s[at - 1].lower.endswith("s") and at < len(s) and s[at].capital:
                break
    return at


def _clause_start(s: Sentence, at: int, end: int) -> int | None:
    """The first token of the reported clause, days and places after the verb stepped over."""
    for _ in range(4):
        if at >= end:
            return None
        low = s[at].lower
        if low in _DEICTIC and at + 1 < end and s[at + 1].lower in _TIMES:
            at += 2
        elif low in _DAYTIMES or (low in ADVERBS and low not in ("only", "both", "all")):
            at += 1
        elif low in _SUBORDINATORS and low not in _OPENERS:
            return None
        elif low in PREPOSITIONS and low not in _OPENERS:
            skipped = _after_phrase(s, at, end)
            if skipped is None:
                return None
            at = skipped
        else:
            break
    if low == "that":
        return at + 1
    return at if at < end and s[at].kind != "stop" else None


def _takes(s: Sentence, cue: Cue, at: int, end: int) -> bool:
    """Whether the verb can take what begins here as its content."""
    low = s[at].lower
    if s[at - 1].lower == "that" or s[at].kind == "marked" or low in _OPENERS:
        return True
    if low == "to":
        return cue.verb.listener
    if low in AUXILIARIES or (s[at].text in verbs() and low.endswith("ing")):
        return False
    if cue.verb.noun:
        return cue.verb.clause or low in DETERMINERS or s[at].capital
    if not cue.verb.bare or not _has_verb(s, at, end):
        return False
    plain = cue.verb.lemma in ("say", "tell") or low in _SUBJECTS or low == "there"
    return plain or any(t.lower in AUXILIARIES for t in s[at + 1 : end])


def _after_phrase(s: Sentence, at: int, end: int) -> int | None:
    """Where the clause goes on after "in an interview on Monday": at "that", or at the next subject."""
    for index in range(at + 1, min(end, at + 16)):
        token, before = s[index], s[index - 1]
        if token.lower == "that":
            return index
        if token.kind == "stop" and token.text != "’s":
            return None
        if index == at + 1 or before.lower in DETERMINERS or before.lower in PREPOSITIONS:
            continue
        if token.lower in _SUBJECTS:
            return index
        phrase = token.lower in DETERMINERS and before.lower not in ("and", "or")
        name = token.capital and not before.capital and before.text != "’s" and token.lower not in WEEKDAYS | MONTHS
        if (phrase or name) and _has_verb(s, index, end):
            return index
    return None


def _has_verb(s: Sentence, start: int, end: int) -> bool:
    """Whether something in the tokens can be a finite verb."""
    known = verbs()
    for token in s[start + 1 : end]:
        small = token.kind == "word" and not token.capital
        if token.lower in AUXILIARIES or token.text == "’s":
            return True
        if small and (token.text in known or token.text in PAST_FORMS or token.text.endswith(("ed", "s"))):
            return True
    return False


def _content_end(s: Sentence, start: int, later: Sequence[Cue]) -> int:
    """Where the clause ends: the sentence's end, before speech, or before a clause that is another's."""
    end = _stop(s)
    for at in range(start, end):
        token = s[at]
        speech = token.kind == "marked" and token.text[0].isupper() and token.text[-1] in ".,?!"
        dash = token.text in ("—", "--") and at + 1 < end and s[at + 1].kind == "marked"
        if token.text in (":", ";") or dash:
            end = at
            break
        if speech and at > start and s[at - 1].text == ",":
            end = at - 1
            break
    if s[0].lower in _SUBORDINATORS:  # "While he says that ..., the main clause"
        end = next((i for i in range(start + 2, end) if s[i].text == ","), end)
    but = (i for i in range(start + 3, end - 1) if s[i].text == "," and s[i + 1].lower == "but")
    end = next(but, end)
    for cue in later:
        own = cue.first - 1  # "..., and Name said" begins another's clause
        if cue.side == "left" and start + 2 < own < end and s[own].lower in ("and", "but", "while", "though"):
            end = own - (s[own - 1].text == ",")
        if cue.side in ("shared", "according") and start < cue.start < end and _joins(s, cue.start - 1):
            end = cue.start - 1
            while end > start and _joins(s, end - 1):
                end -= 1
    return end


def _joins(s: Sentence, at: int) -> bool:
    return s[at].text == "," or s[at].lower in ("and", "but")
