"""Words of saying in an English sentence, and whom the grammar makes their subject."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from retrieval.reading.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    NEGATIONS,
    PREPOSITIONS,
    PRONOUNS,
    WEEKDAYS,
    Verb,
    noun_forms,
    verbs,
)
from retrieval.reading.phrases import (
    BEFORE_NOUN,
    DASHES,
    Mention,
    before_verb,
    phrase_right,
    sentence_subject,
    subject_left,
    whole_list,
)
from retrieval.reading.sentences import Sentence

Side = Literal["left", "right", "shared", "according"]

_MOST = 50  # words of saying in a sentence: no prose has more, and each costs a look at every marked span
_BE = frozenset("is are was were be been being am".split())
_WITH_PARTICLE = {"point": "out", "go": "on", "put": "it"}
_BASE_IS_PAST = frozenset({"read", "put", "forecast"})
_ACCORDING = Verb("according", clause=True, bare=True, listener=False, noun=False)
_OBJECTS = frozenset("him her them me us".split())
_NOT_SUBJECT = PREPOSITIONS | CONJUNCTIONS | (ADVERBS - {"all", "both"}) | AUXILIARIES | WEEKDAYS | _OBJECTS
# "by saying", "after saying": the participle's subject is the sentence's; after other prepositions it has none.
_BEFORE_PARTICIPLE = frozenset("by after before in from while when".split())


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of saying with its subject."""

    start: int  # token of the verb
    end: int  # one past it
    verb: Verb
    subject: Mention | None
    side: Side  # where the subject stands; "shared": taken from earlier in the sentence
    negated: bool = False
    relative: bool = False  # in a clause about someone: "an architect who said"

    @property
    def first(self) -> int:
        """First token of subject and verb together."""
        return min(self.start, self.subject.start) if self.subject and self.side != "shared" else self.start

    @property
    def last(self) -> int:
        """One past the last token of subject and verb together."""
        return max(self.end, self.subject.end) if self.subject and self.side != "shared" else self.end


def find_cues(s: Sentence) -> list[Cue]:
    """Every word of saying in the sentence, in order, subjects found where grammar tells them."""
    known = verbs()
    out: list[Cue] = []
    for at, token in enumerate(s):
        if token.kind != "word":
            continue
        cue = None
        if token.lower == "according" and at + 2 < len(s) and s[at + 1].text == "to":
            end = phrase_right(s, at + 2)
            if end > at + 2:
                cue = Cue(at, at + 2, _ACCORDING, Mention(at + 2, end, s[at + 2].lower in PRONOUNS), "according")
        elif verb := known.get(token.lower if at == 0 else token.text) or _unlisted(s, at):
            cue = _cue(s, at, verb, out)
        if cue is not None:
            if cue.subject is not None and cue.side != "shared":
                cue = replace(cue, subject=whole_list(s, cue.subject))
            out.append(cue)
            if len(out) == _MOST:
                break
    return out


def _unlisted(s: Sentence, at: int) -> Verb | None:
    """A verb that only its place tells to be one of saying: `"Why?" Name intoned.`, `"Why?" intoned Name`."""
    token = s[at]
    if not token.text.endswith("ed") or token.capital:
        return None
    start = at
    if at + 1 == len(s) or s[at + 1].kind != "word":
        while start > 0 and at - start < 5 and (s[start - 1].capital or s[start - 1].lower in ("he", "she")):
            start -= 1
        if start == at:
            return None
    elif not s[at + 1].capital:
        return None
    spoken = start > 0 and s[start - 1].kind == "marked" and s[start - 1].text[-1] in ",?!"
    return Verb(token.text, clause=False, bare=False, listener=False, noun=False) if spoken else None


def _cue(s: Sentence, at: int, verb: Verb, before: list[Cue]) -> Cue | None:
    end = at + 1
    if verb.lemma in _WITH_PARTICLE:
        if end >= len(s) or s[end].text != _WITH_PARTICLE[verb.lemma]:
            return None
        end += 1
    if verb.base and at >= 2 and s[at - 2].lower in ("did", "does") and s[at - 1].lower in PRONOUNS:
        return Cue(at - 2, end, verb, Mention(at - 1, at, True), "right")  # "did he declare"
    negated = any(t.lower in NEGATIONS for t in s[max(0, at - 3) : at])
    if verb.denies and at and s[at - 1].lower in ("or", "nor", "no"):
        return None  # "has not yet confirmed or denied", "there is no denying"
    if before and before[-1].verb.denies and all(t.lower in ADVERBS for t in s[before[-1].end : at]):
        return None  # "denied saying that ..."
    participle = s[at].text.endswith("ing")
    inverted = None if participle else _subject_right(s, at, end, verb)
    if inverted is not None or at == 0:
        return Cue(at, end, verb, inverted, "right" if inverted else "shared", negated)
    previous = s[at - 1]
    if previous.lower == "to" and at >= 2:
        went_on = s[at - 2].lower in ("on", "proceeded", "continued", "continues", "goes")
        return Cue(at, end, verb, sentence_subject(s, at - 1), "shared", negated=not went_on)
    passive = _passive(s, at)
    if participle and not passive and previous.text != "’s":
        return _participle(s, at, end, verb, before, negated)
    if not participle and (passive or previous.text in BEFORE_NOUN):
        return None
    if s[at].text in noun_forms() and not _clearly_verb(s, at, verb):
        return None
    return _finite(s, at, end, verb, before, negated)


