"""The people and bodies of one article, and which names mean the same person, in one article and across articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from retrieval.reading.lexicon import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PLAIN_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    Gender,
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
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_PRONOUN_GENDER: dict[str, Gender] = {"he": "m", "his": "m", "him": "m", "she": "f", "her": "f"}
_HONORIFICS = frozenset("mr mrs ms miss mx dr prof sir dame lord lady madam г госпожа господин".split())


# Names as such, any article


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


# The people of one article


@dataclass(slots=True)
class Person:
    """Someone whom the article names."""

    name: str  # fullest form
    first: str  # small letters
    last: str
    gender: Gender | None = None
    role: str | None = None  # as first printed
    role_words: set[str] = field(default_factory=set)  # of every role printed, small letters
    sure: bool = False  # a title, a known first name: certainly a person


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
    """The run of capitalised tokens start..end read as title and name; None when nothing of a name is left."""
    while start < end and sentence[start].lower in PLAIN_WORDS and start == 0:
        start += 1
    if start >= end:
        return None
    known = roles()
    name = start
    for index in range(start, end - 1):
        if sentence[index].lower.rstrip(".") in known and not (
            index + 1 == end - 1 and sentence[end - 1].lower.rstrip(".") in _SUFFIXES
        ):
            name = index + 1
    if name == start:
        name = _after_places(sentence, start, end)
    if name == start and sentence[start].lower not in first_names():  # "State | John F. Kerry"
        name = next((i for i in range(start + 1, end - 1) if sentence[i].lower in first_names()), start)
    words = tuple(t.text for t in sentence[name:end] if t.kind == "word")
    if not _bare(words):
        return None
    before = tuple(t.text for t in sentence[start:name])
    title = before if any(w.lower().rstrip(".") in known for w in before) else ()
    body = any(word in bodies() for word in words) or (len(words) == 1 and words[0].isupper() and len(words[0]) > 1)
    body = body or " ".join(words) in places() or (len(words) > 4)
    return NameRun(start, name, end, words, title, body)


def _after_places(sentence: Sentence, start: int, end: int) -> int:
    """Where the run goes on after names of places and peoples, if a name follows: "United States | Anatoly Antonov"."""
    for length in (3, 2, 1):
        if start + length < end:
            words = " ".join(t.text for t in sentence[start : start + length])
            if words in places() or words in peoples() or (length == 1 and words.isupper() and len(words) > 2):
                if end - start - length >= 2 or words in peoples():
                    return _after_places(sentence, start + length, end)
                return start
    return start


def runs(sentence: Sentence) -> Iterable[tuple[int, int]]:
    """Where capitalised words stand together, particles ("de", "van") and initials included."""
    index = 0
    while index < len(sentence):
        if not sentence[index].capital:
            index += 1
            continue
        end = index + 1
        while end < len(sentence) and end - index < 12:
            token = sentence[end]
            if token.capital or (
                end + 1 < len(sentence)
                and sentence[end + 1].capital
                and (
                    token.text in _PARTICLES
                    or (token.kind == "marked" and " " not in token.text and token.text[0].isupper())
                )
            ):
                end += 1
            else:
                break
        yield index, end
        index = end


class People:
    """Everyone and every body that the article names, and who a name as written means."""

    def __init__(self, read: Sequence[tuple[str, Sentence]]) -> None:
        """Args: each sentence, with the text that its tokens' offsets are into."""
        sentences = [sentence for _, sentence in read]
        self.persons: list[Person] = []
        self._by_last: dict[str, list[Person]] = {}
        self._by_first: dict[str, list[Person]] = {}
        self.bodies: Counter[str] = Counter()
        self._honoured: dict[str, Gender | None] = {}
        singles: Counter[str] = Counter()
        lowered: set[str] = set()
        full: list[tuple[NameRun, str, Sentence]] = []
        single: list[tuple[NameRun, str, Sentence]] = []
        self._names: dict[int, list[NameRun]] = {}
        for text, sentence in read:
            lowered.update(t.text for t in sentence if t.kind == "word" and t.text[0].islower())
            self._names[id(sentence)] = [r for s, e in runs(sentence) if (r := name_run(sentence, s, e)) is not None]
            for run in self._names[id(sentence)]:
                self._note_honorific(run)
                words = _bare(run.words)
                article = sentence[run.start - 1].lower if run.start else ""
                if run.body or (article == "the" and not run.title and run.name == run.start):
                    if run.body:
                        self.bodies[" ".join(t.text for t in sentence[run.start : run.end])] += 1
                elif len(words) == 1:
                    singles[words[0].lower()] += 1
                    single.append((run, text, sentence))
                else:
                    full.append((run, text, sentence))
        for run, _, _ in full:
            self._add_full(run, singles, lowered)
        for last, gender in self._honoured.items():
            if last not in self._by_last and last not in self._by_first:
                self._append(Person(last_as_written(last, sentences), "", last, gender, sure=True))
        for run, _, _ in single:
            word = run.words[0]
            if word.lower() in first_names() and word not in places() and not self.find(run.words):
                self._append(Person(word, "", word.lower(), first_names()[word.lower()], sure=True))
        self._hear_genders(sentences)
        for run, text, sentence in full + single:
            found = self.find(run.words, run.title)
            if len(found) == 1:
                self._note_role(found[0], run, text, sentence)

    def _note_honorific(self, run: NameRun) -> None:
        if not run.title:
            return
        title = run.title[-1].lower().rstrip(".")
        role = roles().get(title)
        words = _bare(run.words)
        if role is None or not words:
            return
        last = words[-1].lower()
        self._honoured[last] = self._honoured.get(last) or role.gender

    def _add_full(self, run: NameRun, singles: Counter[str], lowered: set[str]) -> None:
        words = _bare(run.words)
        first, last = words[0].lower().rstrip("."), words[-1].lower()
        names = first_names()
        if len(words) > 3 and words[-2].lower() in names:
            words, first = words[-2:], words[-2].lower()
        initial = any(len(w.rstrip(".")) == 1 for w in words)
        sure = bool(run.title) or first in names or initial
        shouted = first not in names and all(w.isupper() and len(w) > 2 for w in words)
        if shouted or first in PLAIN_WORDS or last in PLAIN_WORDS or (words[0] in peoples() and not sure):
            return
        if not sure and not singles[last] and (first in lowered or last in lowered):
            return
        text = " ".join([*words, *(w for w in run.words if w.lower().rstrip(".") in _SUFFIXES)])
        gender = names.get(first)
        if run.title:
            role = roles().get(run.title[-1].lower().rstrip("."))
            gender = (role.gender if role else None) or gender
        for person in self._by_last.get(last, []):
            if same_person(person.name, text):
                if len(text) > len(person.name) and len(words) <= 4:
                    person.name = text
                person.first = person.first if len(person.first) > 1 else first
                person.gender = person.gender or gender
                person.sure = person.sure or sure
                return
        self._append(Person(text, first, last, gender or self._honoured.get(last), sure=sure))

    def _append(self, person: Person) -> None:
        self.persons.append(person)
        self._by_last.setdefault(person.last, []).append(person)
        if person.first:
            self._by_first.setdefault(person.first, []).append(person)

    def _hear_genders(self, sentences: Sequence[Sentence]) -> None:
        """Genders that no name or title tells, from the pronouns after the only person whom a sentence names."""
        votes: Counter[tuple[str, Gender]] = Counter()
        alone: Person | None = None  # the only person of the sentence before
        for sentence in sentences:
            opening = _PRONOUN_GENDER.get(sentence[0].lower)
            if alone is not None and opening is not None:
                votes[alone.name, opening] += 1
            named = [run for run in self.names_in(sentence) if not run.body]
            found = [(run.end, p[0]) for run in named if len(p := self.find(run.words, run.title)) == 1]
            one = len({p.name for _, p in found}) == 1
            alone = found[0][1] if one else None
            if alone is not None:
                heard = next((g for t in sentence[found[0][0] :] if (g := _PRONOUN_GENDER.get(t.lower))), None)
                if heard is not None:
                    votes[alone.name, heard] += 1
        for person in self.persons:
            male, female = votes[person.name, "m"], votes[person.name, "f"]
            if person.gender is None and max(male, female) > 2 * min(male, female):
                person.gender = "m" if male > female else "f"
                person.sure = True

    def names_in(self, sentence: Sentence) -> list[NameRun]:
        """The names of the sentence, one of those that were read, in order."""
        return self._names[id(sentence)]

    def add_speaker(self, words: Sequence[str]) -> Person:
        """Someone whom nothing but speaking told to be a person."""
        bare = _bare(words)
        first, last = bare[0].lower() if len(bare) > 1 else "", bare[-1].lower()
        gender = first_names().get(first) or self._honoured.get(last)
        person = Person(" ".join(words), first, last, gender, sure=True)
        self._append(person)
        return person

    def _note_role(self, person: Person, run: NameRun, text: str, sentence: Sentence) -> None:
        place = role_before(sentence, phrase_before(sentence, run.name), run.name) or role_after(sentence, run.end)
        comma = run.start - 1  # "the White House press secretary, Name, said"
        if place is None and comma > 0 and sentence[comma].text == "," and run.end < len(sentence):
            start = phrase_before(sentence, comma)
            if sentence[run.end].text == "," and (sentence[start].lower in DETERMINERS or sentence[start].capital):
                place = role_before(sentence, start, comma)
        if place is None:
            return
        start, end = place
        person.role_words.update(t.lower.rstrip(".") for t in sentence[start:end] if t.kind == "word")
        if person.role is None:
            person.role = text[sentence[start].start : sentence[end - 1].end]

    def find(self, words: Sequence[str], title: Sequence[str] = ()) -> list[Person]:
        """Those whom the name as written may mean: none, one, or several people of one surname."""
        bare = _bare(words)
        if not bare:
            return []
        last = bare[-1].lower()
        found = [p for p in self._by_last.get(last, []) if len(bare) == 1 or same_person(p.name, " ".join(words))]
        if len(found) > 1 and title:
            role = roles().get(title[-1].lower().rstrip("."))
            fitting = [p for p in found if role and role.gender and p.gender == role.gender]
            found = fitting or found
        if not found and len(bare) == 1:
            found = [p for p in self._by_first.get(last, []) if p.sure]
        return found


