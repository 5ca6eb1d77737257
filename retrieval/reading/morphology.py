"""Russian word forms: what a form can be, and names brought from any case to the nominative.

The dictionary (OpenCorpora, by pymorphy3) takes memory and a fifth of a second, so it is opened when the first Russian
word is looked up; each form is looked up once. Grammemes are OpenCorpora's: ``nomn gent datv accs ablt loct``,
``masc femn neut ms-f``, ``sing plur``, ``Name Surn Patr Geox Orgn``.
Source: https://opencorpora.org/dict.php?act=gram
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_GENDERS = ("masc", "femn")
_OTHER_CASES = {"gen2": "gent", "gen1": "gent", "acc2": "accs", "loc2": "loct", "loc1": "loct"}
_INITIALS = re.compile(r"(?:[А-ЯЁA-Z]\.-?)+\Z")
_SURNAME_ENDING = re.compile(r"(?:[оеё]в|[иы]н|ск|цк)(?:а|у|ым|е|ой|ого|ому|ом|ую|ий|ая)?\Z")


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a form can be."""

    lemma: str
    pos: str  # NOUN, ADJF, VERB, GRND, PRTF, ...; "" for what is no word
    tags: frozenset[str]
    score: float  # share of this reading among all, 0..1


@dataclass(frozen=True, slots=True)
class Nominative:
    """A name in the nominative, read as standing in one case and gender."""

    text: str
    gender: str  # masc or femn
    case: str
    score: float  # compares only among the readings of one name


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@cache  # a few thousand
def _grammemes(tag: Any) -> frozenset[str]:
    return frozenset(_OTHER_CASES.get(g, g) for g in tag.grammemes)


@lru_cache(maxsize=1 << 13)
def _parses(word: str) -> tuple[tuple[Reading, Any], ...]:
    if len(word) > 60:  # no word: looking for its ending would be slow
        return ()
    found = []
    for parse in _analyzer().parse(word):
        if len(word) == 1 and str(parse.tag.POS) == "NOUN":
            continue  # the letter's name
        tags = _grammemes(parse.tag)
        found.append((Reading(parse.normal_form, str(parse.tag.POS or ""), tags, float(parse.score)), parse))
    return tuple(found)


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[Reading, ...]:
    """What the form can be, likeliest first; nothing for what is longer than any word."""
    return tuple(reading for reading, _ in _parses(word.lower()))


def forms(lemma: str) -> tuple[Reading, ...]:
    """All forms of a verb (infinitive given) or noun, each as a reading whose `lemma` is the form itself."""
    parses = [p for p in _analyzer().parse(lemma) if p.normal_form == lemma and p.tag.POS in ("INFN", "NOUN")]
    return tuple(
        Reading(p.word, str(p.tag.POS or ""), _grammemes(p.tag), 1.0) for parse in parses for p in parse.lexeme
    )


def nominative(name: str, cases: Iterable[str] = CASES) -> str:
    """The name in the nominative: ``Анатолия Антонова`` gives ``Анатолий Антонов``, ``Антоновой`` gives ``Антонова``.

    Written as the name is: without ё where it has none. What no rule can read stays as it is. `cases`, where the
    sentence shows the case: ``Александра Петрова`` is a woman in the nominative, a man in the genitive.
    """
    found = nominatives(name, tuple(cases))
    return found[0].text if found else name


@lru_cache(maxsize=1 << 14)
def nominatives(name: str, cases: Sequence[str] = CASES) -> tuple[Nominative, ...]:
    """Every reading of a personal name in the singular, likeliest first."""
    words = name.split()
    found: dict[tuple[str, str], Nominative] = {}
    for gender in _GENDERS:
        for case in cases:
            score, texts = 1.0, []
            for at, word in enumerate(words):
                text, share = _name_word(word, case, gender, leads=at + 1 < len(words))
                score *= share
                texts.append(text)
            one = Nominative(" ".join(texts), gender, case, score)
            known = found.get((one.text, gender))
            if known is None or known.score < score:
                found[one.text, gender] = one
    return tuple(sorted(found.values(), key=lambda n: -n.score))


