"""Who is named in a Russian article: mentions in any case, brought together to persons with full nominative names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from retrieval.reading.morphology import CASES, Nominative, in_dictionary, nominatives, readings
from retrieval.reading.russian_text import is_agency

_WORD = r"(?:[А-ЯЁ][’'][А-ЯЁ])?[А-ЯЁ][а-яё]+(?:-[А-ЯЁа-яё][а-яё]+)*"
_PARTICLE = r"(?:фон|дер|ван|де|ди|да|ла|дю|бен|аль|эль|ибн|оглы|кызы)"
_RUN = re.compile(rf"(?:{_WORD}|[А-ЯЁ]\.)(?:[ \u00a0]{{0,2}}(?:{_PARTICLE}[ \u00a0])*(?:{_WORD}|[А-ЯЁ]\.))*")
_PIECE = re.compile(rf"{_WORD}|[А-ЯЁ]\.|{_PARTICLE}(?=[ \u00a0])")
_MONTHS = frozenset({"март", "август", "май"})  # written small, so that a capital one is a name: "Марта"
_TITLES = frozenset("господин госпожа товарищ мистер миссис месье доктор сэр".split())


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as it stands: offsets into its text (`part`: its number, see `People`)."""

    part: int
    start: int
    end: int
    words: str
    full: bool  # more than one of first name, patronymic, surname
    sure: bool  # surely a name; else only a capital word that may be one
    common: bool = False  # an ordinary word with a capital: a name only where the article has it as a surname


@dataclass(eq=False, slots=True)
class Person:
    """One person of the article; `name` is the fullest form in it, nominative."""

    name: str
    gender: str  # masc or femn
    mentions: list[Mention] = field(default_factory=list)

    @property
    def surname(self) -> str:
        return _key(self.name.split()[-1])


class People:
    """The persons named in some texts (paragraphs, or a title), numbered as given."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        found = [m for part, text in enumerate(texts) for m in _mentions(part, text)]
        surnames = {_key(o.text.split()[-1]) for m in found if m.full for o in nominatives(m.words)[:1]}
        self.mentions = [m for m in found if not m.common or _is_one_of(m.words, surnames)]
        self.persons: list[Person] = []
        self._by_prefix: dict[str, list[Person]] = defaultdict(list)  # of each name's first and last word
        self._votes: dict[tuple[str, str], float] = defaultdict(float)
        options = {m: self._weighed(m) for m in self.mentions if m.full or m.sure}
        for weighed in options.values():
            total = sum(o.score for o in weighed) or 1.0
            for option in weighed:
                self._votes[_key(option.text), option.gender] += option.score / total
        for mention in sorted(options, key=lambda m: (not m.full, -len(m.words.split()))):
            self._place(mention, options[mention])

    def _weighed(self, mention: Mention) -> tuple[Nominative, ...]:
        """The readings of the mention that the word before it and the verb beside it allow."""
        text = self.texts[mention.part]
        before = "".join(text[max(0, mention.start - 30) : mention.start].split(" ")[-2:-1])
        after = "".join(text[mention.end + 1 : mention.end + 30].split()[:1]).strip(",.:;»")
        found = nominatives(mention.words, _cases_after(before))
        genders = {g for w in (before, after) for r in readings(w)[:1] if r.pos == "VERB" for g in _GENDERS & r.tags}
        if len(genders) == 1 and before.islower() | after.islower():
            fitting = nominatives(mention.words, ("nomn",))
            found = tuple(o for o in fitting if o.gender in genders and o.score > 0.002) or found
        return tuple(o for o in found[:4] if o.score > 0.01 * found[0].score)

    def _place(self, mention: Mention, options: Sequence[Nominative]) -> None:
        person = self._known(mention, options)
        if person is None:
            best = max(options, key=lambda o: (round(self._votes[_key(o.text), o.gender], 3), o.score))
            person = Person(best.text, best.gender)
            self.persons.append(person)
            for prefix in {_key(person.name)[:2], person.surname[:2]}:
                self._by_prefix[prefix].append(person)
        person.mentions.append(mention)

    def _known(self, mention: Mention, options: Iterable[Nominative]) -> Person | None:
        for option in options:
            near = self._by_prefix.get(_key(option.text.split()[-1])[:2], ())
            fitting = [p for p in near if _same(p, option, mention)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                return None
        return None

    def person(self, mention: Mention, cases: Sequence[str] = CASES, gender: str = "") -> Person:
        """Whom the mention names, in one of the cases; somebody new unless one of the article fits."""
        options = [o for o in nominatives(mention.words, tuple(cases)) if gender in ("", o.gender)]
        known = self._known(mention, options)
        if known is None and options:
            best = max(options, key=lambda o: o.score * (0.1 + self._votes[_key(o.text), o.gender]))
            return Person(best.text, best.gender, [mention])
        return known or Person(mention.words, gender, [mention])

    def can_be(self, mention: Mention, case: str, gender: str = "") -> bool:
        """Whether the mention can stand in the case, and be of that gender ("": any)."""
        best = nominatives(mention.words)
        fitting = [o for o in nominatives(mention.words, (case,)) if gender in ("", o.gender)]
        return bool(best and fitting) and max(o.score for o in fitting) > 0.04 * best[0].score


def _cases_after(word: str) -> tuple[str, ...]:
    """The cases that a name may have after the word: a preposition's, or those of the noun that it is apposed to."""
    if word in _GOVERNS:
        return _GOVERNS[word]
    top = readings(word)[:1] if word.islower() else ()
    if not top or top[0].pos != "NOUN" or "anim" not in top[0].tags or "plur" in top[0].tags or "Fixd" in top[0].tags:
        return CASES
    return tuple(c for c in CASES if any(c in r.tags and "sing" in r.tags for r in readings(word))) or CASES


