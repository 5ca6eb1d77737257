"""From the words beside a quotation to the person, body or unnamed source that they mean, with the route taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from retrieval.reading.lexicon import (
    DETERMINERS,
    MONTHS,
    PREPOSITIONS,
    WEEKDAYS,
    Gender,
    bare_nouns,
    bodies,
    peoples,
    places,
    roles,
)
from retrieval.reading.names import NameRun, name_after_role, name_run, plural, role_after, role_before, runs
from retrieval.reading.people import People, Person
from retrieval.reading.phrases import Mention
from retrieval.reading.sentences import Sentence

_MEMORY = 16  # sentences back that a pronoun may refer
_RIVALRY = 6  # sentences in which another of that gender makes it doubtful
Means = Literal["name", "pronoun", "description", "body", "unnamed"]

_IN_NAMES = frozenset("for of the and on to against our in".split())
_GENDERS: dict[str, Gender] = {"he": "m", "she": "f"}
# Heads of phrases that mean a body of people or a document, not one person.
_BODY_HEADS = frozenset(
    "campaign ministry department company agency union network government administration committee court police "
    "party commission council board bank authority service office team group organization organisation association "
    "embassy army military bureau coalition firm newspaper magazine paper site website channel statement report "
    "poll survey study letter memo email document documents filing release spot ad video lawsuit complaint ruling bill "
    "university college school hospital church foundation institute parliament state city "
    "article editorial notice message country nation press chamber".split()
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whom a mention means."""

    means: Means
    as_written: str
    name: str | None = None
    person: Person | None = None
    role: str | None = None
    rivals: int = 0  # others whom it could mean
    alone: bool = False  # the article names nobody else whom the pronoun fits

    @classmethod
    def named(cls, written: str, person: Person | None) -> Meaning:
        """A name as written that means the person, if the article tells of one."""
        return cls("name", written, person.name if person else written, person, person.role if person else None)


@dataclass(slots=True)
class Record:
    """What a sentence, read before, leaves for pronouns to refer to."""

    paragraph: int
    subject: Person | None = None
    speaker: Person | None = None
    persons: list[Person] = field(default_factory=list)
    body: str | None = None