def _name_word(word: str, case: str, gender: str, leads: bool) -> tuple[str, float]:
    """The word in the nominative, and how well it fits the case and gender."""
    if _INITIALS.match(word) or not word[:1].isupper():
        return word, 1.0  # initials, and particles such as "фон"
    if not leads and word[-1] in "иоэ" and not in_dictionary(word):
        return word, 0.3  # foreign surnames in these vowels do not decline
    best, best_share = None, 0.0
    for reading, parse in _parses(word.lower()):
        tags = reading.tags
        if reading.pos not in ("NOUN", "ADJF") or "plur" in tags or case not in tags:
            continue
        if (gender not in tags and "ms-f" not in tags) or (case == "accs" and gender == "masc" and "inan" in tags):
            continue
        share = reading.score * (1.0 if tags & {"Name", "Surn", "Patr"} else 0.5 if "anim" in tags else 0.3)
        if reading.pos == "ADJF" and not _SURNAME_ENDING.search(word):
            share *= 0.5
        if share > best_share:
            best, best_share = parse, share
    if best is None:
        return _undeclined(word, case, gender, leads)
    if case == "nomn":
        return word, best_share
    straight = best.inflect({"nomn"})
    return (as_written(straight.word, word), best_share) if straight else (word, 0.005)


def _undeclined(word: str, case: str, gender: str, leads: bool) -> tuple[str, float]:
    """A word that no reading fits: by its ending, or as it is, like foreign women's surnames and short Asian names."""
    singular = [r.tags for r, _ in _parses(word.lower()) if r.pos in ("NOUN", "ADJF") and "plur" not in r.tags]
    own = [tags for tags in singular if tags & {gender, "ms-f"}]
    first = [tags for tags in singular if tags & {"Name", "Patr"}]
    unlikely = leads and in_dictionary(word) and first and not any(tags & {gender, "ms-f"} for tags in first)
    if case == "nomn":
        oblique = bool(singular) and not any("nomn" in tags for tags in own or singular)
        return word, 0.0005 if unlikely else 0.002 if oblique else 0.05  # "Грета" is no man
    if gender == "femn" or len(word) <= 3:
        return word, 0.0005 if unlikely else 0.05 if len(word) <= 3 else 0.003 if singular else 0.01
    for ending in _MASCULINE_ENDINGS[case]:
        stem = word[: -len(ending)]
        if word.endswith(ending) and stem[-1:] in "бвгджзклмнпрстфхцчшщ" and len(stem) > 1:
            return stem, 0.0005 if unlikely else 0.02
    return word, 0.0005 if unlikely else 0.005


_MASCULINE_ENDINGS = {"gent": ("а",), "accs": ("а",), "datv": ("у",), "ablt": ("ом", "ем"), "loct": ("е",)}


def as_written(form: str, model: str) -> str:
    """The form with the capitals of another form of the word, and its ё."""
    if "ё" not in model.lower():
        form = form.replace("ё", "е")
    if model.isupper() and len(model) > 1:
        return form.upper()
    parts = model.split("-")
    small = form.split("-")
    if len(parts) != len(small):
        return form.capitalize() if model[:1].isupper() else form
    return "-".join(s[:1].upper() + s[1:] if p[:1].isupper() else s for s, p in zip(small, parts, strict=True))


def head_nominative(words: Sequence[str], case: str) -> list[str]:
    """A noun phrase with its head and what agrees with it in the nominative: ``официального представителя МИД``.

    What depends on the head (genitives, what follows a preposition, names in quote marks) stays as written.
    """
    out = list(words)
    for index, word in enumerate(words):
        found = max(
            ((r, p) for r, p in _parses(word.lower()) if case in r.tags and r.pos in ("NOUN", "ADJF", "PRTF")),
            key=lambda rp: 0.2 * (rp[0].pos == "NOUN") + rp[0].score,
            default=None,
        )
        if found is None:
            return list(words)
        if found[0].pos != "NOUN":
            continue  # agrees with the head; which gender that is shows at the head
        gender = {"plur"} if "plur" in found[0].tags else found[0].tags & {"masc", "femn", "neut"}
        for at, one in enumerate(words[: index + 1]):
            fitting = [p for r, p in _parses(one.lower()) if case in r.tags and (at == index or gender & r.tags)]
            wanted = {"nomn"} | (set() if at == index else set(gender))
            straight = (found[1] if at == index else fitting[0]).inflect(wanted) if fitting else None
            out[at] = as_written(straight.word, one) if straight else one
        return out
    return out


@lru_cache(maxsize=1 << 16)
def in_dictionary(word: str) -> bool:
    """Whether the form is in the dictionary; what is not is read by its ending alone."""
    return bool(_analyzer().word_is_known(word.lower()))
