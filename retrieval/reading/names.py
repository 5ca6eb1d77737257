"""Names: which of them mean one person, and where a sentence has them, titles and roles apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.reading.lexicon import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PLAIN_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    bodies,
    first_names,
    peoples,
    places,
    roles,
    verbs,
)
from retrieval.reading.sentences import Sentence
from retrieval.reading.transliteration import name_key

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "мл", "ст"})
_PARTICLES = frozenset("de del della van von der den al el bin ibn la le du da dos di ter ben".split())
_OF_ROLES = frozenset(
    "former then longtime senior junior deputy vice acting interim incoming outgoing retired late chief executive "
    "prime foreign presidential congressional gubernatorial veteran assistant associate general national ’s ’".split()
)
_HONORIFICS = frozenset("mr mrs ms miss mx dr prof sir dame lord lady madam г госпожа господин".split())
# What companies and other bodies may be called as well as people: "the market leader, Acme Foods, said".
_BODY_ROLES = frozenset("leader owner founder member operator host investor producer contender rival player".split())
_NOT_FIRST = frozenset("north south east west northern southern eastern western new upper lower greater".split())
_OPENERS = frozenset(": ; . … — – - ― • *".split())
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def _name_words(name: str) -> list[str]:
    words = [w.casefold().replace("ё", "е") for w in _WORD.findall(re.sub(r"[’'`]s\b", "", name))]
    while len(words) > 1 and (words[0] in _HONORIFICS or (words[0] in roles() and len(words) > 2)):
        words = words[1:]
    return words


def _split_name(name: str) -> tuple[str, str, str]:
    """First name, surname and suffix ("jr"), folded; the first name is "" where only a surname is given."""
    words = _name_words(name)
    suffix = words.pop() if len(words) > 1 and words[-1] in _SUFFIXES else ""
    return (words[0] if len(words) > 1 else "", words[-1] if words else "", "" if suffix in ("sr", "ст") else suffix)


@lru_cache(1 << 14)
def _key(name: str) -> tuple[str, str, str]:
    first, last, suffix = _split_name(name)
    return name_key(first), name_key(last), suffix


def same_person(one: str, other: str) -> bool:
    """Whether two names can mean one person: the same surname, and no first name (or initial) or suffix against it."""
    first_a, last_a, suffix_a = _key(one)
    first_b, last_b, suffix_b = _key(other)
    if not last_a or last_a != last_b:
        return False
    if not first_a or not first_b:
        return suffix_a == suffix_b or not (first_a or first_b)
    if suffix_a != suffix_b:
        return False
    return first_a == first_b or (min(len(first_a), len(first_b)) == 1 and first_a[0] == first_b[0])


def group_names(names: Iterable[str]) -> dict[str, str]:
    """Each name with the fullest one that means the same person, for lists of speakers over many articles.

    A bare surname joins a full name only when one alone fits; two people with one surname are never merged.
    """
    counts = Counter(names)
    order = sorted(counts, key=lambda n: (-min(len(_name_words(n)), 3), -counts[n], n))
    by_surname: dict[str, list[str]] = {}
    out: dict[str, str] = {}
    for name in order:
        heads = by_surname.setdefault(_key(name)[1], [])
        alike = [head for head in heads if same_person(name, head)]
        out[name] = alike[0] if len(alike) == 1 else name
        if out[name] == name:
            heads.append(name)
    return out


def without_suffix(words: Sequence[str]) -> list[str]:
    """The words of a name less "Jr." and the like."""
    return [w for w in words if w.lower().rstrip(".") not in _SUFFIXES]


def suffix(words: Sequence[str]) -> list[str]:
    """The "Jr." and the like among the words of a name."""
    return [w for w in words if w.lower().rstrip(".") in _SUFFIXES]


@dataclass(frozen=True, slots=True)
class NameRun:
    """Capitalised words that stand together: a title before, then the name."""

    start: int  # token
    name: int  # token where the name proper begins
    end: int
    words: tuple[str, ...]  # of the name
    title: tuple[str, ...]  # before it
    body: bool  # names an organisation


def name_run(sentence: Sentence, start: int, end: int) -> NameRun | None:
    """The capitalised tokens start..end read as title and name; None when nothing of a name is left."""
    while start == 0 and start < end and sentence[start].lower in PLAIN_WORDS and not _says(sentence, end):
        start += 1
    if start >= end:
        return None
    last = end - 1
    if last > start and sentence[last].lower.rstrip(".") in _SUFFIXES:
        last -= 1
    titled = [i for i in range(start, last) if sentence[i].lower.rstrip(".") in roles()]
    name = titled[-1] + 1 if titled else _after_places(sentence, start, end)
    if name == start and sentence[start].lower not in first_names():  # "State | John F. Kerry"
        name = next((i for i in range(start + 1, end - 1) if sentence[i].lower in first_names()), start)
    words = tuple(t.text for t in sentence[name:end] if t.kind == "word")
    if not without_suffix(words):
        return None
    acronym = len(words) == 1 and words[0].isupper() and len(words[0]) > 1
    body = acronym or len(words) > 4 or " ".join(words) in places() or any(word in bodies() for word in words)
    title = tuple(t.text for t in sentence[start:name]) if titled else ()
    return NameRun(start, name, end, words, title, body)


def _says(sentence: Sentence, end: int) -> bool:
    """Whether one word that may be an auxiliary, "May" or "Will", is the subject of a verb of saying: "May said"."""
    verb = verbs().get(sentence[end].text) if end == 1 < len(sentence) and sentence[0].lower in AUXILIARIES else None
    return verb is not None and not verb.base


def _after_places(sentence: Sentence, start: int, end: int) -> int:
    """Where the run goes on after names of places and peoples, if a name follows: "United States | Anatoly Antonov"."""
    for length in range(min(3, end - start - 1), 0, -1):
        words = " ".join(t.text for t in sentence[start : start + length])
        if words in peoples() or (words in places() and end - start - length >= 2):
            return _after_places(sentence, start + length, end)
    acronym = end - start > 2 and sentence[start].text.isupper() and len(sentence[start].text) > 2
    return _after_places(sentence, start + 1, end) if acronym else start


def runs(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Where capitalised words stand together, particles ("de", "van"), initials and nicknames in marks included."""
    start = 0
    while start < len(sentence):
        if not sentence[start].capital:
            start += 1
            continue
        end = start + 1
        while end < len(sentence) and end - start < 12 and _goes_on(sentence, end):
            end += 1
        yield start, end
        start = end