def _participle(s: Sentence, at: int, end: int, verb: Verb, before: list[Cue], negated: bool) -> Cue | None:
    """ "Name, ..., saying": the subject is that of the sentence; "with Name saying": the name."""
    if at > 1 and s[before_verb(s, at) - 1].capital:
        return Cue(at, end, verb, subject_left(s, at), "left", negated)
    previous = s[at - 1].lower
    if previous in PREPOSITIONS and previous not in _BEFORE_PARTICIPLE:
        return None
    return Cue(at, end, verb, _earlier(before) or sentence_subject(s, at), "shared", negated)


def _finite(s: Sentence, at: int, end: int, verb: Verb, before: list[Cue], negated: bool) -> Cue | None:
    """ "Name said"; "Name told us ... and said", whose subject is shared with the words of saying before."""
    subject = subject_left(s, at)
    clause = before_verb(s, at)
    if subject is not None:
        return Cue(at, end, verb, subject, "left", negated, relative=s[clause - 1].lower == "who")
    joined = clause > 0 and s[clause - 1].lower in ("and", "but", "then", "or", "who", ",", "which")
    if joined and not (verb.base and clause == at and s[at].text not in _BASE_IS_PAST):
        shared = _earlier(before) or sentence_subject(s, clause - 1)
        return Cue(at, end, verb, shared, "shared", negated) if shared else None
    beside = s[at - 1].kind == "marked" or s[at - 1].text == ","
    return Cue(at, end, verb, None, "shared", negated) if beside else None


def _clearly_verb(s: Sentence, at: int, verb: Verb) -> bool:
    """Whether a form that is as often a noun is a verb here: what stands before it only goes with a verb."""
    before = s[at - 1]
    if before.lower in PRONOUNS | AUXILIARIES | ADVERBS | NEGATIONS or before.text == ",":
        return True
    plural = before.text.endswith("s") or before.lower in ("people", "men", "women", "police")
    if plural and verb.base and at + 1 < len(s) and s[at + 1].text == "that":
        return True
    return before.capital and not verb.base


def _earlier(before: list[Cue]) -> Mention | None:
    return next((c.subject for c in reversed(before) if c.subject is not None and not c.relative), None)


def _passive(s: Sentence, at: int) -> bool:
    """A form of "be" stands before, adverbs apart: "was told" (and "is saying")."""
    at -= 1
    while at >= 0 and (s[at].lower in ADVERBS or s[at].lower.endswith("ly") or s[at].lower in NEGATIONS):
        at -= 1
    return at >= 0 and s[at].lower in _BE


def _subject_right(s: Sentence, at: int, end: int, verb: Verb) -> Mention | None:
    """The subject of `"...," said Name`, if the verb stands where it may be inverted."""
    if end >= len(s) or (verb.listener and verb.lemma in ("tell", "inform", "remind", "assure")):
        return None
    token = s[end]
    previous = s[at - 1] if at else None
    if previous is None:
        possible = token.capital
    else:
        possible = previous.kind == "marked" or previous.text in DASHES or previous.text in ",.?!"
    if not possible or token.kind != "word" or token.lower in _NOT_SUBJECT:
        return None
    if token.lower in PRONOUNS:
        after = s[end + 1].text if end + 1 < len(s) else "."
        alone = token.lower in ("he", "she", "they") and after in ".,:;" and previous is not None
        return Mention(end, end + 1, True) if alone else None
    stop = phrase_right(s, end)
    unmarked = previous is not None and previous.text == "," and not any(t.kind == "marked" for t in s[:at])
    if unmarked and (at < 4 or (stop < len(s) and s[stop].text not in (",", "."))):
        return None  # without marks, "..., said Name" ends the sentence or goes on with a comma
    return Mention(end, stop) if stop > end else None
