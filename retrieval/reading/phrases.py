"""Noun phrases of an English sentence, told by closed lists of words, marks and capitals: who can be a subject."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from retrieval.reading.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    MONTHS,
    NEGATIONS,
    PAST_FORMS,
    PLAIN_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    WEEKDAYS,
    noun_forms,
    places,
    roles,
    verbs,
)
from retrieval.reading.sentences import Sentence, Token

DASHES = frozenset({"—", "–", "--", "-", "―"})
TIMES = WEEKDAYS | MONTHS | frozenset("morning afternoon evening night week month year day hours minutes days".split())
# Words after which a form of a verb of saying is a noun: "his claims", "the report".
BEFORE_NOUN = frozenset(
    "the a an this these those another every each other his her its our my your their any no ’s".split()
)
_REACH = 40  # tokens that a phrase may stretch over
_LISTS = frozenset({"and", "or", "&", ","})
_INSIDE = frozenset({"’s", "&", "/", "’", "."})  # stops that a phrase may hold
_LINKING = frozenset("of for to from at with in on by close".split())  # may go on inside "a spokesman for ..."
_NAME_LINKS = frozenset("of for de von van and to ’s".split())
_OPENING_NOT = PREPOSITIONS | PRONOUNS | ADVERBS | CONJUNCTIONS


@dataclass(frozen=True, slots=True)
class Mention:
    """Whom a sentence names in one place: its tokens start..end."""

    start: int
    end: int
    pronoun: bool = False
    several: bool = False  # listed: "Name, Name and Name"


def _helps(token: Token) -> bool:
    """An auxiliary; "May" with a capital is none."""
    return token.lower in AUXILIARIES and not token.capital


def before_verb(s: Sentence, at: int) -> int:
    """One past the subject of the verb at this token: auxiliaries, adverbs and days between are stepped over."""
    while at > 0:
        token = s[at - 1]
        low = token.lower
        manner = low.endswith("ly") and not token.capital
        day = low == "on" and at < len(s) and s[at].lower in WEEKDAYS
        short_is = token.text == "’s" and at < len(s) and s[at].text.endswith("ing")
        listed = low in ADVERBS or low in NEGATIONS or low in WEEKDAYS or low == "since"
        if not (_helps(token) or listed or manner or day or short_is):
            break
        at -= 1
    return at


def subject_left(s: Sentence, verb: int) -> Mention | None:
    """The noun phrase before the verb at this token, appositions between commas or dashes stepped over."""
    end = before_verb(s, verb)
    if end == 0:
        return None
    token = s[end - 1]
    if token.lower == "who":
        stop = end - 1
        while stop > 0 and s[stop - 1].text == ",":
            stop -= 1
        return phrase_left(s, stop)
    if token.lower in PRONOUNS:
        return Mention(end - 1, end, True)
    if token.kind == "word" and token.lower not in CONJUNCTIONS and token.lower not in PREPOSITIONS:
        phrase = phrase_left(s, end)
        if phrase and phrase.start > 2 and s[phrase.start - 1].text == "," and _words(s, phrase) in places():
            return phrase_left(s, phrase.start - 1)  # "Name of Columbia, South Carolina said"
        return phrase
    if token.text == "," or token.text in DASHES:
        return _before_apposition(s, end - 1, verb)
    return None


def whole_list(s: Sentence, mention: Mention) -> Mention:
    """The mention with those listed before it where a list begins the clause ("Name, Name and Name said").

    Also with the one after it where two end it ("..., said Name and Name."); as it is where nothing is listed.
    """
    start = mention.start
    while start > 0 and s[start - 1].lower in _LISTS:
        end = start - 1 - (s[start - 1].lower == "and" and start > 1 and s[start - 2].text == ",")
        first = end
        while first > 0 and end - first < 6 and _listable(s, first - 1, end):
            first -= 1
        if first == end:
            break
        start = first
    listed = any(t.lower in _LISTS - {","} for t in s[start : mention.start])
    if listed and (start == 0 or s[start - 1].kind == "marked"):
        return Mention(start, mention.end, several=True)
    last = mention.end + 1
    if last < len(s) and s[mention.end].lower == "and" and s[last].capital:
        while last < len(s) and s[last].capital:
            last += 1
        if last == len(s) or s[last].text in ".,;":
            return Mention(mention.start, last, several=True)
    return mention


def _listable(s: Sentence, at: int, end: int) -> bool:
    """Whether the token can belong to one of a list that ends here: a name, or a noun with what stands before it."""
    token = s[at]
    if token.kind != "word" or token.lower in PREPOSITIONS | CONJUNCTIONS | ADVERBS or _helps(token):
        return False
    if token.capital or token.lower in roles():
        return True
    return end - at < 4 and not (token.lower.endswith("ed") or token.lower in PAST_FORMS or token.text in verbs())


def _words(s: Sentence, mention: Mention) -> str:
    return " ".join(t.text for t in s[mention.start : mention.end])


def phrase_left(s: Sentence, end: int) -> Mention | None:
    """The noun phrase that ends before this token."""
    start = end
    known, nouns = verbs(), noun_forms()
    while start > 0 and end - start < _REACH:
        token = s[start - 1]
        if token.kind == "marked":
            stops = start == end or " " in token.text or start == 1
        elif token.kind == "stop":
            stops = token.text not in _INSIDE or (token.text == "." and start == end)
        elif token.lower in CONJUNCTIONS or _helps(token):
            stops = True
        else:
            verb = token.text in known and token.text not in nouns and start < end
            stops = verb and start > 1 and s[start - 2].text not in BEFORE_NOUN
        if stops:
            break
        start -= 1
    start = _trimmed(s, start, end)
    return Mention(start, end, end - start == 1 and s[start].lower in PRONOUNS) if start < end else None


def _trimmed(s: Sentence, start: int, end: int) -> int:
    """Where the phrase begins once adverbs and a leading "In Iowa" are left out."""
    while start < end and (s[start].kind == "stop" or s[start].lower in ADVERBS | {"meanwhile", "however"}):
        start += 1
    if start == end or s[start].lower not in PREPOSITIONS | {"even"}:
        return start
    last = end
    while last > start and (s[last - 1].capital or s[last - 1].text in ("’s", ".")):
        last -= 1
    if last < end:
        return last
    determiner = next((i for i in range(end - 1, start, -1) if s[i].lower in DETERMINERS), end)
    return start if determiner == end and s[start].lower in ("outside", "inside") else determiner


def _before_apposition(s: Sentence, comma: int, verb: int) -> Mention | None:
    """The subject of "Name, the mayor of X, said": the head before the apposition that ends at this comma or dash."""
    start = comma  # back to where the clause begins
    while start > 0 and comma - start < 2 * _REACH:
        token = s[start - 1]
        spoken = token.kind == "marked" and (start < 2 or s[start].text in (",", "—") or token.text[-1] in ",.?!")
        if spoken or token.text in (";", ":"):
            break
        start -= 1
    parts = _parts(s, start, comma)
    if not parts:
        return None
    if len(parts) == 1:
        return phrase_left(s, parts[0][1]) if _verbless(s, *parts[0]) else None
    heads = [part for part in parts if _opens(s, part[0]) and _verbless(s, *part)]
    before = [part for part in heads if part is not parts[-1]]
    if not before:
        beside = parts[-1] if heads and s[parts[-1][1] - 1].capital else parts[-2]
        return phrase_left(s, beside[1]) if s[beside[1] - 1].capital else None
    trailing = verb + 1 >= len(s) or s[verb + 1].text in (".", ",", ";")
    if trailing:  # what is said stands first, so the head is the phrase next to the apposition
        return phrase_left(s, (before[-1] if start == 0 else before[0])[1])
    return phrase_left(s, next((part for part in before if s[part[1] - 1].capital), before[0])[1])


def _parts(s: Sentence, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches between commas and dashes."""
    cuts = [start - 1, *(i for i in range(start, end) if s[i].text == "," or s[i].text in DASHES), end]
    return [(a + 1, b) for a, b in pairwise(cuts) if b > a + 1]