def _goes_on(sentence: Sentence, at: int) -> bool:
    token = sentence[at]
    if token.capital:
        return True
    nickname = token.kind == "marked" and " " not in token.text and token.text[0].isupper()
    joins = token.text in _PARTICLES or nickname
    return joins and at + 1 < len(sentence) and sentence[at + 1].capital


def plural(word: str) -> bool:
    """Whether the word, in small letters, ends like a noun for more than one."""
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


def opens(sentence: Sentence, at: int) -> bool:
    """Whether the token opens a sentence, or a clause set off like one, and so has a capital whatever it is."""
    if at == 0:
        return True
    before = sentence[at - 1]
    return before.text in _OPENERS or (before.kind == "marked" and before.text[-1] in ".?!…")


def name_runs(sentence: Sentence) -> list[NameRun]:
    """The names in the sentence, in order."""
    return [run for start, end in runs(sentence) if (run := name_run(sentence, start, end)) is not None]


def role_before(sentence: Sentence, start: int, name: int) -> tuple[int, int] | None:
    """The tokens before a name that tell what its bearer is: "Russian Ambassador to Norway | Anatoly ..."."""
    while start < name and sentence[start].lower in DETERMINERS:
        start += 1
    end = name
    while end > start and sentence[end - 1].lower.rstrip(".") in _HONORIFICS:
        end -= 1
    last = next((i for i in range(end - 1, start - 1, -1) if sentence[i].lower.rstrip(".") in roles()), None)
    if last is None:
        return None
    # "Ambassador to Norway | Name", not "Ambassador X met | Name"
    links = PREPOSITIONS | DETERMINERS | {"and", "’s", "’"}
    if not all(t.capital or t.lower in links for t in sentence[last + 1 : end]):
        return None
    return _own_role(sentence, start, last), end


