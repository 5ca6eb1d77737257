"""What a single word of a Russian sentence can be: a speaker of some sort, an adjective, a genitive, a verb."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from retrieval.reading.dictionary import Reading, readings
from retrieval.reading.russian_text import Saying, Token, is_agency, nouns

Sort = Literal["person", "pronoun", "noun", "organisation", "writing", "unnamed"]
_OF_PERSONS = frozenset({"Name", "Surn", "Patr"})
_OF_BODIES = frozenset({"Orgn", "Geox", "Fixd"})
_PREPOSITIONS = frozenset(
    """без безо благодаря близ в вблизи ввиду вглубь вдоль вместо вне внутри во возле вокруг вопреки вслед вследствие
    для до за из из-за из-под изо к касательно ко кроме меж между мимо на над наподобие насчет невзирая несмотря ниже о
    об обо около от относительно ото перед передо по поверх под подле подо помимо после посреди посредством пред предо
    прежде при про против путем ради с сверх свыше сквозь со согласно среди у через""".split()
)


def sort_of(token: Token, reading: Reading) -> Sort | None:
    """What kind of speaker the noun can be; none for things."""
    lemma = reading.lemma.replace("ё", "е")
    known = nouns().get(lemma) or (nouns().get(lemma.rsplit("-", 1)[1]) if "-" in lemma else None)
    place = token.capital and "Geox" in reading.tags & readings(token.text)[0].tags  # "Анкара заявила"
    if known in ("organisation", "named") or (
        known is None and (place or "Orgn" in reading.tags or token.shouted or is_agency(token.text))
    ):
        return "organisation"
    if known == "writing":
        return "writing"
    if known == "unnamed":
        return "unnamed"
    return "noun" if known == "person" or "anim" in reading.tags else None


def agrees(reading: Reading, saying: Saying, sort: Sort) -> bool:
    if ("plur" in reading.tags) != saying.plural:
        return False
    if saying.plural or not saying.gender or reading.tags & {saying.gender, "ms-f"}:
        return True
    # A role stays masculine for a woman ("министр заявила"); abbreviations take the gender of what they shorten.
    if sort in ("noun", "unnamed"):
        return "masc" in reading.tags and saying.gender == "femn"
    return bool(reading.tags & {"Abbr", "Fixd"})


def is_abbreviation(token: Token) -> bool:
    """Whether the word is in capitals and no ordinary word: an abbreviation that need not decline."""
    return token.shouted and all(r.pos == "" or r.tags & {"Abbr", "Orgn"} for r in readings(token.text)[:1])


def reading_in(token: Token, case: str, *parts: str, tag: str = "") -> Reading | None:
    found = readings(token.text) if token.kind == "word" else ()
    if found and found[0].pos in ("PREP", "CONJ", "PRCL"):
        return None
    return next((r for r in found if r.pos in parts and case in r.tags and (not tag or tag in r.tags)), None)


@lru_cache(maxsize=1 << 14)
def _noun_in(word: str, case: str) -> Reading | None:
    shouted = word.isupper() and len(word) > 1
    found = [r for r in readings(word) if r.pos == "NOUN" and case in r.tags and not r.tags & _OF_PERSONS]
    found = [r for r in found if r.score >= 0.1 or r.tags & _OF_BODIES or shouted]
    if any(r.lemma in nouns() for r in readings(word)):
        found = [r for r in found if r.lemma in nouns()]
    return min(found, key=lambda r: ("anim" not in r.tags, -r.score), default=None)


def noun_reading(token: Token, case: str) -> Reading | None:
    """The likeliest reading as a noun in the case, a living being's first."""
    return _noun_in(token.text, case) if token.kind == "word" else None


def is_adjective(token: Token, case: str, number: str) -> bool:
    return token.kind == "word" and any(
        r.pos in ("ADJF", "PRTF") and {case, number} <= r.tags and "Apro" not in r.tags for r in readings(token.text)
    )


def is_genitive(token: Token) -> bool:
    return bool(reading_in(token, "gent", "NOUN", "ADJF", "PRTF", "NUMR")) and not is_verb(token)


def is_preposition(token: Token) -> bool:
    return token.low in _PREPOSITIONS


def is_verb(token: Token) -> bool:
    found = readings(token.text) if token.kind == "word" else ()
    return bool(found) and found[0].pos in ("VERB", "INFN", "GRND", "PRTS")
