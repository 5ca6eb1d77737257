"""Who is named in a Russian article: mentions in any case, brought together to persons with full nominative names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from retrieval.reading.dictionary import in_dictionary, readings
from retrieval.reading.morphology import CASES, Nominative, nominatives
from retrieval.reading.russian_names import SMALL_WORD, Mention, key_of, mentions, word_before
from retrieval.reading.russian_text import titles


@dataclass(eq=False, slots=True)
class Person:
    """One person of the article; `name` is the fullest form in it, nominative."""

    name: str
    gender: str  # masc or femn
    mentions: list[Mention] = field(default_factory=list)

    @property
    def surname(self) -> str:
        return key_of(self.name.split()[-1])


class People:
    """The persons named in some texts (paragraphs, or a title), numbered as given."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        found = [m for part, text in enumerate(texts) for m in mentions(part, text)]
        sure = (m for m in found if m.full or (m.sure and not m.common))
        surnames = {key_of(o.text.split()[-1]) for m in sure for o in nominatives(m.words)[:1]}
        begin = {surname[:3] for surname in surnames}
        self.subjects: set[Mention] = set()  # those which a verb beside them shows in the nominative
        self.mentions = [
            m
            for m in found
            if not m.common
            or (key_of(m.words[:3]) in begin and any(key_of(o.text) in surnames for o in nominatives(m.words)))
            or self._has_title(m)
        ]
        self.persons: list[Person] = []
        self._by_prefix: dict[str, list[Person]] = defaultdict(list)  # of each name's first and last word
        self._votes: dict[tuple[str, str], float] = defaultdict(float)
        options = {m: self._weighed(m) for m in self.mentions if m.full or m.sure}
        for weighed in options.values():
            total = sum(o.score for o in weighed) or 1.0
            for option in weighed:
                self._votes[key_of(option.text), option.gender] += option.score / total
        for mention in sorted(options, key=lambda m: (not m.full, -len(m.words.split()))):
            self._place(mention, options[mention])

    def _has_title(self, mention: Mention) -> bool:
        """Whether an ordinary word is a name by its title in the same case: ``президент Франции Макрон``."""
        text = self.texts[mention.part]
        if not text[max(0, mention.start - 2) : mention.start - 1].isalpha():
            return False
        before = _TITLE_BEFORE.search(text, max(0, mention.start - 60), mention.start)
        if before is None:
            return False
        title = {c for r in readings(before[1]) if r.lemma in titles("title") and "sing" in r.tags for c in r.tags}
        found = [r.tags for r in readings(mention.words) if title and r.pos == "NOUN" and "sing" in r.tags]
        # In other cases a thing may be what the title is of: "министра Обороны".
        return any({"nomn"} <= tags & title or tags & title >= {"anim", "masc", "gent"} for tags in found)

    def _weighed(self, mention: Mention) -> tuple[Nominative, ...]:
        """The readings of the mention that the word before it and the verb beside it allow."""
        text = self.texts[mention.part]
        before, follows = word_before(text, mention.start), SMALL_WORD.match(text, mention.end)
        after = follows[1] if follows else ""
        found = nominatives(mention.words, _cases_after(before))
        verbs = [w for w in (before, after) if _VERBAL.search(w)]
        genders = {g for w in verbs for r in readings(w)[:1] if r.pos == "VERB" for g in _GENDERS & r.tags}
        told = not genders and any({"VERB", "3per", "sing"} <= {r.pos, *r.tags} for w in verbs for r in readings(w)[:1])
        if len(genders) == 1 or (told and verbs == [after] and _cases_after(before) == CASES):
            fitting = nominatives(mention.words, ("nomn",))
            fitting = tuple(o for o in fitting if o.gender in (genders or _GENDERS) and o.score > 0.002)
            if fitting:
                self.subjects.add(mention)
                found = fitting
        return tuple(o for o in found[:4] if o.score > 0.01 * found[0].score)

    def _place(self, mention: Mention, options: Sequence[Nominative]) -> None:
        person = self._known(mention, options)
        if person is None:
            best = max(options, key=lambda o: (round(self._votes[key_of(o.text), o.gender], 3), o.score))
            person = Person(best.text, best.gender)
            self.persons.append(person)
            for prefix in {key_of(person.name)[:2], person.surname[:2]}:
                self._by_prefix[prefix].append(person)
        person.mentions.append(mention)

    def _known(self, mention: Mention, options: Iterable[Nominative]) -> Person | None:
        for option in options:
            near = self._by_prefix.get(key_of(option.text.split()[-1])[:2], ())
            fitting = [p for p in near if _same(p, option, mention)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                return None
        return None

    def person(self, mention: Mention, cases: Sequence[str] = CASES, gender: str = "") -> Person:
        """Whom the mention names, in one of the cases; somebody new unless one of the article fits."""
        options = [o for o in nominatives(mention.words, tuple(cases)) if gender in ("", o.gender)]
        options = [o for o in options if o.score > _UNLIKELY * options[0].score]
        known = self._known(mention, options)
        if known is None and options:
            best = max(options, key=lambda o: o.score * (0.1 + self._votes[key_of(o.text), o.gender]))
            return Person(best.text, best.gender, [mention])
        return known or Person(mention.words, gender, [mention])

    def is_certain(self, mention: Mention, case: str) -> bool:
        """Whether the nominative is known: of "Мелони" in another case it is Мелони, Мелоня or Мелона."""
        if case == "nomn":
            return True
        name = self.person(mention, (case,)).name.split()
        for word in mention.words.split():
            known = in_dictionary(word) and any("plur" not in r.tags for r in readings(word))
            sure = known or word[-1] not in "иы" or word not in name
            if not sure and not any(word[:-1] in m.words for m in self.subjects):
                return False
        return True

    def can_be(self, mention: Mention, case: str, gender: str = "") -> bool:
        """Whether the mention can stand in the case, and be of that gender ("": any)."""
        best = nominatives(mention.words)
        fitting = [o for o in nominatives(mention.words, (case,)) if gender in ("", o.gender)]
        return bool(best and fitting) and max(o.score for o in fitting) > _UNLIKELY * best[0].score


def _cases_after(word: str) -> tuple[str, ...]:
    """The cases that a name may have after the word: a preposition's, or those of the noun that it is apposed to."""
    if word in _GOVERNS:
        return _GOVERNS[word]
    top = readings(word)[:1] if word.islower() else ()
    if not top or top[0].pos != "NOUN" or "anim" not in top[0].tags or "plur" in top[0].tags or "Fixd" in top[0].tags:
        return CASES
    own = {c for c in CASES if any(c in r.tags and "sing" in r.tags for r in readings(word))}
    if top[0].lemma not in titles("title"):
        own.add("gent")  # "адвокат Анны Лариной"
    return tuple(c for c in CASES if c in own)


_UNLIKELY = 0.04  # of the likeliest reading's score: less is none
_GENDERS = frozenset({"masc", "femn"})
_GOVERNS = {
    **dict.fromkeys("от у для из без против слов словам мнению данным".split(), ("gent",)),
    **dict.fromkeys(["к", "ко"], ("datv",)),
    **dict.fromkeys(["с", "со"], ("ablt", "gent")),
    **dict.fromkeys(["о", "об", "при"], ("loct",)),
}


_TITLE_BEFORE = re.compile(r"([А-ЯЁа-яё-]+)(?: [А-ЯЁ][А-ЯЁа-яё]+)? \Z")
_VERBAL = re.compile(r"(?:л|ла|[её]т|[иая]т)(?:ся|сь)?\Z")


def _same(person: Person, option: Nominative, mention: Mention) -> bool:
    """Whether the reading of a mention fits the person: surname (as the name's last word), gender and first names."""
    mine, other = person.name.split(), option.text.split()
    if len(other) == 1:
        if key_of(other[0]) == key_of(mine[0]) and len(mine) > 1 and option.gender == person.gender:
            return True
        if not (key_of(other[0]) == person.surname or _declines_to(mine[-1], mention.words)):
            return False
        # A woman's foreign surname looks like a man's: "Вольф" may be Грета Вольф.
        return option.gender == person.gender or (person.gender == "femn" and option.case == "nomn")
    if person.gender != option.gender:
        return False
    if key_of(other[-1]) != person.surname and not _declines_to(mine[-1], mention.words.split()[-1]):
        return False
    return len(mine) == 1 or all(
        key_of(a) == key_of(b) or ("." in a + b and a[:1] == b[:1]) for a, b in zip(mine[:-1], other[:-1], strict=False)
    )


def _declines_to(surname: str, word: str) -> bool:
    """Whether the word is the surname with a case ending, by letters: dictionaries lack foreign names."""
    surname, word = key_of(surname), key_of(word)
    stem = surname[:-1] if surname[-1:] in "ьйая" else surname
    if surname[-1:] in "еёиоуыэю" or not word.startswith(stem) or stem.endswith(("ов", "ев", "ин", "ын")):
        return False  # of Russian ones, Иванова may be another person
    if surname[-1:] in "ая":
        return word[len(stem) :] in ("ы", "и", "е", "у", "ю", "ой", "ей")
    return word[len(stem) :] in ("а", "у", "ом", "ем", "е", "я", "ю")