class Discourse:
    """Reads on from sentence to sentence and knows who was spoken of."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.records: list[Record] = []

    def begin(self, sentence: Sentence, paragraph: int) -> Record:
        """Notes who is named in the sentence (outside marks), before its words of saying are read."""
        record = Record(paragraph)
        for run in self.people.names_in(sentence):
            found = [] if run.body else self.people.find(run.words, run.title)
            if len(found) == 1 and found[0] not in record.persons:
                possessive = run.end < len(sentence) and sentence[run.end].text == "’s"
                if (
                    record.subject is None
                    and not possessive
                    and (run.name > run.start or self._subject_place(sentence, run.start))
                ):
                    record.subject = found[0]
                record.persons.append(found[0])
            elif run.body:
                record.body = " ".join(run.words)
        if record.subject is None:
            first = next((i for i, t in enumerate(sentence) if t.kind == "word"), None)
            if first is not None and sentence[first].lower in _GENDERS:
                record.subject = self._referent(_GENDERS[sentence[first].lower], record)[0]
        self.records.append(record)
        return record

    def _subject_place(self, sentence: Sentence, at: int) -> bool:
        """Whether a name at this token can be the subject: nothing like an object's place before it."""
        before = [t for t in sentence[max(0, at - 6) : at] if t.kind == "word"]
        return not any(t.lower in PREPOSITIONS for t in before[-2:]) or (at > 0 and sentence[at - 1].text == ",")

    def meaning(
        self, sentence: Sentence, mention: Mention, text: str, record: Record, speaks: bool = True
    ) -> Meaning | None:
        """Whom the mention means; None when it cannot be a speaker.

        Args: speaks, whether a word of saying makes the mention its subject, and so somebody, though never named else.
        """
        if all(t.lower in ("the", "a", "an") for t in sentence[mention.start : mention.end]):
            return None
        written = text[sentence[mention.start].start : sentence[mention.end - 1].end]
        if mention.several:
            words = [t for t in sentence[mention.start : mention.end] if t.lower not in ("and", "the")]
            body = words[-1].text in bodies() and all(
                t.capital for t in words
            )  # "Citizenship and Immigration Services"
            name = text[words[0].start : words[-1].end] if body else None
            return Meaning("body" if body else "unnamed", written, name)  # nobody of several alone
        if mention.pronoun:
            return self._pronoun(written, record)
        if (apposed := name_after_role(sentence, mention.start, mention.end)) is not None:
            written = text[sentence[mention.start].start : sentence[apposed.end - 1].end]
            return self._named(sentence, Mention(mention.start, apposed.end), apposed, written, text, speaks)
        core_end = self._core_end(sentence, mention)
        run = self._run_at_end(sentence, mention.start, mention.end)
        if run is None or run.body or not self._stands_free(sentence, mention, run):
            run, mention_end = self._run_at_end(sentence, mention.start, core_end), core_end
        else:
            mention_end = mention.end
        if run is None or self._generic(sentence, run):
            return self._described(sentence, mention, core_end, written, text)
        the = run.start > mention.start and sentence[run.start - 1].lower == "the"
        if not run.body and (run.title or not the or mention_end > core_end):
            return self._named(sentence, Mention(mention.start, mention_end), run, written, text, speaks)
        rest = sentence[core_end : mention.end]  # "Center | for Responsive Politics"
        whole = run.body and all(t.capital or t.lower in _IN_NAMES for t in rest)
        return Meaning(
            "body", written, text[sentence[run.start].start : sentence[mention.end - 1 if whole else run.end - 1].end]
        )

    def _core_end(self, s: Sentence, mention: Mention) -> int:
        for index in range(mention.start + 1, mention.end):
            if s[index].lower in PREPOSITIONS or s[index].lower == "who":
                return index
        return mention.end

    def _run_at_end(self, s: Sentence, start: int, end: int) -> NameRun | None:
        for run_start, run_end in runs(s[:end]):
            if run_end == end and run_start >= start - 1:
                return name_run(s, max(run_start, start), end)
        return None

    def _generic(self, s: Sentence, run: NameRun) -> bool:
        """Whether the capitals name nobody: a kind of body, a people, a day ("the Ministry", "the French")."""
        if len(run.words) > 1 or run.title or (not run.body and self.people.find(run.words)):
            return False
        word, low = run.words[0], run.words[0].lower()
        several = run.start > 0 and s[run.start - 1].lower in DETERMINERS and not run.body and plural(low)
        people = not word.isupper() and "." not in word and (word in peoples() or word.removesuffix("s") in peoples())
        time = low in WEEKDAYS or low in MONTHS - {"may", "april", "june"}
        kind = low in _BODY_HEADS or low in bare_nouns() or low in roles()
        return several or people or time or kind or (word.endswith(".") and len(word) > 2)

    def _stands_free(self, s: Sentence, mention: Mention, run: NameRun) -> bool:
        """Not the object of a preposition ("an aide to Mr. Lee"), unless a place is ("to Norway | Ann Lee")."""
        at = run.start
        if at > mention.start and s[at - 1].lower in ("the", "’s"):
            at -= 1
        if at <= mention.start or s[at - 1].lower not in PREPOSITIONS:
            return True
        return run.name > run.start and len(run.words) > 1 and not run.title

    def _named(
        self, s: Sentence, mention: Mention, run: NameRun, written: str, text: str, speaks: bool
    ) -> Meaning | None:
        found = self.people.find(run.words, run.title)
        place = role_before(s, mention.start, run.name) or role_after(s, run.end)
        role = text[s[place[0]].start : s[place[1] - 1].end] if place else None
        if len(found) == 1:
            person = found[0]
            person.sure = True  # it speaks
            return Meaning("name", written, person.name, person, person.role or role)
        name = " ".join(run.words)
        if not found and len(run.words) == 1 and run.words[0].lower() in roles():
            return self._described(s, mention, mention.end, written, text)
        if not found and self.people.common(s, run):
            return self._described(s, mention, mention.end, written, text)
        if not found and not speaks and len(run.words) == 1:
            return None
        if not found and self._may_be_person(run):
            return Meaning("name", written, name, self.people.add_speaker(run.words), role)
        return Meaning("name", written, name, None, role, rivals=len(found))

    @staticmethod
    def _may_be_person(run: NameRun) -> bool:
        word = run.words[0]
        if len(run.words) > 1:
            return True
        opening = run.start == 0 and word.lower().endswith(("ed", "ing", "ly", "s"))  # "Chastened by ..., he said"
        return not opening and word not in places() and word not in peoples()

    def _described(self, s: Sentence, mention: Mention, core_end: int, written: str, text: str) -> Meaning:
        head = s[core_end - 1].lower
        first = s[mention.start].lower
        capitals = any(t.capital for t in s[mention.start + (first in DETERMINERS) : core_end])
        if head in _BODY_HEADS:
            start = mention.start
            while start < core_end - 1 and s[start].lower in DETERMINERS:
                start += 1
            if core_end - start == 1:  # "the ministry", whatever its capital: the only one of several words named
                known = {b for b in self.people.bodies if " " in b and b.lower().split()[-1] == head}
                return Meaning("body", written, known.pop() if len(known) == 1 else None)
            start = next((i for i in range(start, core_end) if s[i].capital), start)
            return Meaning("body", written, text[s[start].start : s[mention.end - 1].end] if capitals else None)
        if first not in DETERMINERS or first in ("the", "his", "her", "their", "this"):
            person, rivals = self._by_role(s, mention, core_end, head)
            if person is not None and not rivals:
                return Meaning("description", written, person.name, person, person.role)
        return Meaning("unnamed", written)

    def _by_role(self, s: Sentence, mention: Mention, core_end: int, head: str) -> tuple[Person | None, int]:
        """The person whose role, as printed, the description names, and how many others it could mean."""
        known = roles()
        role = known.get(head)
        if role is None:
            return None, 0
        fitting = [
            p
            for p in self.people.persons
            if p.gender in (None, role.gender or p.gender)
            and (role.alike & p.role_words or any(head in known[w].alike for w in p.role_words if w in known))
        ]
        if len(fitting) > 1:
            modifiers = {t.lower for t in s[mention.start : core_end - 1]} - DETERMINERS
            fitting = [p for p in fitting if modifiers & p.role_words] or fitting
        return (fitting[0], len(fitting) - 1) if fitting else (None, 0)

    def _pronoun(self, written: str, record: Record) -> Meaning | None:
        low = written.lower()
        if low == "it":
            for earlier in reversed(self.records[-4:]):
                if earlier.body and earlier is not record:
                    return Meaning("body", written, earlier.body, rivals=1)
            return Meaning("unnamed", written)
        if low not in _GENDERS:
            return Meaning("unnamed", written)
        person, rivals = self._referent(_GENDERS[low], record)
        if person is None:
            return Meaning("pronoun", written)
        fitting = [p for p in self.people.persons if p.sure and p.gender in (None, _GENDERS[low])]
        alone = not rivals and len(fitting) == 1
        return Meaning("pronoun", written, person.name, person, person.role, rivals, alone)

    def _referent(self, gender: Gender, record: Record) -> tuple[Person | None, int]:
        """The person of that gender who was last the subject, and how many others the last sentences name."""
        near = [r for r in self.records if r is not record][-_MEMORY:]
        chosen: Person | None = None
        for earlier in reversed(near):
            leading = [p for p in (earlier.speaker, earlier.subject) if p is not None and p.gender in (None, gender)]
            others = [p for p in earlier.persons if p.gender == gender]
            chosen = next((p for p in leading + others if p.sure), None)
            if chosen is not None:
                break
        rivals = {p.name for r in near[-_RIVALRY:] for p in r.persons if p.sure and p.gender in (None, gender)}
        return chosen, len(rivals - {chosen.name}) if chosen else 0
