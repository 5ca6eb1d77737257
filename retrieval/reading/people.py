"""The people and bodies of one article, and whom each of their names means there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from retrieval.reading.lexicon import (
    AUXILIARIES,
    DETERMINERS,
    MONTHS,
    PLAIN_WORDS,
    Gender,
    bare_nouns,
    first_names,
    noun_forms,
    peoples,
    places,
    roles,
    verbs,
)
from retrieval.reading.names import (
    NameRun,
    group_names,
    like_place,
    name_runs,
    of_another,
    opens,
    personal_role,
    phrase_before,
    plural,
    role_after,
    role_before,
    same_person,
    suffix,
    without_suffix,
)
from retrieval.reading.sentences import Sentence

__all__ = ["People", "Person", "group_names", "same_person"]

_MOST = 30  # people of one surname in an article; more are no people
_PLURAL = frozenset("are were have do don’t aren’t weren’t haven’t".split())
_PRONOUN_GENDER: dict[str, Gender] = {"he": "m", "his": "m", "him": "m", "she": "f", "her": "f"}


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


class People:
    """Everyone and every body that the article names, and who a name as written means."""

    def __init__(self, read: Sequence[tuple[str, Sentence]]) -> None:
        """Args: each sentence, with the text that its tokens' offsets are into."""
        self.persons: list[Person] = []
        self.bodies: Counter[str] = Counter()
        self._by_last: dict[str, list[Person]] = {}
        self._by_first: dict[str, list[Person]] = {}
        self._honoured: dict[str, Gender | None] = {}
        self._inner: set[str] = set()  # names of one word, or surnames, whose capital no place in a sentence explains
        self._names = {id(sentence): name_runs(sentence) for _, sentence in read}
        sentences = [sentence for _, sentence in read]
        self.small = {t.text for s in sentences for t in s if t.kind == "word" and t.text[0].islower()}
        full, single = self._sorted(sentences)
        singles = Counter(run.words[0].lower() for run in single)
        for run in full:
            self._add_full(run, singles, self.small)
        for last, gender in self._honoured.items():
            if last not in self._by_last and last not in self._by_first:
                self._append(Person(_as_written(last, sentences), "", last, gender, sure=True))
        for run in single:
            word = run.words[0]
            named = word.lower() in first_names() and word.lower() not in MONTHS and word not in places()
            if named and not self.find(run.words):
                self._append(Person(word, "", word.lower(), first_names()[word.lower()], sure=True))
        self._hear_genders(sentences)
        for text, sentence in read:
            for run in self.names_in(sentence):
                found = [] if run.body else self.find(run.words, run.title)
                if len(found) == 1:
                    self._note_role(found[0], run, text, sentence)

    def _sorted(self, sentences: Sequence[Sentence]) -> tuple[list[NameRun], list[NameRun]]:
        """Names of several words, and of one; those of bodies are counted apart."""
        full: list[NameRun] = []
        single: list[NameRun] = []
        for sentence in sentences:
            headline = not any(t.text[0].islower() for t in sentence if t.kind == "word" and len(t.text) > 3)
            for run in self.names_in(sentence):
                self._note_honorific(run)
                the = run.start > 0 and sentence[run.start - 1].lower == "the"
                if run.body:
                    self.bodies[" ".join(t.text for t in sentence[run.start : run.end])] += 1
                elif not the or run.title or run.name > run.start:
                    (single if len(without_suffix(run.words)) == 1 else full).append(run)
                    if not (headline or opens(sentence, run.start)):
                        self._inner.add(run.words[-1].lower())
        return full, single

    def _note_honorific(self, run: NameRun) -> None:
        role = roles().get(run.title[-1].lower().rstrip(".")) if run.title else None
        if role is not None:
            last = without_suffix(run.words)[-1].lower()
            self._honoured[last] = self._honoured.get(last) or role.gender

    def _add_full(self, run: NameRun, singles: Counter[str], lowered: set[str]) -> None:
        words = without_suffix(run.words)
        first, last = words[0].lower().rstrip("."), words[-1].lower()
        names = first_names()
        if len(words) > 3 and words[-2].lower() in names:
            words, first = words[-2:], words[-2].lower()
        initial = any(len(w.rstrip(".")) == 1 for w in words)
        sure = bool(run.title) or first in names or initial
        shouted = first not in names and all(w.isupper() and len(w) > 2 for w in words)
        plain = first in PLAIN_WORDS or (last in PLAIN_WORDS and not (sure and last in AUXILIARIES))  # "Theresa May"
        if shouted or plain or (words[0] in peoples() and not sure):
            return
        if not sure and not singles[last] and (first in lowered or last in lowered):
            return
        text = " ".join([*words, *suffix(run.words)])
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
        if len(self._by_last.get(person.last, [])) == _MOST:
            return
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
                after = found[0][0]
                after += 2 * (after < len(sentence) and sentence[after].text == ",")  # "Name, her deputy,": another's
                heard = next((g for t in sentence[after:] if (g := _PRONOUN_GENDER.get(t.lower))), None)
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

    def common(self, sentence: Sentence, run: NameRun) -> bool:
        """Whether the one word of the run has its capital from its place alone: "Engineers said", "Police say"."""
        word = run.words[0].lower()
        if len(run.words) > 1 or run.title:
            return False
        if word.partition("’")[0] in PLAIN_WORDS - AUXILIARIES:
            return True
        if not opens(sentence, run.start) or word in self._inner:
            return False
        after = sentence[run.end] if run.end < len(sentence) else None
        many = after is not None and (after.text in _PLURAL or (after.text in verbs() and verbs()[after.text].base))
        if after is not None and after.text in noun_forms():
            return True  # "Flood forecasts for the valley": no word of saying
        noun = plural(word) or word.endswith(("men", "people", "folk")) or word in bare_nouns() or word in roles()
        return noun or many or word in self.small

    def add_speaker(self, words: Sequence[str]) -> Person:
        """Someone whom nothing but speaking told to be a person."""
        bare = without_suffix(words)
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
            if sentence[run.end].text in ",." and (sentence[start].lower in DETERMINERS or sentence[start].capital):
                place = role_before(sentence, start, comma)
                place = None if place and (of_another(sentence, *place) or like_place(run)) else place
        if place is None:
            return
        start, end = place
        if personal_role(sentence, start, end) and len(without_suffix(run.words)) > 1:
            person.sure = True  # "the mayor of Grenau, Name": whatever the first name
        person.role_words.update(t.lower.rstrip(".") for t in sentence[start:end] if t.kind == "word")
        if person.role is None:
            person.role = text[sentence[start].start : sentence[end - 1].end]

    def find(self, words: Sequence[str], title: Sequence[str] = ()) -> list[Person]:
        """Those whom the name as written may mean: none, one, or several people of one surname."""
        bare = without_suffix(words)
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


def _as_written(last: str, sentences: Sequence[Sentence]) -> str:
    """The surname with its capitals."""
    return next((t.text for s in sentences for t in s if t.capital and t.lower == last), last.title())