def _own_role(sentence: Sentence, start: int, last: int) -> int:
    """From where on the words tell the role whose word is at `last`, and not of another, or of what is done.

    "part of | Republican nominee X", "Sen. Ann Lee met famous | Ostrian reporter X"
    """

    def is_role(at: int) -> bool:
        return sentence[at].lower.rstrip(".") in roles()

    begin = start
    for at in range(start, last):
        named = is_role(at) and at + 2 < last and sentence[at + 1].capital and sentence[at + 2].capital
        if named and not all(t.capital for t in sentence[at + 1 : last]):
            begin = at + 3
        elif at == start or sentence[at - 1].lower in PREPOSITIONS:
            continue  # "Speaker of the House": decided with the preposition
        elif sentence[at].lower in PREPOSITIONS | DETERMINERS and not is_role(at - 1):
            begin = at + 1
    if begin > start:
        others = (
            at
            for at in range(last - 1, begin - 1, -1)
            if not (sentence[at].capital or is_role(at) or sentence[at].lower in _OF_ROLES)
        )
        begin = next(others, begin - 1) + 1
    while sentence[begin].text in ("’s", "’"):
        begin += 1
    return begin


def role_after(sentence: Sentence, at: int) -> tuple[int, int] | None:
    """The apposition after a name that tells what its bearer is: ", the mayor of Alderton,"."""
    if at >= len(sentence) or sentence[at].text != ",":
        return None
    start = end = at + 1
    while end < len(sentence) and end - start < 16 and (sentence[end].kind == "word" or sentence[end].text == "’s"):
        end += 1
    if start < end and sentence[start].lower in CONJUNCTIONS:
        return None  # "Name, and the mayor, ..."
    core = [t.lower for t in sentence[start:end]]
    core = core[: next((i for i, word in enumerate(core) if word in PREPOSITIONS), len(core))]
    known = roles()
    if any(t.text in verbs() and not verbs()[t.text].base for t in sentence[start:end]):
        return None
    if not any(word in known for word in core) or any(word in AUXILIARIES or word in PRONOUNS for word in core):
        return None
    while start < end and sentence[start].lower in DETERMINERS:
        start += 1
    return (start, end) if start < end else None


def personal_role(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the noun phrase start..end is headed by a word for what only a person is: "head of the union"."""
    core = _core_end(sentence, start, end)
    head = sentence[core - 1].lower.rstrip(".") if core > start else ""
    return head in roles() and head not in _BODY_ROLES


def like_place(run: NameRun) -> bool:
    """Whether the name may be a region's, as behind a town: "the mayor of Salem, West Ardland, said"."""
    first = run.words[0].lower()
    known = any(word in places() or word in peoples() for word in run.words)
    return first not in first_names() and (known or first in _NOT_FIRST)


def of_another(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the role start..end is told by another person, whose name may follow: "a spokesman for the mayor, X"."""
    return any(t.lower in roles() for t in sentence[_core_end(sentence, start, end) : end])


def _core_end(sentence: Sentence, start: int, end: int) -> int:
    return next((i for i in range(start + 1, end) if sentence[i].lower in PREPOSITIONS), end)


def name_after_role(sentence: Sentence, start: int, end: int) -> NameRun | None:
    """The person's name in apposition to the role that the tokens start..end tell: "Its president, Liv Torsen, ...".

    None where it may belong to another: "A spokesman for the mayor, Liv Torsen, ..." leaves open whose name it is.
    """
    if end + 1 >= len(sentence) or sentence[end].text != "," or not personal_role(sentence, start, end):
        return None
    if of_another(sentence, start, end):
        return None
    run = next((run for run in name_runs(sentence) if run.start == end + 1), None)
    if run is None or run.body or len(without_suffix(run.words)) < 2 or like_place(run):
        return None
    return run if run.end == len(sentence) or sentence[run.end].text in (",", ".", ";") else None


def phrase_before(sentence: Sentence, name: int) -> int:
    """Where the noun phrase that a name ends may begin."""
    start = name
    known = verbs()
    while start > 0 and name - start < 12:
        token = sentence[start - 1]
        low = token.lower
        verb = token.text in known and not known[token.text].base
        if token.kind == "marked" or (token.kind == "stop" and token.text not in ("’s", "’")) or verb:
            break
        if low in CONJUNCTIONS or low in AUXILIARIES or low in PRONOUNS:
            break
        if low in PREPOSITIONS and low not in ("of", "to", "for"):
            break
        start -= 1
    return start
