"""How far a Russian noun phrase reaches, and what its nouns and names can be: by case, number and gender, no parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.reading.dictionary import Reading, readings
from retrieval.reading.russian_names import Mention
from retrieval.reading.russian_people import People
from retrieval.reading.russian_text import Token, known_bodies, nouns, titles
from retrieval.reading.russian_words import (
    Sort,
    is_abbreviation,
    is_adjective,
    is_genitive,
    is_verb,
    noun_reading,
    reading_in,
    sort_of,
)

MARKS = "«»„“”\"'‘’ "
BOUNDARIES = frozenset({"comma", "dash", "colon", "quote", "stop"})
# What follows an unnamed speaker after a comma and belongs to them: "источник, близкий к переговорам".
OPEN_APPOSITION = frozenset(
    """близкий близкая близкие знакомый знакомая знакомые осведомленный осведомленная пожелавший пожелавшая попросивший
    попросившая участвующий участвовавший работающий присутствовавший просивший""".split()
)
REACH = 60  # tokens: no clause is longer, hostile text is
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


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """The tokens of a sentence (or of a piece of speech), with the names that stand in its text by their offset."""

    tokens: Sequence[Token]
    text: str
    people: People
    mentions: Mapping[int, Mention]

    def named(self) -> set[Mention]:
        """The names that stand in the sentence outside quotations."""
        return {self.mentions[t.start] for t in self.tokens if t.start in self.mentions}

    def clause(self, at: int) -> tuple[int, int]:
        """The tokens around `at` between commas, dashes, colons, quotations and stops."""
        lo, hi = at, at + 1
        while lo > max(0, at - REACH) and self.tokens[lo - 1].kind not in BOUNDARIES:
            lo -= 1
        return lo, self.boundary(hi, at + REACH)

    def boundary(self, at: int, limit: int | None = None) -> int:
        """The first comma, dash, colon, quotation or stop from `at` on; the sentence's end when there is none."""
        end = len(self.tokens) if limit is None else min(limit, len(self.tokens))
        while at < end and self.tokens[at].kind not in BOUNDARIES:
            at += 1
        return at

    def words(self, lo: int, hi: int) -> str:
        return self.text[self.tokens[lo].start : self.tokens[hi - 1].end]

    def role_start(self, at: int, case: str) -> int:
        """Where the role before the name at `at` begins, or `at` when none stands: ``заместитель министра связи``."""
        first = at
        for start in range(at - 1, max(-1, at - 15), -1):
            token = self.tokens[start]
            if token.kind not in ("word", "latin", "name", "number") or is_verb(token):
                break
            if token.kind != "word":
                continue
            reading = noun_reading(token, case)
            noun = reading and sort_of(token, reading) in ("noun", "unnamed")
            if noun or (first < at and start == first - 1 and reading_in(token, case, "ADJF", "PRTF")):
                first = start
        return first

    def end_of(self, at: int, mention: Mention) -> int:
        while at < len(self.tokens) and self.tokens[at].start < mention.end:
            at += 1
        return at

    def of_whom(self, at: int, hi: int) -> int:
        """Where ``… из ректоров, пожелавший …`` ends."""
        end = self.extended(at, hi)
        if end < hi and self.tokens[end].low == "из":
            end += 1
            while end < hi and is_genitive(self.tokens[end]):
                end += 1
        return self.apposition(end)

    def apposition(self, end: int) -> int:
        """Past what follows an unnamed speaker after a comma: ``, близкий к переговорам``."""
        more = self.tokens[end : end + 2]
        if len(more) == 2 and more[0].kind == "comma" and more[1].low in OPEN_APPOSITION:
            return self.boundary(end + 2, end + REACH)
        return end

    def may_stand(self, mention: Mention, case: str, gender: str = "") -> bool:
        """Whether a name is in the case; where the words before ask for it ("по словам Вольф"), it is taken to be."""
        return case not in ("nomn", "accs") or self.people.can_be(mention, case, gender)

    def describes(self, at: int, case: str) -> bool:
        """Whether the word, which may be a noun, is the adjective of the noun after it."""
        noun = noun_reading(self.tokens[at + 1], case)
        number = "plur" if noun and "plur" in noun.tags else "sing"
        if noun is None or not self.sort_at(at + 1, noun) or not is_adjective(self.tokens[at], case, number):
            return False
        return number == "plur" or any(
            r.pos == "ADJF" and {case, *(noun.tags & {"masc", "femn"})} <= r.tags
            for r in readings(self.tokens[at].text)
        )

    def begins(self, at: int, case: str) -> bool:
        token = self.tokens[at]
        return token.start in self.mentions or noun_reading(token, case) is not None or is_abbreviation(token)

    def sort_at(self, at: int, reading: Reading) -> Sort | None:
        """What kind of speaker the noun can be; none for things."""
        return "organisation" if self.is_known_body(at) else sort_of(self.tokens[at], reading)

    def is_known_body(self, at: int) -> bool:
        """Whether the noun and the adjective before it are a body's name: Белый дом."""
        if not at or not self.tokens[at - 1].capital:
            return False
        adjectives = {r.lemma for r in readings(self.tokens[at - 1].text) if r.pos == "ADJF"}
        nouns_of = {r.lemma for r in readings(self.tokens[at].text) if r.pos == "NOUN"}
        return any(f"{adjective}_{noun}" in known_bodies() for adjective in adjectives for noun in nouns_of)

    def names_body(self, at: int, case: str) -> bool:
        """Whether the name in marks can be a body in the case: of its own, not what a noun before it is called."""
        before = readings(self.tokens[at - 1].text)[:1] if at and self.tokens[at - 1].kind == "word" else ()
        if at and (self.tokens[at - 1].kind == "latin" or any(r.pos in ("NOUN", "ADJF", "PRTF") for r in before)):
            return False
        words = self.tokens[at].text.strip(MARKS).split()
        nouns_of = [r for word in words for r in readings(word)[:1] if r.pos == "NOUN"]
        return not nouns_of or any(case in r.tags for word in words for r in readings(word))

    def _apposed(self, mention: Mention, head: str | None, case: str) -> bool:
        """Whether the name after a noun is its bearer's ("канцлера Штольца"), not one that depends on it."""
        dependent = self.people.can_be(mention, "gent")
        if head in titles("title"):
            return True
        if head is None and dependent:
            return False
        if dependent and head in titles("kin") and (case == "gent" or not mention.full):
            return False
        if (
            dependent
            and not mention.full
            and (head in titles("of") or (case != "nomn" and nouns().get(head or "") == "unnamed"))
        ):
            return False
        return not dependent or case != "nomn" or self.people.can_be(mention, "nomn")

    def extended(self, at: int, hi: int, head: str | None = "", case: str = "nomn") -> int:
        """Where a noun's dependants end: genitives, titles in marks, abbreviations, places after a preposition.

        `head`: the noun in its dictionary form; none for bodies and writings, nobody's titles. `case`: its own.
        """
        first = at
        while at < hi:
            token = self.tokens[at]
            mention = self.mentions.get(token.start)
            if mention and self._apposed(mention, head, case):
                break
            if mention and self.people.can_be(mention, "gent"):
                at = self.end_of(at, mention)
            elif token.kind in ("name", "latin", "number") or token.shouted or is_genitive(token):
                at += 1
            elif (
                token.low == "и" and first < at < hi - 1 and is_genitive(self.tokens[at - 1]) and self._depends(at + 1)
            ):
                at += 2
            elif token.kind == "word" and (end := self._after_preposition(at, hi)) > at:
                at = end
            else:
                break
        return at

    def _depends(self, at: int) -> bool:
        return is_genitive(self.tokens[at]) and not is_abbreviation(self.tokens[at])

    def _after_preposition(self, at: int, hi: int) -> int:
        """Past what narrows a role ("в США", "по делам молодёжи"); `at` for what does not ("в среду")."""
        preposition, end = self.tokens[at].low, at + 1
        cases = _PREPOSITIONS.get(preposition)
        if cases is None or end >= hi:
            return at
        object_ = self.tokens[end]
        if preposition in ("в", "во", "на", "из") and not (object_.capital or object_.kind in ("latin", "name")):
            reading = next((r for case in cases if (r := noun_reading(object_, case))), None)
            if reading is None or self.sort_at(end, reading) != "organisation":
                return at
        if preposition == "по" and object_.low in _NOT_ROLES:
            return at
        while end < hi and self.tokens[end].kind in ("word", "latin", "name") and not is_verb(self.tokens[end]):
            token = self.tokens[end]
            noun = any(reading_in(token, case, "NOUN") for case in cases)
            if not (noun or token.shouted or token.kind != "word" or any(reading_in(token, c, "ADJF") for c in cases)):
                break
            end += 1
            if noun or token.shouted or token.kind != "word":
                return end
        return at
