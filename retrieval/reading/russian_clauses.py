"""Who is the subject of a verb of saying in a Russian sentence: noun phrases by case, number and gender, no parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from retrieval.reading.dictionary import Reading, readings
from retrieval.reading.morphology import head_nominative
from retrieval.reading.russian_names import Mention
from retrieval.reading.russian_phrases import BOUNDARIES, MARKS, OPEN_APPOSITION, REACH, Phrases
from retrieval.reading.russian_text import Saying, nouns
from retrieval.reading.russian_words import (
    Sort,
    agrees,
    is_abbreviation,
    is_adjective,
    is_preposition,
    is_verb,
    noun_reading,
    reading_in,
)

_RANK: dict[Sort, int] = {"person": 5, "pronoun": 4, "unnamed": 3, "noun": 3, "organisation": 2, "writing": 1}
_PRONOUNS = {"он": "masc", "она": "femn", "они": "", "я": "", "мы": "", "оно": "neut"}
_SOME = frozenset(
    """один одна некоторые многие другие большинство часть ряд кто-то двое трое четверо пятеро шестеро семеро несколько
    десятки сотни тысячи""".split()
)
SUBORDINATORS = frozenset(
    """что чтобы который которая которое которые которого которой которых которому которым когда если как поскольку
    хотя где куда откуда пока будто потому причем словно""".split()
)
_ROMAN = re.compile(r"[IVX]+\Z")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that may be the speaker: tokens `lo` to `hi` of its sentence."""

    sort: Sort
    lo: int
    hi: int
    gender: str = ""
    case: str = "nomn"
    mention: Mention | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sentence(Phrases):
    """A sentence as clauses: who is the subject in them."""

    previous: Sentence | None = None  # the one before in the same paragraph

    def subject(self, lo: int, hi: int, saying: Saying) -> Candidate | None:
        """The best nominative that agrees with the verb: persons first, then pronouns, people, organisations."""
        best: Candidate | None = None
        at = lo
        while at < hi:
            found = self._candidate(lo, at, hi, "nomn", saying)
            if found and (best is None or _RANK[found.sort] > _RANK[best.sort]):
                best = found
            at = max(found.hi, at + 1) if found else at + 1
        return best

    def in_case(self, lo: int, hi: int, case: str) -> Candidate | None:
        """The phrase that begins at `lo` in the case: after "по словам" (genitive) or "в" (locative)."""
        at = lo
        while at < hi and self.tokens[at].kind == "word" and not self.begins(at, case):
            if not reading_in(self.tokens[at], case, "ADJF", "PRTF", "NPRO"):
                return None
            at += 1
        return self._candidate(lo, at, hi, case, None) if at < hi else None

    def subject_before(self, verb: int, saying: Saying) -> Candidate | None:
        """The subject in the verb's clause, else in the nearest clause before it that is not subordinate."""
        end = verb
        while end > max(0, verb - 2 * REACH):
            start = self.clause(end - 1)[0] if self.tokens[end - 1].kind not in BOUNDARIES else end
            if end == verb or not self._subordinate(start, end):
                found = self.subject(start, end, saying)
                if found:
                    return self._apposed_to(found, start) or found
            end = start - 1
        return None

    def subject_around(self, lo: int, verb: int, saying: Saying) -> Candidate | None:
        """The subject that only what is inserted after it parts from the verb, whose clause begins at `lo`.

        It opens its clause, or ", сказал X" would follow what X says: ``Матч пропустит вратарь, перенёсший травму``.
        """
        if lo < 2 or self.tokens[lo - 1].kind != "comma":
            return None
        found = self.subject_before(verb, saying)
        if found is None or found.sort in ("organisation", "writing"):
            return None
        start, end = self.clause(found.lo)
        if end >= lo - 1 or any(is_verb(t) for t in self.tokens[start : found.lo]):
            return None
        if start and self.tokens[start - 1].kind == "dash":
            return None  # "Новый тренер — Иван Громов, чемпион мира, сообщил X"
        while end < lo - 1:  # each clause between them must be an insertion
            start, end = end + 1, self.boundary(end + 1)
            if not self._subordinate(start, end) and any(is_verb(t) for t in self.tokens[start:end]):
                return None
        return found

    def nominative(self, candidate: Candidate, hi: int | None = None) -> str:
        """The phrase, up to token `hi`, with its head in the nominative and the rest as written."""
        words = self.tokens[candidate.lo : candidate.hi if hi is None else hi]
        if not words:
            return ""
        if len(words) == 1 and words[0].kind == "name":
            return " ".join(head_nominative(words[0].text.strip(MARKS).split(), candidate.case))
        if candidate.case == "nomn":
            return self.text[words[0].start : words[-1].end]
        out, at = "", words[0].start
        straight = head_nominative([t.text for t in words], candidate.case)
        for token, word in zip(words, straight, strict=True):
            out += self.text[at : token.start] + word
            at = token.end
        return out

    def _candidate(self, lo: int, at: int, hi: int, case: str, saying: Saying | None) -> Candidate | None:
        if saying is None or saying.plural:
            first = self._one(lo, at, hi, case, None)
            both = first and self._joined(first, case)
            if both:
                return both
        return self._one(lo, at, hi, case, saying)

    def _joined(self, first: Candidate, case: str) -> Candidate | None:
        """``Иванов и Петров``, ``МИД и Минобороны``: several that speak as one, none of whom is named alone."""
        at = first.hi
        if first.sort in ("pronoun", "writing") or at + 1 >= len(self.tokens):
            return None
        listed = self.tokens[at].kind == "comma" and first.mention and self.tokens[at + 1].start in self.mentions
        if self.tokens[at].low != "и" and not listed:
            return None
        rest = self.in_case(at + 1, len(self.tokens), case)
        if rest is None or rest.sort in ("pronoun", "writing"):
            return None
        if listed and not any(t.low == "и" for t in self.tokens[rest.lo : rest.hi]):
            return None
        return Candidate("unnamed", self._list_start(first), rest.hi, "", case)

    def _list_start(self, first: Candidate) -> int:
        """Where the names before the first begin: ``Лавров, Шойгу и Песков``, of which the last two share a clause."""
        lo = first.lo
        while first.mention and lo > 1 and self.tokens[lo - 1].kind == "comma":
            names = ((at, self.mentions.get(self.tokens[at].start)) for at in range(lo - 2, max(-1, lo - 6), -1))
            name = next(((at, m) for at, m in names if m and self.end_of(at, m) == lo - 1), None)
            if name is None or not self.may_stand(name[1], first.case):
                break
            lo = self.role_start(name[0], first.case)
        return lo

    def _one(self, lo: int, at: int, hi: int, case: str, saying: Saying | None) -> Candidate | None:
        token = self.tokens[at]
        if case == "nomn" and at and is_preposition(self.tokens[at - 1]):
            return None
        gender = saying.gender if saying else ""
        plural = saying is not None and saying.plural
        mention = self.mentions.get(token.start)
        if mention and self._belongs(at, case, saying):
            return None
        if mention and not plural and self.may_stand(mention, case, gender):
            start = max(lo, self.role_start(at, case))
            end = self.end_of(at, mention)
            if end < len(self.tokens) and _ROMAN.match(self.tokens[end].text):
                end += 1  # "Карл III"
            return Candidate("person", start, end, gender, case, mention)
        if token.kind == "latin" and token.text[0].isupper() and not plural:
            end = at + 1
            while end < hi and self.tokens[end].kind == "latin":
                end += 1
            return Candidate("organisation", at, end, case=case)
        if token.kind == "name" and not plural and self.names_body(at, case):
            return Candidate("organisation", at, at + 1, case=case)
        if token.kind != "word":
            return None
        if case == "nomn" and token.low in _PRONOUNS:
            return _pronoun(token.low, at, saying)
        if saying is not None and saying.first_person:
            return None
        if token.low in _SOME and reading_in(token, case, "ADJF", "NPRO", "NOUN", "NUMR"):
            noun = next((i for i in range(at + 1, min(at + 4, hi)) if noun_reading(self.tokens[i], case)), None)
            of = next((r for t in self.tokens[at + 1 : min(at + 4, hi)] if (r := noun_reading(t, "gent"))), None)
            if of and "anim" not in of.tags and not nouns().get(of.lemma):
                return None  # "несколько недель"
            if noun is None or any(not reading_in(t, case, "ADJF", "PRTF") for t in self.tokens[at + 1 : noun]):
                return Candidate("unnamed", at, self.of_whom(at + 1, hi), gender, case)  # "один из ректоров"
            found = self._candidate(noun, noun, hi, case, saying)  # "один знакомый физик"
            return replace(found, lo=at) if found and not found.mention else found
        reading = noun_reading(token, case)
        if reading is None and is_abbreviation(token) and not plural:
            return Candidate("organisation", at, self.extended(at + 1, hi), "", case)
        sort = self.sort_at(at, reading) if reading else None
        if reading is None or sort is None or (saying is not None and not agrees(reading, saying, sort)):
            return None
        if at + 1 < hi and (self.is_known_body(at + 1) or self.describes(at, case)):
            return None  # "Красный Крест", "Военный комиссар": the noun is still to come
        place = sort == "organisation" and "Geox" in reading.tags
        if place and at + 1 < hi and self.tokens[at + 1].start in self.mentions:
            return None  # "Маи Санду": no city
        return self._phrase(lo, at, hi, reading, sort, case, gender)

    def _phrase(self, lo: int, at: int, hi: int, reading: Reading, sort: Sort, case: str, gender: str) -> Candidate:
        """The noun and what belongs to it; a person's, where a name in its case follows: ``посол Чили Иван Орлов``."""
        person = sort not in ("writing", "organisation")
        end = self.extended(at + 1, hi, reading.lemma if person else None, case)
        number = "plur" if "plur" in reading.tags else "sing"
        if number == "plur" and end < hi and reading_in(self.tokens[end], case, "NOUN", tag="Surn"):
            end += 1  # "супруги Ивановы"
        start = at
        while start > lo and is_adjective(self.tokens[start - 1], case, number):
            start -= 1
        named = self.mentions.get(self.tokens[end].start) if end < hi else None
        if named and gender and not self.may_stand(named, case, gender) and self.people.can_be(named, "gent"):
            end = self.end_of(end, named)  # "адвокат Иванова сообщил"
        elif named and person and self.may_stand(named, case):
            if number == "plur":
                return Candidate("unnamed", start, self.end_of(end, named), "", case)
            return Candidate("person", start, self.end_of(end, named), "", case, named)
        end = self.apposition(end) if sort == "unnamed" else end
        return Candidate(sort, start, end, next((g for g in ("masc", "femn") if g in reading.tags), ""), case)

    def _belongs(self, at: int, case: str, saying: Saying | None) -> bool:
        """Whether a name is the genitive of the thing before it, the verb's subject: ``Гипотеза Брокара гласит``."""
        if case != "nomn" or saying is None or not at or self.mentions[self.tokens[at].start].full:
            return False
        reading = next((r for r in readings(self.tokens[at - 1].text)[:1] if r.pos == "NOUN"), None)
        if reading is None or "anim" in reading.tags or not {case, "sing"} <= reading.tags:
            return False
        agrees = saying.gender in ("", *reading.tags) and not (at > 1 and is_preposition(self.tokens[at - 2]))
        return agrees and self.people.can_be(self.mentions[self.tokens[at].start], "gent")

    def _subordinate(self, start: int, end: int) -> bool:
        lead = self.tokens[start : min(start + 3, end)]
        return (
            any(t.low in SUBORDINATORS for t in lead[:2])
            or any(t.low in OPEN_APPOSITION for t in lead[:1])
            or any((r := readings(t.text)) and r[0].pos in ("PRTF", "GRND") for t in lead if t.kind == "word")
        )

    def _apposed_to(self, found: Candidate, start: int) -> Candidate | None:
        """The name before the comma, where `found` only describes it: ``Глеб Рева, автор трёх романов, сказал``."""
        if found.sort not in ("noun", "unnamed") or found.lo != start or start < 2:
            return None
        if self.tokens[start - 1].kind != "comma":
            return None
        for at in range(start - 2, max(-1, start - 6), -1):
            mention = self.mentions.get(self.tokens[at].start)
            if mention and self.end_of(at, mention) == start - 1 and self.people.can_be(mention, "nomn"):
                return Candidate("person", self.role_start(at, "nomn"), start - 1, "", "nomn", mention)
        return None


def _pronoun(low: str, at: int, saying: Saying | None) -> Candidate | None:
    sex = _PRONOUNS[low]
    plural, gender = (saying.plural, saying.gender) if saying else (False, "")
    if plural != (low in ("они", "мы")) or (gender and sex not in ("", gender)):
        return None
    if saying is not None and saying.first_person and low not in ("я", "мы"):
        return None
    return Candidate("pronoun", at, at + 1, sex or gender)
