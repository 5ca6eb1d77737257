"""Where a Russian text may name somebody: capital words in any case, told from ordinary ones by the dictionary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.reading.dictionary import in_dictionary, readings
from retrieval.reading.morphology import CASES
from retrieval.reading.russian_text import is_agency

_WORD = r"(?:[А-ЯЁ][’'])?[А-ЯЁ][а-яё]+(?:-[А-ЯЁа-яё][а-яё]+)*"
_PARTICLE = r"(?:фон|дер|ван|де|ди|да|ла|дю|бен|аль|эль|ибн|оглы|кызы)"
_RUN = re.compile(rf"(?:{_WORD}|[А-ЯЁ]\.)(?:[ \u00a0]{{0,2}}(?:{_PARTICLE}[ \u00a0])*(?:{_WORD}|[А-ЯЁ]\.))*")
_PIECE = re.compile(rf"{_WORD}|[А-ЯЁ]\.|{_PARTICLE}(?=[ \u00a0])")
_MONTHS = frozenset({"март", "август", "май"})  # written small, so that a capital one is a name: "Марта"
_TITLES = frozenset(
    """господин госпожа товарищ мистер миссис месье доктор сэр король королева князь княгиня граф графиня барон герцог
    царь царица император султан шах эмир папа патриарх маршал""".split()
)
_OF_PLACES = frozenset(
    """в во из на город города городе городу село села селе поселок поселка поселке деревня деревни деревне деревню
    река реки реке реку остров острова острове""".split()
)
SMALL_WORD = re.compile(r"[ \u00a0]([а-яё-]+)")
_CASES_AND_GENDERS = frozenset({*CASES, "masc", "femn", "neut"})


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


def mentions(part: int, text: str) -> list[Mention]:
    """The names in the text of that number, and the capital words that may be some."""
    out: list[Mention] = []
    for run in _RUN.finditer(text):
        pieces = [(m[0], run.start() + m.start(), run.start() + m.end()) for m in _PIECE.finditer(run[0])]
        before = text[: run.start()].rstrip(" \u00a0\"'«„“”—–-(")[-1:]
        at = 0
        while at < len(pieces):
            initial = at == 0 and before in ("", ".", "!", "?", "…", "\n", ":")
            taken, full, sure = _name_at(pieces, at, initial)
            if (taken == 1 and _is_ordinary(pieces[at], initial, text)) or text.endswith(
                _NAMED_AFTER, 0, pieces[at][1]
            ):
                taken = 0
            if not initial and _full_name_follows(pieces, at):
                at += 1  # a place of the role: "мэр Кулебак Иван Орлов"
                continue
            sure = sure and (full or word_before(text, pieces[at][1]) not in _OF_PLACES)
            common = not taken and len(pieces[at][0]) > 2
            if taken or common:
                start, end = pieces[at][1], pieces[at + max(taken, 1) - 1][2]
                words = " ".join(text[start:end].split())
                out.append(Mention(part, start, end, words, full, sure or common, common))
            at += max(taken, 1)
    return out


_NAMED_AFTER = ("имени ", "им. ", "памяти ")


def _is_ordinary(piece: tuple[str, int, int], initial: bool, text: str) -> bool:
    """Whether a name may be an ordinary word: one for people that opens a sentence, or an adjective with its noun."""
    word, _, end = piece
    known = readings(word) if in_dictionary(word) else ()
    others = [r for r in known if not r.tags & {"Name", "Surn", "Patr", "plur"}]
    person = sum(r.score for r in others if r.pos == "NOUN" and {"anim", "nomn"} <= r.tags)
    if initial and person and person >= sum(r.score for r in known if {"Name", "nomn"} <= r.tags):
        return True  # "Королева заявила", "Гончар рассказал"
    if "first" in _kinds(word):
        return False
    adjectives = [r.tags for r in others if r.pos == "ADJF"]
    after = SMALL_WORD.match(text, end)
    nouns = [r.tags for r in readings(after[1])[:1] if r.pos == "NOUN"] if adjectives and after else []
    return any((_CASES_AND_GENDERS & a) <= n for a in adjectives for n in nouns)  # "Московский университет"


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
        while n + 1 < len(words) and kinds[n] & {"particle", "initial"}:
            n += 1
        if n < len(words) and not kinds[n] & {"initial", "particle"}:
            n += 1
            if n < len(words) and kinds[n] == {"unknown"} and len(words[n - 1]) <= 4:
                n += 1
            elif n < len(words) and kinds[n - 1] == {"unknown"} and "surname" in kinds[n]:
                n += 1  # "Реджеп Тайип Эрдоган"
        return n, n > 1, n > 1 or (not initial and "common" not in kinds[0])
    if kinds[0] == {"unknown"} and follows == {"title"} and readings(words[1])[0].tags >= {"NOUN", "sing"}:
        return 2, True, True  # "Эмманюэль Макрон": the surname is another word, too
    pair = {"unknown", "surname"}
    if kinds[0] & pair and len(words) == 2 and ("patronymic" in follows or {"first", "surname"} <= follows):
        return 2, True, not initial  # "Бранко Миланович", "Лиам Келли"
    if kinds[0] & pair and follows & pair and "unknown" in kinds[0] | follows and "first" not in follows:
        n = 2 + (len(words) > 2 and kinds[2] == {"unknown"})
        return n, True, not initial
    if "surname" in kinds[0]:
        return 1, False, not initial or "common" not in kinds[0]
    return (1, False, False) if "unknown" in kinds[0] else (0, False, False)


@lru_cache(maxsize=1 << 13)
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
    if "-" in word and (last := word.rsplit("-", 1)[1])[:1].islower() and in_dictionary(last):
        return frozenset({"title"})  # "Экс-министр"
    if known and found[0].pos not in ("NOUN", "ADJF", "ADJS", "PRTS"):
        return frozenset({"title"})  # "По", "Это", "Сказал"
    kinds: set[str] = set()
    as_name = sum(reading.score for reading in found if "Name" in reading.tags)  # "Анри" has a reading for each case
    only_plural = known and all({"Name", "plur"} <= reading.tags for reading in found)  # "Ивонн", "Джорджи"
    for reading in found:
        if "plur" in reading.tags and not only_plural:
            continue
        if (
            known
            and "Name" in reading.tags
            and "Geox" not in found[0].tags
            and (as_name >= 0.05 or found[0].lemma in _MONTHS)
        ):
            kinds.add("first")
        if "Patr" in reading.tags:
            kinds.add("patronymic")
        if "Surn" in reading.tags or ("Patr" in reading.tags and not known):
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


def word_before(text: str, start: int) -> str:
    """The word right before the offset, in small letters without ё; "" where a mark or nothing stands there."""
    words = text[max(0, start - 30) : start].split(" ")
    word = words[-2] if len(words) > 1 and not words[-1] else ""
    return key_of(word) if word.replace("-", "").isalpha() else ""


def key_of(word: str) -> str:
    """The word as it is compared: in small letters, without ё."""
    return word.lower().replace("ё", "е")