def _opens(s: Sentence, at: int) -> bool:
    """Whether a noun phrase, not an adverbial or a participle, begins here (after "and", "but", "while")."""
    if s[at].lower in ("and", "but", "while", "as", "that") and at + 1 < len(s):
        at += 1
    token, following = s[at], s[min(at + 1, len(s) - 1)]
    low = token.lower
    if token.kind != "word" or low in _OPENING_NOT or low.endswith(("ing", "ly")) or low == "asked":
        return False
    if low.endswith("ed") and (not token.capital or following.lower in PREPOSITIONS):
        return False
    time = low in ("last", "this", "late", "early") and following.lower in TIMES
    return not time and not (following.text == "," and low in PLAIN_WORDS)


def _verbless(s: Sentence, start: int, end: int) -> bool:
    known = verbs()
    says = (s[i].text in known and s[i - 1].text not in BEFORE_NOUN for i in range(start + 1, end))
    return not any(t.lower in AUXILIARIES for t in s[start:end]) and not any(says)


def phrase_right(s: Sentence, start: int) -> int:
    """One past the noun phrase that begins at this token."""
    end = start
    while end < len(s) and end - start < 20 and not _ends_right(s, start, end):
        end += 1
    while end > start + 1 and s[end - 1].lower in PREPOSITIONS:
        end -= 1
    return end


