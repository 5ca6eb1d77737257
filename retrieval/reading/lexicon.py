"""Words that tell who speaks and how in English, read once from the word lists beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Gender = Literal["m", "f"]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of saying and what may follow it."""

    lemma: str
    clause: bool  # said that ...
    bare: bool  # ... also without "that"
    listener: bool  # told reporters ...
    noun: bool  # lamented the withdrawal
    base: bool = False  # this form is the bare one ("say")
    denies: bool = False  # what it takes is said not to be so: "denied that ..."


@dataclass(frozen=True, slots=True)
class Role:
    """A word for what someone is, the words that may stand for it, and the gender that it tells."""

    alike: frozenset[str]
    gender: Gender | None = None


def _lines(name: str) -> list[str]:
    text = files("retrieval.reading").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def verbs() -> dict[str, Verb]:
    """Every form of every verb of saying."""
    out: dict[str, Verb] = {}
    for line in _lines("english_verbs.txt"):
        forms, bar, flags = line.partition("|")
        if not bar:
            continue
        lemma, *others = forms.split()
        for form in (lemma, *others):
            out[form] = Verb(
                lemma,
                clause="t" in flags or "w" in flags,
                bare="t" in flags,
                listener="o" in flags,
                noun="n" in flags,
                base=form == lemma,
                denies="d" in flags,
            )
    return out


@cache
def noun_forms() -> frozenset[str]:
    """Forms of verbs of saying that are as often nouns: "claims", "report"."""
    return frozenset(_table("english_verbs.txt", "nouns").split())


@cache
def first_names() -> dict[str, Gender | None]:
    """First names, small letters, with the gender of those that only one has."""
    out: dict[str, Gender | None] = {}
    for line in _lines("english_first_names.txt"):
        gender, _, names = line.partition(":")
        for name in names.split():
            out[name] = None if name in out else ("m" if gender == "m" else "f")
    return out


@cache
def roles() -> dict[str, Role]:
    """Words for what people are, small letters."""
    out: dict[str, Role] = {}
    for line in _lines("english_roles.txt"):
        words, _, gender = line.partition(":")
        head, *alike = words.split()
        told: Gender | None = "m" if gender.strip() == "m" else "f" if gender.strip() == "f" else None
        before = out.get(head, Role(frozenset()))
        out[head] = Role(before.alike | {head, *alike}, told or before.gender)
    for word in {word for role in out.values() for word in role.alike} - out.keys():
        out[word] = Role(frozenset({word}))
    return out


def _table(file: str, key: str) -> str:
    for line in _lines(file):
        name, _, words = line.partition(":")
        if name == key:
            return words.strip()
    raise KeyError(key)


@cache
def places() -> frozenset[str]:
    """Names of places, of one word or more."""
    return frozenset(_table("english_places.txt", "places").split("|"))


@cache
def peoples() -> frozenset[str]:
    """Words for nationalities, parties and creeds."""
    return frozenset(_table("english_places.txt", "peoples").split("|"))


@cache
def bodies() -> frozenset[str]:
    """Words in the names of organisations that no person's name holds."""
    return frozenset(_table("english_places.txt", "bodies").split("|"))


@cache
def bare_nouns() -> frozenset[str]:
    """Common nouns, small letters, that no ending tells and that may open a sentence without an article."""
    return frozenset(_table("english_places.txt", "nouns").split("|"))


WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
MONTHS = frozenset(
    "january february march april may june july august september october november december jan. feb. mar. apr. jun. "
    "jul. aug. sept. sep. oct. nov. dec.".split()
)
PRONOUNS = frozenset("he she they it i we you who".split())
DETERMINERS = frozenset(
    "the a an this that these those another one two three four five some several many most all both few each every "
    "other his her their its our my your any no multiple more numerous various".split()
)
PREPOSITIONS = frozenset(
    "in on at by for with from to of during after before since until about over under into through despite against "
    "amid among between within without as like per following upon across near outside inside behind beyond than via "
    "regarding concerning unlike besides given while when if although though because where whereas once unless".split()
)
CONJUNCTIONS = frozenset(
    "and but or nor so yet that which while as because when after before since although though whether if than "
    "where what how why whereas until unless whom whose".split()
)
AUXILIARIES = frozenset(
    "is are was were be been being am has have had having do does did will would can could may might must shall "
    "should 's 'd isn’t aren’t wasn’t weren’t hasn’t haven’t hadn’t didn’t don’t doesn’t won’t wouldn’t can’t "
    "couldn’t".split()
)
# Past forms that no -ed tells, as a finite verb that is none of saying.
PAST_FORMS = frozenset(
    "went came fell rose grew took made gave held lost won met left began broke brought built bought caught chose "
    "cut dealt drew drove ate fought found flew forgot froze got hid hit hurt kept knew led let meant paid put quit "
    "ran sold sent set shot shut sang sank slept spent stood stole struck swore swept swam taught threw understood "
    "woke wore wept became".split()
)
NEGATIONS = frozenset(
    "not never cannot didn’t don’t doesn’t won’t wouldn’t can’t couldn’t hasn’t haven’t hadn’t nobody".split()
)
ADVERBS = frozenset(
    "also later then now again once still even just already first often sometimes always further too earlier "
    "recently previously repeatedly long today yesterday afterward afterwards thus instead simply only both all "
    "soon ever rather almost perhaps".split()
)
# Capitalised only because a sentence starts there: never (part of) a name.
PLAIN_WORDS = (
    PRONOUNS
    | DETERMINERS
    | PREPOSITIONS
    | CONJUNCTIONS
    | AUXILIARIES
    | ADVERBS
    | WEEKDAYS
    | MONTHS - {"may", "april", "june", "august", "march"}
    | frozenset(
        "there here not yes no meanwhile however moreover nevertheless nonetheless indeed instead maybe perhaps "
        "well oh likewise similarly additionally finally according asked speaking earlier him them us me himself "
        "herself such much told said says please nobody nothing everyone everybody everything someone anyone people "
        "critics experts officials sources republicans democrats americans voters supporters police authorities "
        "aides others lawmakers analysts economists scientists researchers activists protesters residents witnesses "
        "investigators none having throughout six seven eight nine ten eleven twelve twenty thirty hundreds thousands "
        "dozens millions".split()
    )
)
