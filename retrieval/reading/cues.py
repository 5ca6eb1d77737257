"""Words of saying in a sentence, and whom the grammar makes their subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retrieval.reading.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    MONTHS,
    NEGATIONS,
    PLAIN_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    WEEKDAYS,
    Verb,
    places,
    roles,
    verbs,
)
from retrieval.reading.sentences import Sentence

Side = Literal["left", "right", "shared", "according"]

_REACH = 40  # tokens that a subject may stretch over
_DASHES = frozenset({"—", "–", "--", "-", "―"})
_BE = frozenset("is are was were be been being am".split())
_TIMES = WEEKDAYS | MONTHS | frozenset("morning afternoon evening night week month year day".split())
# Words after which a form of a verb of saying is a noun: "his claims", "the report", "new calls".
_BEFORE_NOUN = (
    DETERMINERS
    - {
        "two",
        "three",
        "four",
        "five",
        "one",
        "other",
        "all",
        "both",
        "many",
        "some",
        "several",
        "most",
        "others",
        "that",
        "more",
    }
) | {"’s"}


@dataclass(frozen=True, slots=True)
class Mention:
    """Whom the words of saying name: tokens start..end of the sentence, a name run at its end or in it."""

    start: int
    end: int
    pronoun: bool = False


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
        if token.lower == "according" and at + 2 < len(s) and s[at + 1].text == "to":
            end = _phrase_end(s, at + 2)
            if end > at + 2:
                out.append(Cue(at, at + 2, _ACCORDING, Mention(at + 2, end, s[at + 2].lower in PRONOUNS), "according"))
            continue
        verb = known.get(token.lower if at == 0 else token.text) or _unlisted(s, at)
        if verb is not None:
            cue = _cue(s, at, verb, out)
            if cue is not None:
                out.append(cue)
    return out


def _unlisted(s: Sentence, at: int) -> Verb | None:
    """A verb that only its place tells to be one of saying: `"Why?" Name intoned.`"""
    token = s[at]
    if not token.text.endswith("ed") or token.capital:
        return None
    spoken = at > 0 and s[at - 1].kind == "marked" and s[at - 1].text[-1] in ",?!"
    if at + 1 < len(s) and s[at + 1].kind == "word":
        return Verb(token.text, False, False, False, False) if spoken and s[at + 1].capital else None
    start = at
    while start > 0 and at - start < 5 and (s[start - 1].capital or s[start - 1].lower in ("he", "she")):
        start -= 1
    if start == at or start == 0 or s[start - 1].kind != "marked" or s[start - 1].text[-1] not in ",?!":
        return None
    return Verb(token.text, False, False, False, False)


_WITH_PARTICLE = {"point": "out", "go": "on", "put": "it"}
_ACCORDING = Verb("according", True, True, False, False)


def _cue(s: Sentence, at: int, verb: Verb, before: list[Cue]) -> Cue | None:
    previous = s[at - 1] if at else None
    end = at + 1
    if verb.lemma in _WITH_PARTICLE:
        if end >= len(s) or s[end].text != _WITH_PARTICLE[verb.lemma]:
            return None
        end += 1
    negated = any(t.lower in NEGATIONS for t in s[max(0, at - 3) : at])
    participle = s[at].text.endswith("ing")
    # did he declare
    if verb.base and at >= 2 and s[at - 2].lower in ("did", "does") and s[at - 1].lower in PRONOUNS:
        return Cue(at - 2, end, verb, Mention(at - 1, at, True), "right")
    inverted = _subject_right(s, at, end, verb, participle)
    if inverted is not None:
        return Cue(at, end, verb, inverted, "right", negated)
    if previous is None:
        return Cue(at, end, verb, None, "shared", negated)
    if previous.lower == "to" or (previous.text in _BEFORE_NOUN and not participle):
        if previous.lower == "to" and at >= 2:
            return Cue(at, end, verb, _sentence_subject(s, at - 1), "shared", negated=not _went_on(s, at - 1))
        return None
    if not participle and _passive(s, at):
        return None
    if participle and not _has_be(s, at):
        if at > 1 and s[_skip_back(s, at) - 1].capital:
            return Cue(at, end, verb, subject_left(s, at), "left", negated)
        if previous.lower in PREPOSITIONS and previous.lower not in (
            "by",
            "after",
            "before",
            "in",
            "from",
            "while",
            "when",
        ):
            return None
        subject = _earlier_subject(before)
        return Cue(at, end, verb, subject or _sentence_subject(s, at), "shared", negated)
    if s[at].text in _NOUNS and not _clearly_verb(s, at, verb):
        return None
    subject = subject_left(s, at)
    at_clause = _skip_back(s, at)
    if subject is not None:
        return Cue(at, end, verb, subject, "left", negated, relative=s[at_clause - 1].lower == "who")
    joined = at_clause > 0 and s[at_clause - 1].lower in ("and", "but", "then", "or", "who", ",", "which")
    if joined and not (verb.base and at_clause == at and s[at].text not in _BASE_IS_PAST):
        shared = _earlier_subject(before) or _sentence_subject(s, at_clause - 1)
        return Cue(at, end, verb, shared, "shared", negated) if shared else None
    return Cue(at, end, verb, None, "shared", negated) if previous.kind == "marked" or previous.text == "," else None


# Forms that are as often nouns: read as verbs only after a name, a pronoun or a word that only verbs follow.
_NOUNS = frozenset(
    "states rules claims remarks reports notes comments shows charges calls posts tweets texts emails reasons estimates "
    "forecasts fears hopes worries questions demands promises pledges appeals blasts orders quotes reads blames hints "
    "claim remark report note comment show charge call post tweet text email reason estimate forecast fear hope worry "
    "question demand promise pledge appeal blast order quote blame hint state rule address addresses cry cries vow vows "
    "press presses start starts caution counter mock answer answers reply replies query repeat credit fret rage boast boasts joke jokes".split()
)


def _clearly_verb(s: Sentence, at: int, verb: Verb) -> bool:
    before = s[at - 1]
    if before.lower in PRONOUNS or before.lower in AUXILIARIES or before.lower in ADVERBS or before.lower in NEGATIONS:
        return True
    if before.capital or before.text == ",":
        return not verb.base or before.text == ","
    plural = before.text.endswith("s") or before.text in ("people", "men", "women", "police")
    return plural and verb.base and at + 1 < len(s) and s[at + 1].text == "that"


_BASE_IS_PAST = frozenset({"read", "put", "forecast"})


def _earlier_subject(before: list[Cue]) -> Mention | None:
    return next((c.subject for c in reversed(before) if c.subject is not None and not c.relative), None)


def _went_on(s: Sentence, to: int) -> bool:
    return s[to - 1].lower in ("on", "proceeded", "continued", "continues", "goes")


def _passive(s: Sentence, at: int) -> bool:
    index = at - 1
    while index >= 0 and (s[index].lower in ADVERBS or s[index].lower.endswith("ly") or s[index].lower in NEGATIONS):
        index -= 1
    return index >= 0 and s[index].lower in _BE


def _has_be(s: Sentence, at: int) -> bool:
    return _passive(s, at) or (at > 0 and s[at - 1].text == "’s")


def _skip_back(s: Sentence, at: int) -> int:
    """The index after the subject: auxiliaries, adverbs and days between subject and verb are stepped over."""
    while at > 0:
        token = s[at - 1]
        low = token.lower
        if (
            (low in AUXILIARIES and not token.capital)
            or low in ADVERBS
            or low in NEGATIONS
            or low in WEEKDAYS
            or low == "since"
            or (low.endswith("ly") and not token.capital)
        ):
            at -= 1
        elif low == "on" and at < len(s) and s[at].lower in WEEKDAYS:
            at -= 1
        elif token.text == "’s" and at < len(s) and s[at].text.endswith("ing"):
            at -= 1
        else:
            break
    return at


def subject_left(s: Sentence, verb: int) -> Mention | None:
    """The noun phrase that the verb at this token has before it, appositions between commas or dashes stepped over."""
    end = _skip_back(s, verb)
    if end == 0:
        return None
    token = s[end - 1]
    if token.lower in PRONOUNS and token.lower != "who":
        return Mention(end - 1, end, True)
    if token.lower == "who":
        stop = end - 1
        while stop > 0 and s[stop - 1].text == ",":
            stop -= 1
        return _phrase(s, stop) if stop else None
    if token.kind == "word" and token.lower not in CONJUNCTIONS and token.lower not in PREPOSITIONS:
        phrase = _phrase(s, end)
        if phrase and phrase.start > 2 and s[phrase.start - 1].text == ",":
            if " ".join(t.text for t in s[phrase.start : phrase.end]) in places():  # "Name of Columbia, South Carolina"
                phrase = _phrase(s, phrase.start - 1)
        return _unclosed_head(s, phrase) or phrase
    if token.text == "," or token.text in _DASHES:
        return _before_apposition(s, end - 1, verb)
    return None


def _unclosed_head(s: Sentence, phrase: Mention | None) -> Mention | None:
    """The name of "Name, the mayor of X said", whose apposition has no comma after it."""
    if phrase is None or phrase.start < 2 or s[phrase.start].lower not in ("the", "a", "an"):
        return None
    if s[phrase.start - 1].text != "," or not s[phrase.start - 2].capital:
        return None
    head = _phrase(s, phrase.start - 1)
    if head is None or head.end - head.start < 2 or not (head.start == 0 or s[head.start - 1].kind == "marked"):
        return None
    return head if _opens_phrase(s, head.start) and s[head.end - 1].lower not in _TIMES else None


def _phrase(s: Sentence, end: int) -> Mention | None:
    """The noun phrase that ends before this token."""
    start = end
    known = verbs()
    while start > 0 and end - start < _REACH:
        token = s[start - 1]
        low = token.lower
        if token.kind == "marked":
            if not (start < end and " " not in token.text.strip() and start > 1):
                break
        elif token.kind == "stop":
            if token.text not in ("’s", "&", "/", ".", "’") or (token.text == "." and end - start > 0 and start == end):
                break
        elif low in CONJUNCTIONS or (low in AUXILIARIES and not token.capital):
            if not (low == "and" and _joins_name(s, start - 1, end)):
                break
        elif (
            token.text in known
            and token.text not in _NOUNS
            and start < end
            and start - 1 > 0
            and s[start - 2].text not in _BEFORE_NOUN
        ):
            if not _modifies(s, start - 1, end):
                break
        start -= 1
    start = _trim(s, start, end)
    return Mention(start, end, end - start == 1 and s[start].lower in PRONOUNS) if start < end else None


def _joins_name(s: Sentence, at: int, end: int) -> bool:
    """Whether "and" stands inside one name: "the Department of Health and Human Services"."""
    return (
        0 < at < end - 1
        and s[at - 1].capital
        and s[at + 1].capital
        and any(s[i].text in ("of", "for") for i in range(max(0, at - 4), at))
    )


def _modifies(s: Sentence, at: int, end: int) -> bool:
    """Whether a form of a verb of saying is part of the phrase: "the report", "a proposed rule", "police chief"."""
    return at + 1 < end and s[at - 1].lower in DETERMINERS and not s[at].text.endswith("s")


def _trim(s: Sentence, start: int, end: int) -> int:
    """Where the phrase begins once adverbs and a leading "In Iowa" are left out."""
    while start < end and (
        s[start].kind == "stop" or s[start].lower in ADVERBS or s[start].lower in ("meanwhile", "however")
    ):
        start += 1
    if start < end and s[start].lower in PREPOSITIONS | {"even"}:
        last = end
        while last > start and (s[last - 1].capital or s[last - 1].text in ("’s", ".")):
            last -= 1
        if last < end:
            return last
        for index in range(end - 1, start, -1):
            if s[index].lower in DETERMINERS:
                return index
        return start if s[start].lower in ("outside", "inside") else end
    return start


def _before_apposition(s: Sentence, comma: int, verb: int) -> Mention | None:
    """The subject of "Name, the mayor of X, said": the head before the apposition that ends at this comma or dash."""
    mark = s[comma].text
    # The clause: back to the sentence's start, a marked span, or a stronger stop.
    start = comma
    while start > 0 and comma - start < 2 * _REACH:
        token = s[start - 1]
        if token.text in (";", ":") or (
            token.kind == "marked" and (start < 2 or s[start].text in (",", "—") or token.text[-1] in ",.?!")
        ):
            break
        start -= 1
    parts = _parts(s, start, comma, mark)
    if len(parts) < 2:
        if parts and _verbless(s, *parts[0]):
            return _phrase(s, parts[0][1])
        return None
    heads = [part for part in parts[:-1] if _opens_phrase(s, part[0]) and _verbless(s, *part)]
    if not heads and s[parts[-1][1] - 1].capital and _opens_phrase(s, parts[-1][0]) and _verbless(s, *parts[-1]):
        return _phrase(s, parts[-1][1])
    if not heads:
        # The head may end a clause that runs on: "... but Name, the mayor, said".
        return _phrase(s, parts[-2][1]) if s[parts[-2][1] - 1].capital else None
    trailing = verb + 1 >= len(s) or s[verb + 1].text in (".", ",", ";")
    head = heads[-1] if trailing and start == 0 else heads[0]
    named = next((part for part in heads if s[part[1] - 1].capital), head)
    return _phrase(s, (named if not trailing else head)[1])


def _parts(s: Sentence, start: int, end: int, mark: str) -> list[tuple[int, int]]:
    """The stretches between commas (or dashes)."""
    out, first = [], start
    for index in range(start, end + 1):
        if index == end or s[index].text == "," or s[index].text in _DASHES:
            if index > first:
                out.append((first, index))
            first = index + 1
    return out


def _opens_phrase(s: Sentence, at: int) -> bool:
    token = s[at]
    if token.lower in ("and", "but", "while", "as", "that") and at + 1 < len(s):
        token = s[at + 1]
    low = token.lower
    if token.kind != "word" or low in PREPOSITIONS or low in PRONOUNS or low in ADVERBS or low in CONJUNCTIONS:
        return False
    following = s[at + 1] if at + 1 < len(s) else token
    if (following.text == "," and low in PLAIN_WORDS) or (low.endswith("ed") and following.lower in PREPOSITIONS):
        return False
    if low in ("last", "this", "late", "early") and following.lower in _TIMES:
        return False
    return not (
        low.endswith("ing") or low.endswith("ly") or (low.endswith("ed") and not token.capital) or low == "asked"
    )


def _verbless(s: Sentence, start: int, end: int) -> bool:
    known = verbs()
    return not any(
        s[i].lower in AUXILIARIES or (s[i].text in known and i > start and s[i - 1].text not in _BEFORE_NOUN)
        for i in range(start, end)
    )


def _subject_right(s: Sentence, at: int, end: int, verb: Verb, participle: bool) -> Mention | None:
    """The subject of `"...," said Name`, if the verb stands where it may be inverted."""
    if participle or end >= len(s) or verb.listener and verb.lemma in ("tell", "inform", "remind", "assure"):
        return None
    previous = s[at - 1] if at else None
    if previous is not None and not (
        previous.kind == "marked" or previous.text == "," or previous.text in _DASHES or previous.text in ".?!"
    ):
        return None
    token = s[end]
    if token.kind != "word" or token.lower in PRONOUNS - {"he", "she", "they"} or token.lower in WEEKDAYS:
        return None
    if token.lower in PRONOUNS:
        after = s[end + 1].text if end + 1 < len(s) else "."
        return Mention(end, end + 1, True) if after in (".", ",", ":", ";") and previous is not None else None
    if token.lower in PREPOSITIONS | CONJUNCTIONS | ADVERBS | AUXILIARIES or token.lower in (
        "him",
        "her",
        "them",
        "me",
        "us",
    ):
        if token.lower != "one":
            return None
    if previous is not None and previous.text == "," and not any(t.kind == "marked" for t in s[:at]):
        # Without marks, "..., said Name" ends the sentence or goes on with a comma.
        stop = _phrase_end(s, end)
        if at < 4 or (stop < len(s) and s[stop].text not in (",", ".")):
            return None
    if previous is None and not token.capital:
        return None
    stop = _phrase_end(s, end)
    return Mention(end, stop) if stop > end else None


def _phrase_end(s: Sentence, start: int) -> int:
    """One past the noun phrase that begins here."""
    index = start
    while index < len(s) and index - start < 20:
        token = s[index]
        low = token.lower
        if token.kind == "marked" and not (
            index > start and " " not in token.text and index + 1 < len(s) and s[index + 1].capital
        ):
            break
        if token.kind == "stop" and token.text not in ("’s", "&", "/", "’"):
            break
        if token.kind == "word" and index > start:
            if low in PREPOSITIONS and low not in ("of", "for", "to", "from", "at", "with", "in", "on", "by", "close"):
                break
            if (
                low in ("in", "on", "at", "to", "with", "from", "by", "for")
                and s[index - 1].capital
                and s[start].capital
            ):
                break
            if low in ("in", "on", "during") and index + 1 < len(s) and _time(s, index + 1):
                break
            if (
                low in WEEKDAYS
                or (low in ADVERBS and low not in ("both", "all", "first"))
                or low in PRONOUNS
                or (low in AUXILIARIES and not token.capital)
            ):
                break
            if low in CONJUNCTIONS and not (
                low == "and" and index + 1 < len(s) and s[index + 1].capital and _joins_name(s, index, index + 3)
            ):
                break
            if low in ("last", "this", "earlier"):
                break
        index += 1
    while index > start + 1 and s[index - 1].lower in PREPOSITIONS:
        index -= 1
    return index


def _time(s: Sentence, at: int) -> bool:
    return any(t.lower in _TIMES or t.text.isdigit() or t.lower in ("interview", "statement") for t in s[at : at + 4])


def clause_subject(s: Sentence, before: int) -> Mention | None:
    """The subject of the clause that leads up to this token, as of "..., Name hit back: "."""
    comma = next((i for i in range(before - 1, -1, -1) if s[i].text in (",", ";") or s[i].kind == "marked"), -1)
    while comma >= 0:
        first = comma + 1
        if first < before and (s[first].capital or s[first].lower in ("he", "she", "they", "the")):
            end = _subject_end(s, first, before) if s[first].lower not in PRONOUNS else first + 1
            if end > first and end < before - 1:
                return Mention(first, end, s[first].lower in PRONOUNS)
        break
    return _sentence_subject(s, before)


def _sentence_subject(s: Sentence, before: int) -> Mention | None:
    """The first noun phrase of the sentence that can be a subject, leading adverbials stepped over."""
    start = 0
    for _ in range(4):
        while start < before and (s[start].kind != "word" or s[start].lower in ("and", "but", "so", "then", "yet")):
            start += 1
        if start >= before:
            return None
        low = s[start].lower
        if low in PRONOUNS:
            return Mention(start, start + 1, True)
        link = start + 1 < before and s[start + 1].text == "," and not s[start].capital
        if link or low in PREPOSITIONS or low.endswith(("ing", "ly")) or low in ADVERBS or low in ("asked", "likewise"):
            comma = next((i for i in range(start, before) if s[i].text == ","), before)
            start = comma + 1
            continue
        comma = next((i for i in range(start, min(start + 5, before)) if s[i].text == ","), 0)
        if comma and any(t.lower in _TIMES or t.lower in ("hours", "minutes", "days", "later") for t in s[start:comma]):
            start = comma + 1
            continue
        end = _subject_end(s, start, before)
        return Mention(start, end) if end > start else None
    return None


def _leads_to_name(s: Sentence, index: int, before: int) -> bool:
    """Whether small words go on to a role and a name: "Republican | presidential nominee Name"."""
    for at in range(index, min(index + 4, before - 1)):
        if s[at].capital or s[at].kind != "word":
            return False
        if s[at + 1].capital:
            return s[at].lower in roles()
    return False


def _subject_end(s: Sentence, start: int, before: int) -> int:
    """One past the noun phrase that begins a clause: up to its verb, told by endings and auxiliaries."""
    index = start
    named = False
    known = verbs()
    while index < before:
        token = s[index]
        low = token.lower
        if token.kind == "stop" and token.text not in ("’s", "&", "’"):
            break
        if (
            token.kind == "marked"
            or (low in AUXILIARIES and index > start)
            or low in PRONOUNS
            or low in ("that", "which")
        ):
            break
        if (
            index > start
            and not token.capital
            and s[index - 1].lower not in DETERMINERS
            and (low in known or low.endswith("ed") or low in ADVERBS or low.endswith("ly"))
        ):
            break
        joins = _leads_to_name(s, index, before)
        if (
            named
            and not joins
            and not token.capital
            and token.text != "’s"
            and low not in ("of", "for", "de", "von", "van", "and", "to")
        ):
            break
        if named and low in ("and", "to", "for") and not (index + 1 < before and s[index + 1].capital):
            break
        named = named or token.capital and low not in DETERMINERS
        if token.text == "’s":
            named = False
        index += 1
    return index
