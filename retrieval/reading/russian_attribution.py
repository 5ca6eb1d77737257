"""Whom a Russian article means by a name, a pronoun or a description beside speech, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.reading.dictionary import in_dictionary, readings
from retrieval.reading.morphology import nominatives
from retrieval.reading.russian_clauses import Candidate, Sentence
from retrieval.reading.russian_cues import ANY
from retrieval.reading.russian_names import Mention
from retrieval.reading.russian_people import People, Person
from retrieval.reading.russian_text import described, is_agency, nouns
from retrieval.types import Certainty, Speaker

# That the speaker is right, by route, and how it is shown. Counted on ADAQ's development sentences and one dispatch, on
# which the rules were also tuned: named 25 of 27 (the two misses are the annotation's, not the reader's), unnamed 16 of
# 16, description 3 of 3, organisation 3 of 3, only candidate 2 of 2. Too few to calibrate: the values are estimates, as
# are the routes not met there (continued, pronoun, same paragraph), which lean on the same routes in English.
_ROUTES: dict[str, tuple[float, Certainty | None]] = {
    "named": (0.96, "stated"),
    "organisation": (0.95, "stated"),
    "unnamed": (0.95, "stated"),
    "only candidate": (0.95, "stated"),
    "continued": (0.95, "stated"),
    "pronoun": (0.75, "from_context"),
    "description": (0.8, "from_context"),
    "same paragraph": (0.8, "from_context"),
    "unresolved": (0.0, None),
    "none": (0.0, None),
}
_COURTESY = frozenset("господин госпожа г-н г-жа товарищ".split())
_AUTHORITY = {"ведомство", "министерство"}
_GENERIC = frozenset("ведомство министерство компания государство страна агентство организация регион".split())


@dataclass(frozen=True, slots=True)
class Attribution:
    """A speaker and the rule that found them."""

    speaker: Speaker | None
    route: str
    person: Person | None = None

    @property
    def confidence(self) -> float:
        return _ROUTES[self.route][0]

    def by(self, route: str) -> Attribution:
        """The same speaker, found by another rule: words of another place are not repeated."""
        if self.speaker is None or self.speaker.name is None:
            return NOBODY
        again = Speaker(self.speaker.name, self.speaker.role, None, _ROUTES[route][1])
        return Attribution(again, route, self.person)


NOBODY = Attribution(None, "none")


@dataclass(slots=True)
class Narration:
    """What the writer has told so far: who was named where, who spoke last, what was inside speech."""

    people: People
    body: int  # paragraphs; a text of a higher number is the title, which all of them may explain
    inside: list[list[tuple[int, int]]]  # for each text, the ranges that are somebody's words
    sentences: Mapping[tuple[int, int], tuple[Sentence, int]]  # where each name stands: sentence and token
    roles: dict[Person, str | None] = field(default_factory=dict)
    bodies: dict[str, set[str]] = field(default_factory=dict)  # those that spoke, with nouns that may stand for them
    last: tuple[int, int, Person] | None = None  # text, offset, who spoke

    def role(self, person: Person) -> str | None:
        """The role printed before one of the person's names, or after it between commas."""
        if person not in self.roles:
            at = (self.sentences.get((m.part, m.start)) for m in person.mentions)
            found = (
                _printed_role(place[0], place[1], m, person)
                for m, place in zip(person.mentions, at, strict=True)
                if place
            )
            self.roles[person] = next(filter(None, found), None)
        return self.roles[person]

    def attribution(self, s: Sentence, found: Candidate, place: tuple[int, int]) -> Attribution:
        """Who the phrase is, standing at `place` (number of the text, offset)."""
        written = s.words(found.lo, found.hi)
        if found.mention and not self.people.is_certain(found.mention, found.case):
            return Attribution(Speaker(None, None, written, "stated"), "unnamed")
        if found.mention:
            person = self.people.person(found.mention, (found.case,), found.gender)
            head = next(i for i in range(found.lo, found.hi) if s.tokens[i].start == found.mention.start)
            role = _bare_role(s.nominative(found, head)) or self.role(person)
            return Attribution(Speaker(person.name, role, written, "stated"), "named", person)
        if found.sort == "pronoun":
            return self._pronoun(s, found, written, place)
        if found.sort in ("noun", "unnamed"):
            return self._description(s, found, written, place)
        return self._body(s, found, written)

    def _body(self, s: Sentence, found: Candidate, written: str) -> Attribution:
        """The body that the words name; for a noun alone ("ведомство"), the one of that sort that spoke before."""
        token = s.tokens[found.lo]
        lemmas = [r.lemma for r in readings(token.text) if r.pos == "NOUN"][:1]
        if found.sort == "organisation" and _is_proper(s, found):
            name = s.nominative(found)
            self.bodies[name] = {*lemmas} | (_AUTHORITY if _is_authority(token.text) else set())
            return Attribution(Speaker(name, None, written, "stated"), "organisation")
        known = [name for name, nouns_of in self.bodies.items() if nouns_of & {*lemmas}]
        if len(known) == 1 and found.hi - found.lo == 1:
            return Attribution(Speaker(known[0], None, written, _ROUTES["description"][1]), "description")
        return Attribution(Speaker(None, None, written, "stated"), "unnamed")

    def _pronoun(self, s: Sentence, found: Candidate, written: str, place: tuple[int, int]) -> Attribution:
        """The one person of the gender named so far; else who is near, the last subject, or the last speaker."""
        if written.lower().replace("ё", "е") in ("он", "она", "его", "ее"):
            known = self._named(place, found.gender)
            if len(known) == 1:
                alone = next(iter(known))
                sure = any(m.full or m in self.people.subjects for m in alone.mentions)  # not, perhaps, a town
                return self._meant(alone, written, "only candidate" if sure else "pronoun")
            near = [p for p, text in known.items() if text >= place[0] - 1]
            if len(near) == 1:
                return self._meant(near[0], written, "pronoun")
            before = s.previous.named() if s.previous else set()
            subjects = {self.people.person(m) for m in before if self.people.can_be(m, "nomn", found.gender)}
            if len(subjects) == 1:
                return self._meant(subjects.pop(), written, "pronoun")
            if self.last and self.last[0] >= place[0] - 1 and self.last[2].gender == found.gender:
                rivals = self._named(place, found.gender, self.last[:2]).keys() - {self.last[2]}
                if not rivals:
                    return self._meant(self.last[2], written, "pronoun")
        return Attribution(Speaker(None, None, written), "unresolved")

    def _description(self, s: Sentence, found: Candidate, written: str, place: tuple[int, int]) -> Attribution:
        """The person whose printed role, alone in the article so far, the description fits."""
        words = [t.text.lower() for t in s.tokens[found.lo : found.hi] if t.kind == "word"]
        if len(words) <= 4:
            known = self._named(place, "femn" if found.gender == "femn" else "")
            fitting = [p for p in known if (role := self.role(p)) and _may_mean(words, role)]
            if len(fitting) == 1:
                return self._meant(fitting[0], written, "description")
        return Attribution(Speaker(None, None, written, "stated"), "unnamed")

    def _meant(self, person: Person, written: str, route: str) -> Attribution:
        return Attribution(Speaker(person.name, self.role(person), written, _ROUTES[route][1]), route, person)

    def _named(self, place: tuple[int, int], gender: str, after: tuple[int, int] = (-1, -1)) -> dict[Person, int]:
        """Persons whom the writer, not a speaker, names between two places, each with the last text that does."""
        out: dict[Person, int] = {}
        title = place[0] >= self.body
        for person in self.people.persons:
            for mention in person.mentions if gender in ("", person.gender) else ():
                here = (mention.part, mention.start)
                if mention.part >= self.body or here < after or (here >= place and not title):
                    continue
                if not any(a <= mention.start < b for a, b in self.inside[mention.part]):
                    out[person] = max(out.get(person, 0), mention.part)
        return out