_GENDERS = frozenset({"masc", "femn"})
_GOVERNS = {
    **dict.fromkeys("от у для из без против слов словам мнению данным".split(), ("gent",)),
    **dict.fromkeys(["к", "ко"], ("datv",)),
    **dict.fromkeys(["с", "со"], ("ablt", "gent")),
    **dict.fromkeys(["о", "об", "при"], ("loct",)),
}


def _same(person: Person, option: Nominative, mention: Mention) -> bool:
    """Whether the reading of a mention fits the person: surname (as the name's last word), gender and first names."""
    mine, other = person.name.split(), option.text.split()
    if len(other) == 1:
        if _key(other[0]) == _key(mine[0]) and len(mine) > 1 and option.gender == person.gender:
            return True
        if not (_key(other[0]) == person.surname or _declines_to(mine[-1], mention.words)):
            return False
        # A woman's foreign surname looks like a man's: "Вольф" may be Грета Вольф.
        return option.gender == person.gender or (person.gender == "femn" and option.case == "nomn")
    if person.gender != option.gender:
        return False
    if _key(other[-1]) != person.surname and not _declines_to(mine[-1], mention.words.split()[-1]):
        return False
    return len(mine) == 1 or all(
        _key(a) == _key(b) or ("." in a + b and a[:1] == b[:1]) for a, b in zip(mine[:-1], other[:-1], strict=False)
    )


def _is_one_of(word: str, surnames: set[str]) -> bool:
    """Whether the word is a case form of one of the surnames."""
    if not any(s[:2] == _key(word)[:2] for s in surnames):
        return False
    return any(_key(o.text) in surnames for o in nominatives(word))


def _declines_to(surname: str, word: str) -> bool:
    """Whether the word is the masculine surname with a case ending, by letters: dictionaries lack foreign names."""
    surname, word = _key(surname), _key(word)
    stem = surname[:-1] if surname[-1:] in "ьй" else surname
    if surname[-1:] in "аеёиоуыэюя" or not word.startswith(stem):
        return False
    if stem.endswith(("ов", "ев", "ин", "ын")):
        return False  # Russian: Иванова may be another person
    return word[len(stem) :] in ("а", "у", "ом", "ем", "е", "я", "ю")


def _key(word: str) -> str:
    return word.lower().replace("ё", "е")


def _mentions(part: int, text: str) -> list[Mention]:
    out: list[Mention] = []
    for run in _RUN.finditer(text):
        pieces = [(m[0], run.start() + m.start(), run.start() + m.end()) for m in _PIECE.finditer(run[0])]
        before = text[: run.start()].rstrip(" \u00a0\"'«„“”—–-(")[-1:]
        at = 0
        while at < len(pieces):
            initial = at == 0 and before in ("", ".", "!", "?", "…", "\n", ":")
            taken, full, sure = _name_at(pieces, at, initial)
            if not initial and _full_name_follows(pieces, at):
                at += 1  # a place of the role: "мэр Кулебак Иван Орлов"
                continue
            common = not taken and len(pieces[at][0]) > 2
            if taken or common:
                start, end = pieces[at][1], pieces[at + max(taken, 1) - 1][2]
                words = " ".join(text[start:end].split())
                out.append(Mention(part, start, end, words, full, sure or common, common))
            at += max(taken, 1)
    return out


