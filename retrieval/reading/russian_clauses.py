"""Who is the subject of a verb of saying in a Russian sentence: noun phrases by case, number and gender, no parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from retrieval.reading.morphology import Reading, head_nominative, readings
from retrieval.reading.russian_people import Mention, People
from retrieval.reading.russian_text import Saying, Token, is_agency, nouns

Sort = Literal["person", "pronoun", "noun", "organisation", "writing", "unnamed"]
_RANK: dict[Sort, int] = {"person": 5, "pronoun": 4, "unnamed": 3, "noun": 3, "organisation": 2, "writing": 1}
BOUNDARIES = frozenset({"comma", "dash", "colon", "quote", "stop"})
_PRONOUNS = {"он": "masc", "она": "femn", "они": "", "я": "", "мы": "", "оно": "neut"}
_SOME = frozenset("один одна некоторые многие другие большинство часть ряд кто-то".split())
SUBORDINATORS = frozenset(
    """что чтобы который которая которое которые которого которой которых которому которым когда если как поскольку
    хотя где куда откуда пока будто потому причем словно""".split()
)
# What follows an unnamed speaker after a comma and belongs to them: "источник, близкий к переговорам".
_OPEN_APPOSITION = frozenset(
    """близкий близкая близкие знакомый знакомая знакомые осведомленный осведомленная пожелавший пожелавшая попросивший
    попросившая участвующий участвовавший работающий присутствовавший просивший""".split()
)
_REACH = 60  # tokens: no clause is longer, hostile text is


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
class Sentence:
    """The tokens of a sentence (or of a piece of speech), with the names that stand in its text by their offset."""

    tokens: Sequence[Token]
    text: str
    people: People
    mentions: Mapping[int, Mention]
    previous: Sentence | None = None  # the one before in the same paragraph

    def named(self) -> set[Mention]:
        """The names that stand in the sentence outside quotations."""
        return {self.mentions[t.start] for t in self.tokens if t.start in self.mentions}

    def clause(self, at: int) -> tuple[int, int]:
        """The tokens around `at` between commas, dashes, colons, quotations and stops."""
        lo, hi = at, at + 1
        while lo > max(0, at - _REACH) and self.tokens[lo - 1].kind not in BOUNDARIES:
            lo -= 1
        return lo, self.boundary(hi, at + _REACH)

    def boundary(self, at: int, limit: int | None = None) -> int:
        """The first comma, dash, colon, quotation or stop from `at` on; the sentence's end when there is none."""
        end = len(self.tokens) if limit is None else min(limit, len(self.tokens))
        while at < end and self.tokens[at].kind not in BOUNDARIES:
            at += 1
        return at

    def words(self, lo: int, hi: int) -> str:
        return self.text[self.tokens[lo].start : self.tokens[hi - 1].end]

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
        while at < hi and self.tokens[at].kind == "word" and not self._begins(at, case):
            if not _reading(self.tokens[at], case, "ADJF", "PRTF", "NPRO"):
                return None
            at += 1
        return self._candidate(lo, at, hi, case, None) if at < hi else None

    def subject_before(self, verb: int, saying: Saying) -> Candidate | None:
        """The subject in the verb's clause, else in the nearest clause before it that is not subordinate."""
        end = verb
        while end > max(0, verb - 2 * _REACH):
            start = self.clause(end - 1)[0] if self.tokens[end - 1].kind not in BOUNDARIES else end
            if end == verb or not self._subordinate(start, end):
                found = self.subject(start, end, saying)
                if found:
                    return self._apposed_to(found, start) or found
            end = start - 1
        return None

    def nominative(self, candidate: Candidate, hi: int | None = None) -> str:
        """The phrase, up to token `hi`, with its head in the nominative and the rest as written."""
        words = self.tokens[candidate.lo : candidate.hi if hi is None else hi]
        if not words:
            return ""
        if candidate.case == "nomn":
            return self.text[words[0].start : words[-1].end]
        out, at = "", words[0].start
        straight = head_nominative([t.text for t in words], candidate.case)
        for token, word in zip(words, straight, strict=True):
            out += self.text[at : token.start] + word
            at = token.end
        return out

    def role_start(self, at: int, case: str) -> int:
        """Where the role before the name at `at` begins, or `at` when none stands: ``заместитель министра связи``."""
        first = at
        for start in range(at - 1, max(-1, at - 15), -1):
            token = self.tokens[start]
            if token.kind not in ("word", "latin", "name", "number") or _is_verb(token):
                break
            if token.kind != "word":
                continue
            reading = _noun_reading(token, case)
            noun = reading and _sort(token, reading) in ("noun", "unnamed") and not reading.tags & {"Surn", "Patr"}
            if noun or (first < at and start == first - 1 and _reading(token, case, "ADJF", "PRTF")):
                first = start
        return first

    def end_of(self, at: int, mention: Mention) -> int:
        while at < len(self.tokens) and self.tokens[at].start < mention.end:
            at += 1
        return at

    def _candidate(self, lo: int, at: int, hi: int, case: str, saying: Saying | None) -> Candidate | None:
        token = self.tokens[at]
        if case == "nomn" and at and _is_preposition(self.tokens[at - 1]):
            return None
        gender = saying.gender if saying else ""
        plural = saying is not None and saying.plural
        mention = self.mentions.get(token.start)
        if mention and not plural and self._may_stand(mention, case, gender):
            start = max(lo, self.role_start(at, case))
            return Candidate("person", start, self.end_of(at, mention), gender, case, mention)
        if token.kind == "latin" and token.text[0].isupper() and not plural:
            end = at + 1
            while end < hi and self.tokens[end].kind == "latin":
                end += 1
            return Candidate("organisation", at, end, case=case)
        if token.kind != "word":
            return None
        if case == "nomn" and token.low in _PRONOUNS:
            return _pronoun(token.low, at, saying)
        if saying is not None and saying.first_person:
            return None
        if token.low in _SOME and _reading(token, case, "ADJF", "NPRO", "NOUN", "NUMR"):
            noun = next((i for i in range(at + 1, min(at + 4, hi)) if _noun_reading(self.tokens[i], case)), None)
            if noun is None or any(not _reading(t, case, "ADJF", "PRTF") for t in self.tokens[at + 1 : noun]):
                return Candidate("unnamed", at, self._extend(at + 1, hi), gender, case)  # "один из ректоров"
            found = self._candidate(noun, noun, hi, case, saying)  # "один знакомый физик"
            return replace(found, lo=at) if found and not found.mention else found
        reading = _noun_reading(token, case)
        sort = _sort(token, reading) if reading else None
        if reading is None or sort is None or (saying is not None and not _agrees(reading, saying, sort)):
            return None
        return self._phrase(lo, at, hi, reading, sort, case)

    def _phrase(self, lo: int, at: int, hi: int, reading: Reading, sort: Sort, case: str) -> Candidate:
        """The noun and what belongs to it; a person's, where a name in its case follows: ``посол Чили Иван Орлов``."""
        end = self._extend(at + 1, hi)
        number = "plur" if "plur" in reading.tags else "sing"
        start = at
        while start > lo and _adjective(self.tokens[start - 1], case, number):
            start -= 1
        named = self.mentions.get(self.tokens[end].start) if end < hi else None
        if named and sort not in ("writing", "organisation") and self._may_stand(named, case):
            return Candidate("person", start, self.end_of(end, named), "", case, named)
        more = self.tokens[end : end + 2]
        if sort == "unnamed" and len(more) == 2 and more[0].kind == "comma" and more[1].low in _OPEN_APPOSITION:
            end = self.boundary(end + 2, end + _REACH)
        return Candidate(sort, start, end, next((g for g in ("masc", "femn") if g in reading.tags), ""), case)

    def _may_stand(self, mention: Mention, case: str, gender: str = "") -> bool:
        """Whether a name is in the case; where the words before ask for it ("по словам Вольф"), it is taken to be."""
        return case not in ("nomn", "accs") or self.people.can_be(mention, case, gender)

    def _begins(self, at: int, case: str) -> bool:
        return self.tokens[at].start in self.mentions or _noun_reading(self.tokens[at], case) is not None

    def _extend(self, at: int, hi: int) -> int:
        """Where a noun's dependants end: genitives, titles in marks, abbreviations, places after a preposition."""
        while at < hi:
            token = self.tokens[at]
            mention = self.mentions.get(token.start)
            if mention and (mention.full or _reading(token, "nomn", "NOUN", "ADJF") or not readings(token.text)):
                break  # an apposition; a bare genitive ("адвокат Орлова") belongs to the noun
            if token.kind in ("name", "latin", "number") or token.shouted or _genitive(token):
                at += 1
            elif token.low == "и" and at + 1 < hi and _genitive(self.tokens[at - 1]) and _genitive(self.tokens[at + 1]):
                at += 2
            elif token.kind == "word" and (end := self._after_preposition(at, hi)) > at:
                at = end
            else:
                break
        return at

    def _after_preposition(self, at: int, hi: int) -> int:
        """Past what narrows a role ("в США", "по делам молодёжи"); `at` for what does not ("в среду")."""
        preposition, end = self.tokens[at].low, at + 1
        cases = _PREPOSITIONS.get(preposition)
        if cases is None or end >= hi:
            return at
        object_ = self.tokens[end]
        if preposition in ("в", "во", "на", "из") and not (object_.capital or object_.kind in ("latin", "name")):
            reading = next((r for case in cases if (r := _noun_reading(object_, case))), None)
            if reading is None or _sort(object_, reading) != "organisation":
                return at
        if preposition == "по" and object_.low in _NOT_ROLES:
            return at
        while end < hi and self.tokens[end].kind in ("word", "latin", "name") and not _is_verb(self.tokens[end]):
            token = self.tokens[end]
            noun = any(_reading(token, case, "NOUN") for case in cases)
            if not (noun or token.shouted or token.kind != "word" or any(_reading(token, c, "ADJF") for c in cases)):
                break
            end += 1
            if noun or token.shouted or token.kind != "word":
                return end
        return at

    def _subordinate(self, start: int, end: int) -> bool:
        lead = self.tokens[start : min(start + 3, end)]
        return (
            any(t.low in SUBORDINATORS for t in lead[:2])
            or any(t.low in _OPEN_APPOSITION for t in lead[:1])
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


_PREPOSITIONS = {
    "в": ("loct", "accs"),
    "во": ("loct",),
    "на": ("loct",),
    "при": ("loct",),
    "из": ("gent",),
    "от": ("gent",),
    "по": ("datv",),
}
_NOT_ROLES = frozenset("словам мнению данным информации итогам телефону поводу сведениям оценке оценкам".split())


def _pronoun(low: str, at: int, saying: Saying | None) -> Candidate | None:
    sex = _PRONOUNS[low]
    plural, gender = (saying.plural, saying.gender) if saying else (False, "")
    if plural != (low in ("они", "мы")) or (gender and sex not in ("", gender)):
        return None
    if saying is not None and saying.first_person and low not in ("я", "мы"):
        return None
    return Candidate("pronoun", at, at + 1, sex or gender)


def _sort(token: Token, reading: Reading) -> Sort | None:
    """What kind of speaker the noun can be; none for things."""
    if reading.tags & {"Name", "Surn", "Patr"}:
        return None
    lemma = reading.lemma.replace("ё", "е")
    known = nouns().get(lemma) or (nouns().get(lemma.rsplit("-", 1)[1]) if "-" in lemma else None)
    if known in ("organisation", "named") or (
        known is None and ("Orgn" in reading.tags or token.shouted or is_agency(token.text))
    ):
        return "organisation"
    if known == "writing":
        return "writing"
    if known == "unnamed":
        return "unnamed"
    return "noun" if known == "person" or "anim" in reading.tags else None


def _agrees(reading: Reading, saying: Saying, sort: Sort) -> bool:
    if ("plur" in reading.tags) != saying.plural:
        return False
    if saying.plural or not saying.gender or reading.tags & {saying.gender, "ms-f"}:
        return True
    # A role stays masculine for a woman ("министр заявила"); abbreviations take the gender of what they shorten.
    if sort in ("noun", "unnamed"):
        return "masc" in reading.tags and saying.gender == "femn"
    return bool(reading.tags & {"Abbr", "Fixd"})


def _reading(token: Token, case: str, *parts: str) -> Reading | None:
    found = readings(token.text) if token.kind == "word" else ()
    if found and found[0].pos in ("PREP", "CONJ", "PRCL"):
        return None
    return next((r for r in found if r.pos in parts and case in r.tags), None)


@lru_cache(maxsize=1 << 14)
def _noun_in(word: str, case: str) -> Reading | None:
    shouted = word.isupper() and len(word) > 1
    found = [r for r in readings(word) if r.pos == "NOUN" and case in r.tags]
    found = [r for r in found if r.score >= 0.1 or "Fixd" in r.tags or shouted]
    if any(r.lemma in nouns() for r in readings(word)):
        found = [r for r in found if r.lemma in nouns()]
    return min(found, key=lambda r: ("anim" not in r.tags, -r.score), default=None)


def _noun_reading(token: Token, case: str) -> Reading | None:
    """The likeliest reading as a noun in the case, a living being's first."""
    return _noun_in(token.text, case) if token.kind == "word" else None


def _adjective(token: Token, case: str, number: str) -> bool:
    return token.kind == "word" and any(
        r.pos in ("ADJF", "PRTF") and {case, number} <= r.tags and "Apro" not in r.tags for r in readings(token.text)
    )


def _genitive(token: Token) -> bool:
    return bool(_reading(token, "gent", "NOUN", "ADJF", "PRTF", "NUMR")) and not _is_verb(token)


def _is_preposition(token: Token) -> bool:
    return token.kind == "word" and [r.pos for r in readings(token.text)[:1]] == ["PREP"]


def _is_verb(token: Token) -> bool:
    found = readings(token.text) if token.kind == "word" else ()
    return bool(found) and found[0].pos in ("VERB", "INFN", "GRND", "PRTS")