def _printed_role(s: Sentence, at: int, mention: Mention, person: Person) -> str | None:
    for option in nominatives(mention.words):
        if option.text.split()[-1] == person.name.split()[-1]:
            before = Candidate("person", s.role_start(at, option.case), at, case=option.case)
            role = _bare_role(s.nominative(before))
            if role:
                return role
    end = s.end_of(at, mention)
    if end < len(s.tokens) and s.tokens[end].kind == "comma":
        found = s.subject(end + 1, s.boundary(end + 1), ANY)
        if found and (found.lo, found.hi) == (end + 1, s.boundary(end + 1)) and found.sort in ("noun", "unnamed"):
            return s.words(found.lo, found.hi)
    return None


def _is_proper(s: Sentence, found: Candidate) -> bool:
    """Whether the words name the body: a name in marks, an abbreviation, a capital not of the sentence's start."""
    for at in range(found.lo, found.hi):
        token = s.tokens[at]
        if token.kind in ("latin", "name") or s.is_known_body(at):
            return True
        if not token.capital:
            continue
        starts = at == 0 or s.tokens[at - 1].kind in ("stop", "quote", "dash", "colon")
        lemmas = {token.low, *(r.lemma for r in readings(token.text) if r.pos == "NOUN")}
        kinds = {nouns().get(lemma) for lemma in lemmas}
        named = "named" in kinds or token.shouted or _is_unmistakable(token.text)
        if "organisation" in kinds:  # "МИД", not "СМИ"; "Министерство обороны", not "Министерство" alone
            named = found.hi - found.lo > 1 and not token.shouted and "министерство" in lemmas
            starts = starts or found.hi - found.lo == 1 or token.shouted
        if named or not starts:
            return True
    return False


def _is_authority(word: str) -> bool:
    return word.isupper() or is_agency(word) or any("Orgn" in r.tags for r in readings(word)[:1])


def _is_unmistakable(word: str) -> bool:
    """Whether the word is a name whatever its first letter: a place, a body, or in no dictionary."""
    return not in_dictionary(word) or any(r.tags & {"Geox", "Orgn"} for r in readings(word)[:1])


def _bare_role(role: str) -> str | None:
    words = role.split()
    return role.strip() or None if not words or words[0].lower() not in _COURTESY else " ".join(words[1:]) or None


def _may_mean(description: Sequence[str], role: str) -> bool:
    """Whether a description ("дипломат", "министр связи", "глава МИД") fits a role printed in the article."""
    nouns_of = [r for w in description for r in readings(w)[:1] if r.pos == "NOUN"]
    if not nouns_of:
        return False
    head = nouns_of[0].lemma
    have = {r.lemma for w in role.split() for r in readings(w.strip(",«»"))[:1] if r.pos == "NOUN"}
    ministries = {r.lemma for r in nouns_of[1:] if r.lemma == "мид" or ("Orgn" in r.tags and r.lemma.startswith("мин"))}
    if "глава" in have and any(
        "Orgn" in r.tags and r.lemma[:3] in ("мин", "мид") for w in role.split() for r in readings(w)
    ):
        have.add("министр")
    rest = {r.lemma for r in nouns_of[1:]} - _GENERIC - ministries
    if ministries and not have & (ministries | {"министр", "замминистра"}):
        return False
    return bool(described().get(head, frozenset({head})) & have) and rest <= have