def _ends_right(s: Sentence, start: int, at: int) -> bool:
    token, low = s[at], s[at].lower
    if token.kind == "marked":
        nickname = at > start and " " not in token.text and at + 1 < len(s) and s[at + 1].capital
        return not nickname
    if token.kind == "stop":
        return token.text not in ("’s", "&", "/", "’")
    if at == start:
        return False
    if low in PREPOSITIONS:
        after_name = low != "of" and s[at - 1].capital and s[start].capital
        timed = low in ("in", "on") and any(
            t.lower in TIMES or t.text.isdigit() or t.lower in ("interview", "statement") for t in s[at + 1 : at + 5]
        )
        return low not in _LINKING or after_name or timed
    if low in ADVERBS:
        return low not in ("both", "all", "first")
    return (
        low in WEEKDAYS or low in PRONOUNS or low in CONJUNCTIONS or _helps(token) or low in ("last", "this", "earlier")
    )


def clause_subject(s: Sentence, before: int) -> Mention | None:
    """The subject of the clause that leads up to this token, as of "..., Name hit back: "."""
    cut = next((i for i in range(before - 1, -1, -1) if s[i].text in (",", ";") or s[i].kind == "marked"), -1)
    first = cut + 1
    if cut >= 0 and first < before and (s[first].capital or s[first].lower in ("he", "she", "they", "the")):
        pronoun = s[first].lower in PRONOUNS
        end = first + 1 if pronoun else _subject_end(s, first, before)
        if first < end < before - 1:
            return Mention(first, end, pronoun)
    return sentence_subject(s, before)


def sentence_subject(s: Sentence, before: int) -> Mention | None:
    """The first noun phrase before this token that can be a subject, leading adverbials stepped over."""
    start = 0
    for _ in range(4):
        while start < before and (s[start].kind != "word" or s[start].lower in ("and", "but", "so", "then", "yet")):
            start += 1
        if start >= before:
            return None
        low = s[start].lower
        if low in PRONOUNS:
            return Mention(start, start + 1, True)
        comma = next((i for i in range(start, before) if s[i].text == ","), before)
        adverbial = low in PREPOSITIONS or low in ADVERBS or low.endswith(("ing", "ly")) or low in ("asked", "likewise")
        time = comma < min(start + 5, before) and any(t.lower in TIMES or t.lower == "later" for t in s[start:comma])
        if not adverbial and not time:
            end = _subject_end(s, start, before)
            return Mention(start, end) if end > start else None
        start = comma + 1
    return None


def _subject_end(s: Sentence, start: int, before: int) -> int:
    """One past the noun phrase that begins a clause: up to its verb, told by endings and auxiliaries."""
    named = False
    known = verbs()
    for at in range(start, before):
        token, low = s[at], s[at].lower
        if token.kind == "marked" or (token.kind == "stop" and token.text not in ("’s", "&", "’")):
            return at
        if low in PRONOUNS or low in ("that", "which") or (low in AUXILIARIES and at > start):
            return at
        verbal = low in known or low in ADVERBS or low.endswith(("ed", "ly"))
        if at > start and verbal and not token.capital and s[at - 1].lower not in DETERMINERS:
            return at
        if named and not token.capital and low not in _NAME_LINKS and not _leads_to_name(s, at, before):
            return at
        if named and low in ("and", "to", "for") and not (at + 1 < before and s[at + 1].capital):
            return at
        named = token.text != "’s" and (named or (token.capital and low not in DETERMINERS))
    return before


def _leads_to_name(s: Sentence, at: int, before: int) -> bool:
    """Whether small words go on to a role and a name: "Republican | presidential nominee Name"."""
    end = next((i for i in range(at, min(at + 5, before)) if s[i].capital or s[i].kind != "word"), at)
    return end > at and s[end].capital and s[end - 1].lower in roles()
