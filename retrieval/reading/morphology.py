"""Russian names and noun phrases, brought from any case to the nominative."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.reading.dictionary import Reading, in_dictionary, inflected, readings

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_GENDERS = ("masc", "femn")
_INITIALS = re.compile(r"(?:[А-ЯЁA-Z]\.-?)+\Z")
_FOREIGN_C = re.compile(r"(ль|[лнрт])ц(?:а|у|ем|ом|е)\Z")
_PATRONYMIC = re.compile(r"(.+(?:ич(?=(?:[ауе]|[её]м|ом)?\Z)|н(?=(?:[аыеу]|ой|ою)\Z)))[а-яё]*")
_JOINT = re.compile(r"([-’'])")
_SURNAME_ENDING = re.compile(r"(?:[оеё]в|[иы]н|ск|цк)(?:а|у|ым|е|ой|ого|ому|ом|ую|ий|ая)?\Z")


@dataclass(frozen=True, slots=True)
class Nominative:
    """A name in the nominative, read as standing in one case and gender."""

    text: str
    gender: str  # masc or femn
    case: str
    score: float  # compares only among the readings of one name


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


@lru_cache(maxsize=1 << 15)
def _name_word(word: str, case: str, gender: str, leads: bool) -> tuple[str, float]:
    """The word in the nominative, and how well it fits the case and gender."""
    if _INITIALS.match(word) or not word[:1].isupper():
        return word, 1.0  # initials, and particles such as "фон"
    if not leads and word[-1] in "иоэ" and not word.endswith(("ого", "его")) and not in_dictionary(word):
        return word, 0.3  # foreign surnames in these vowels do not decline
    if not leads and word[-1] == "ы" and case == "gent" and len(word) > 3 and not in_dictionary(word):
        return word[:-1] + "а", 0.3  # "Ямады"
    if not leads and word[-1] in "ую" and case in ("nomn", "gent", "ablt") and not in_dictionary(word):
        return word, 0.3  # nor do these, where no case of others ends so
    best, best_share = None, 0.0
    for reading in _singular(word):
        tags = reading.tags
        if case not in tags:
            continue
        a_surname = not leads and gender == "masc" and "femn" in tags and reading.lemma[-1] in "ая"  # "Петра Сороки"
        if (gender not in tags and "ms-f" not in tags and not a_surname) or (
            case == "accs" and gender == "masc" and "inan" in tags
        ):
            continue
        share = reading.score * (1.0 if tags & {"Name", "Surn", "Patr"} else 0.5 if "anim" in tags else 0.3)
        share *= 0.1 if a_surname and not tags & {"ms-f"} else 1.0
        if reading.pos == "ADJF" and not _SURNAME_ENDING.search(word):
            share *= 0.5
        if share > best_share:
            best, best_share = reading, share
    if best is None:
        return _undeclined(word, case, gender, leads)
    if case == "nomn":
        return word, best_share
    if gender == "masc" and _FOREIGN_C.search(word) and not in_dictionary(word):
        return _FOREIGN_C.sub(r"\1ц", word), best_share  # "Шольца" is of Шольц, not of "Шолец"
    straight = _straight(word, best)
    return (as_written(straight, word), best_share) if straight else (word, 0.005)


@lru_cache(maxsize=1 << 12)
def _singular(word: str) -> tuple[Reading, ...]:
    return tuple(r for r in readings(word) if r.pos in ("NOUN", "ADJF") and "plur" not in r.tags)


@lru_cache(maxsize=1 << 12)
def _straight(word: str, reading: Reading) -> str | None:
    """The nominative of the word, read so."""
    tags, lemma = reading.tags, reading.lemma
    if "Patr" in tags:  # by its ending, since Анатольевич is a form of Анатолиевич
        found = _PATRONYMIC.fullmatch(word.lower())
        return found[1] + ("а" if found[1].endswith("н") else "") if found else inflected(word, reading, {"nomn"})
    woman = "femn" in tags and "Fixd" not in tags and (reading.pos == "ADJF" or "Surn" in tags)
    if not woman and reading.pos == "NOUN":
        return lemma
    woman = woman and "-" not in lemma
    if woman and lemma.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return lemma + "а"
    if woman and lemma.endswith(("кий", "гий", "хий", "жий", "ший", "чий", "щий", "ой", "ый")):
        return lemma[:-2] + "ая"
    if woman and lemma.endswith("ний"):
        return lemma[:-2] + "яя"
    return inflected(word, reading, {"nomn"})


def _undeclined(word: str, case: str, gender: str, leads: bool) -> tuple[str, float]:
    """A word that no reading fits: by its ending, or as it is, like foreign women's surnames and short Asian names."""
    singular = [reading.tags for reading in _singular(word)]
    own = [tags for tags in singular if tags & {gender, "ms-f"}]
    first = [tags for tags in singular if tags & {"Name", "Patr"}]
    unlikely = leads and in_dictionary(word) and first and not any(tags & {gender, "ms-f"} for tags in first)
    if case == "nomn":
        oblique = bool(singular) and not any("nomn" in tags for tags in own or singular)
        return word, 0.0005 if unlikely else 0.002 if oblique else 0.05  # "Грета" is no man
    if gender == "femn" or len(word) <= 2:
        return word, 0.0005 if unlikely else 0.05 if len(word) <= 3 else 0.003 if singular else 0.01
    if word[-1] in _SOFT_ENDINGS[case]:
        return word[:-1] + ("й" if word[-2] in "аеёиоуыэюя" else "ь"), 0.02
    for ending in _MASCULINE_ENDINGS[case]:
        stem = word[: -len(ending)]
        if word.endswith(ending) and stem[-1:] in "бвгджзклмнпрстфхцчшщ" and len(stem) > 1:
            return stem, 0.0005 if unlikely else 0.02 if len(word) > 3 or singular else 0.2
    return word, 0.0005 if unlikely else 0.05 if len(word) == 3 else 0.005