def _full_name_follows(pieces: Sequence[tuple[str, int, int]], at: int) -> bool:
    """Whether the word, which no dictionary has, stands before a first name and a surname."""
    if at + 2 >= len(pieces) or in_dictionary(pieces[at][0]) or not _kinds(pieces[at][0]) <= {"unknown", "surname"}:
        return False
    return "first" in _kinds(pieces[at + 1][0]) and "patronymic" not in _kinds(pieces[at + 2][0])


def _name_at(pieces: Sequence[tuple[str, int, int]], at: int, initial: bool) -> tuple[int, bool, bool]:
    """How many pieces from `at` are one name, whether it is full, whether it surely is one."""
    words = [p[0] for p in pieces[at : at + 6]]
    kinds = [_kinds(w) for w in words]
    if "initial" in kinds[0]:
        n = 1
        while n < len(words) and "initial" in kinds[n]:
            n += 1
        return (n + 1, True, True) if n < len(words) else (0, False, False)
    short = [len(w) <= 5 and k != {"particle"} for w, k in zip(words, kinds, strict=True)]
    if (
        not initial
        and short[0]
        and len(words[0]) <= 3
        and len(words) > 1
        and kinds[1] & {"surname", "unknown", "place"}
    ):
        n = 2 + (len(words) > 2 and short[1] and len(words[2]) <= 4)
        return n, True, True  # "Си Цзиньпин", "Ким Чен Ын"
    if "title" in kinds[0] or "place" in kinds[0]:
        return 0, False, False
    follows = kinds[1] if len(words) > 1 else frozenset()
    if "initial" in follows and "surname" in kinds[0]:
        n = 2 + (len(words) > 2 and "initial" in kinds[2])
        return n, True, True
    if "first" in kinds[0]:
        n = 1
        if n < len(words) and "patronymic" in kinds[n]:
            n += 1
        while n < len(words) and "particle" in kinds[n]:
            n += 1
        if n < len(words) and not kinds[n] & {"initial", "particle"}:
            n += 1
            if n < len(words) and kinds[n] == {"unknown"} and len(words[n - 1]) <= 4:
                n += 1
        return n, n > 1, n > 1 or (not initial and "common" not in kinds[0])
    pair = {"unknown", "surname"}
    if kinds[0] & pair and follows & pair and "unknown" in kinds[0] | follows and "first" not in follows:
        n = 2 + (len(words) > 2 and kinds[2] == {"unknown"})
        return n, True, not initial
    if "surname" in kinds[0]:
        return 1, False, not initial or "common" not in kinds[0]
    return (1, False, False) if "unknown" in kinds[0] else (0, False, False)


def _kinds(word: str) -> frozenset[str]:
    """What a capital word may be: first, patronymic, surname, initial, particle, unknown, common, place, title."""
    if word.endswith("."):
        return frozenset({"initial"})
    if word[0].islower():
        return frozenset({"particle"})
    found = readings(word)
    known = in_dictionary(word)
    if is_agency(word):
        return frozenset({"place"})
    if known and found[0].pos not in ("NOUN", "ADJF", "ADJS", "PRTS"):
        return frozenset({"title"})  # "По", "Это", "Сказал"
    kinds: set[str] = set()
    as_name = sum(reading.score for reading in found if "Name" in reading.tags)  # "Анри" has a reading for each case
    for reading in found:
        if "plur" in reading.tags:
            continue
        if known and "Name" in reading.tags and (as_name >= 0.05 or found[0].lemma in _MONTHS):
            kinds.add("first")
        if "Patr" in reading.tags:
            kinds.add("patronymic")
        if "Surn" in reading.tags:
            kinds.add("surname")
        if known and reading.tags & {"Geox", "Orgn"} and reading is found[0]:
            kinds.add("place")
        if reading.lemma in _TITLES:
            kinds.add("title")
    if kinds & {"first", "patronymic", "surname"}:
        kinds.discard("place")
        top = found[0]
        if known and not top.tags & {"Name", "Patr", "Surn"} and top.score >= 0.5:
            kinds.add("common")
    elif known and not kinds:
        kinds.add("title")  # an ordinary word: "Президент", "По"
    elif not known:
        kinds.add("unknown")
    return frozenset(kinds)