def role_before(sentence: Sentence, start: int, name: int) -> tuple[int, int] | None:
    """The tokens before a name that tell what its bearer is: "Russian Ambassador to the United States | Anatoly ..."."""
    while start < name and sentence[start].lower in DETERMINERS:
        start += 1
    end = name
    while end > start and sentence[end - 1].lower.rstrip(".") in _HONORIFICS:
        end -= 1
    known = roles()
    return (start, end) if any(t.lower.rstrip(".") in known for t in sentence[start:end]) else None


def role_after(sentence: Sentence, at: int) -> tuple[int, int] | None:
    """The apposition after a name that tells what its bearer is: ", the mayor of Alderton,"."""
    if at >= len(sentence) or sentence[at].text != ",":
        return None
    start = end = at + 1
    while end < len(sentence) and end - start < 16 and (sentence[end].kind == "word" or sentence[end].text == "’s"):
        end += 1
    core = next((i for i in range(start, end) if sentence[i].lower in PREPOSITIONS), end)
    known = roles()
    if not any(t.lower in known for t in sentence[start:core]) or sentence[start].lower == "who":
        return None
    if any(t.lower in AUXILIARIES or t.lower in PRONOUNS for t in sentence[start:core]):
        return None
    while start < end and sentence[start].lower in DETERMINERS:
        start += 1
    return (start, end) if start < end else None


def phrase_before(sentence: Sentence, name: int) -> int:
    """Where the noun phrase that a name ends may begin."""
    start = name
    known = verbs()
    while start > 0 and name - start < 12:
        token = sentence[start - 1]
        low = token.lower
        if token.kind == "marked" or (token.kind == "stop" and token.text != "’s"):
            break
        if (
            low in CONJUNCTIONS
            or low in AUXILIARIES
            or low in PRONOUNS
            or (token.text in known and not known[token.text].base)
        ):
            break
        if low in PREPOSITIONS and low not in ("of", "to", "for"):
            break
        start -= 1
    return start


def _bare(words: Sequence[str]) -> list[str]:
    return [w for w in words if w.lower().rstrip(".") not in _SUFFIXES]


def last_as_written(last: str, sentences: Sequence[Sentence]) -> str:
    """The surname with its capitals."""
    return next((t.text for s in sentences for t in s if t.capital and t.lower == last), last.title())