_SOFT_ENDINGS = {"gent": "я", "accs": "я", "datv": "ю", "ablt": "", "loct": ""}
_MASCULINE_ENDINGS = {"gent": ("а",), "accs": ("а",), "datv": ("у",), "ablt": ("ом", "ем"), "loct": ("е",)}


def as_written(form: str, model: str) -> str:
    """The form with the capitals of another form of the word, and its ё."""
    if "ё" not in model.lower():
        form = form.replace("ё", "е")
    if model[1:2].isupper():
        return form.upper()  # "МИДе", too
    parts, small = _JOINT.split(model), _JOINT.split(form)
    if len(parts) != len(small):
        return form.capitalize() if model[:1].isupper() else form
    return "".join(s[:1].upper() + s[1:] if p[:1].isupper() else s for s, p in zip(small, parts, strict=True))


def head_nominative(words: Sequence[str], case: str) -> list[str]:
    """A noun phrase with its head and what agrees with it in the nominative: ``официального представителя МИД``.

    What depends on the head (genitives, what follows a preposition, names in quote marks) stays as written.
    """
    out = list(words)
    for index, word in enumerate(words):
        found = max(
            (r for r in readings(word) if case in r.tags and r.pos in ("NOUN", "ADJF", "PRTF")),
            key=lambda r: 0.2 * (r.pos == "NOUN") + r.score,
            default=None,
        )
        if found is None:
            return list(words)
        if found.pos != "NOUN":
            continue  # agrees with the head; which gender that is shows at the head
        gender = {"plur"} if "plur" in found.tags else found.tags & {"masc", "femn", "neut"}
        for at, one in enumerate(words[: index + 1]):
            if at == index:
                straight = inflected(one, found, {"nomn"})
            else:
                agreeing = next((r for r in readings(one) if case in r.tags and gender & r.tags), None)
                straight = inflected(one, agreeing, {"nomn", *gender}) if agreeing else None
            out[at] = as_written(straight, one) if straight else one
        return out
    return out
