"""Russian text as its reader needs it: tokens and sentences with quotations masked, and the lexicon of saying.

Everything keeps the offsets of the paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

from retrieval.reading.dictionary import Reading, forms, in_dictionary
from retrieval.reading.marks import Marked

Kind = Literal["word", "latin", "number", "quote", "name", "paren", "comma", "dash", "colon", "stop"]

_FIRST, _REST = "\ue000", "\ue001"  # private-use characters that stand for a marked span
_TOKEN = re.compile(
    rf"""(?P<quote>{_FIRST}{_REST}*)
    |(?P<paren>\([^()]{{0,400}}\))
    |(?P<word>[А-ЯЁ]\.(?=[\s-]?[А-ЯЁ])|\d+-[а-яё]{{3,}}|[А-Яа-яЁё]+(?:[-’'][А-Яа-яЁё]+)*)
    |(?P<latin>[A-Za-z][\w&’'-]*)
    |(?P<number>(?:[№$€£]\s?)?\d+(?:[.,:]\d+)*(?:\s?(?:[%‰€$£₽]|°[CFС]?)|\+)?)
    |(?P<dash>[—–]|-(?!\w))
    |(?P<comma>[,;])|(?P<colon>:)|(?P<stop>[.!?…]+)""",
    re.VERBOSE,
)
_ABBREVIATIONS = frozenset(
    "г гг им тыс млн млрд трлн руб ул стр см т п ст др пр проф акад св о с ок г-н г-жа долл".split()
)
_ENDS = ".!?…"
_LONGEST = 300  # tokens: no sentence is longer, hostile text is


class Token(NamedTuple):
    """A word or mark; `quote`: a marked span that may be speech; `name`: one that is a title ("газета «Волна»")."""

    text: str
    start: int
    end: int
    kind: Kind
    low: str  # small letters, without ё

    @property
    def shouted(self) -> bool:
        """An abbreviation: МИД, США."""
        return self.kind == "word" and len(self.text) > 1 and self.text.isupper()

    @property
    def capital(self) -> bool:
        return self.kind == "word" and self.text[:1].isupper()


def tokens(text: str, spans: Sequence[Marked], start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of a paragraph (or of a range of it) in order; each marked span is one token with its outer marks."""
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.outer_start], _FIRST + _REST * (span.outer_end - span.outer_start - 1)]
        at = span.outer_end
    masked = "".join((*pieces, text[at:]))
    found: list[Token] = []
    for match in _TOKEN.finditer(masked, start, len(text) if end is None else end):
        kind = match.lastgroup
        first, last = match.span()
        if kind == "quote" and _is_name(masked, text, first, last, found[-1] if found else None):
            kind = "name"
        low = match[0].lower().replace("ё", "е")
        found.append(Token(text[first:last], first, last, kind, low))  # type: ignore[arg-type]  # group names are Kinds
    return found


def _is_name(masked: str, text: str, start: int, end: int, before: Token | None) -> bool:
    """Whether the marks hold a title, not speech: few words, a capital first, no stop inside, part of the sentence."""
    inner = text[start + 1 : end - 1].strip()
    if not inner or len(inner.split()) > 5 or inner[-1] in ",.!?…" or inner[0].islower():
        return False
    after = masked[end : end + 3].lstrip()[:1]
    if before is None or before.kind in ("comma", "colon", "dash", "stop"):
        return (
            after.islower()
            or after.isdigit()
            or (before is not None and before.kind == "comma" and after not in ",-—–")
        )
    return True


def sentences(found: Sequence[Token], start: int = 0) -> list[list[Token]]:
    """The tokens from offset `start` on, parted into sentences; a stop inside a quotation parts too."""
    out: list[list[Token]] = []
    current: list[Token] = []
    for at, token in enumerate(found):
        if token.start < start:
            continue
        current.append(token)
        if len(current) >= _LONGEST:
            out.append(current)
            current = []
        after = found[at + 1] if at + 1 < len(found) else None
        if after is None:
            break
        begins = after.kind in ("quote", "name", "dash", "latin", "number") or after.text[:1].isupper()
        if token.kind == "stop":
            word = found[at - 1] if at else None
            short = word is not None and token.text == "." and word.low in _ABBREVIATIONS and after.kind != "quote"
            if begins and not short and not (after.kind == "dash" and _opens_insertion(found, at + 1)):
                out.append(current)
                current = []
        elif token.kind == "quote" and token.text.rstrip("»”“\"'’ ")[-1:] in _ENDS and after.text[:1].isupper():
            out.append(current)
            current = []
    if current:
        out.append(current)
    return out


def _opens_insertion(found: Sequence[Token], at: int) -> bool:
    """Whether a small letter follows the dash: ``— Почему? — спросил он``."""
    return at + 1 < len(found) and found[at + 1].kind == "word" and not found[at + 1].capital


def sections(name: str) -> dict[str, frozenset[str]]:
    """A word list beside this module by its ``[section]`` headings."""
    out: dict[str, set[str]] = {}
    section = ""
    for line in files(__package__).joinpath(name).read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif not line.startswith("#"):
            out.setdefault(section, set()).update(line.split())
    return {key: frozenset(words) for key, words in out.items()}


@dataclass(frozen=True, slots=True)
class Saying:
    """What a form of a verb of saying shows: ``заявила`` is said of one woman."""

    use: str  # section of the word list: say, think, ask, name, beside, passive, short
    pos: str  # VERB, GRND or PRTF
    plural: bool = False
    gender: str = ""  # of the speaker, where the past tense shows it
    first_person: bool = False
    denies: bool = False  # without the verb, the clause it takes would say the opposite: "опровергла, что …"


@lru_cache(maxsize=1)
def sayings() -> dict[str, Saying]:
    """Every form that can carry a quotation, in small letters without ё: no infinitive, future or imperative."""
    out: dict[str, Saying] = {}
    for use, verbs in sections("russian_verbs.txt").items():
        for verb in verbs:
            if use in ("passive", "short"):
                gender = {"а": "femn", "ы": ""}.get(verb[-1], "masc") if use == "short" else ""
                out[verb] = Saying(use, "VERB", verb.endswith("ы"), gender)
                continue
            for form in forms(verb):
                key = form.lemma.replace("ё", "е")
                if key not in out and (saying := _saying(use, form)):
                    out[key] = replace(saying, use="say", denies=True) if use == "deny" else saying
    return out


def _saying(use: str, form: Reading) -> Saying | None:
    tags = form.tags
    if form.pos == "GRND" or (form.pos == "PRTF" and "actv" in tags):
        return Saying(use, form.pos)
    if form.pos != "VERB" or not tags & {"past", "pres"} or "2per" in tags or "impr" in tags:
        return None
    gender = next((g for g in ("masc", "femn", "neut") if g in tags), "")
    return Saying(use, "VERB", "plur" in tags, gender, "1per" in tags)


@lru_cache(maxsize=1)
def nouns() -> dict[str, str]:
    """Dictionary forms of nouns that speak, each with its section of the word list."""
    return {word.replace("ё", "е"): kind for kind, words in sections("russian_nouns.txt").items() for word in words}


@lru_cache(maxsize=4)
def titles(kind: Literal["title", "kin", "of"]) -> frozenset[str]:
    """Nouns by what a name after them is: their bearer's ("министра Иванова"), or of whom they are wife or lawyer."""
    return sections("russian_titles.txt")[kind]


@lru_cache(maxsize=1)
def known_bodies() -> frozenset[str]:
    """Names of bodies whose noun alone names none, adjective and noun as "белый_дом"."""
    return sections("russian_titles.txt")["body"]


_AGENCY = re.compile(r"(?:Рос|Мин|Гос|Мос|Глав)[бвгджзклмнпрстфхцчшщ]?[а-яё]{3,}\Z")
_SURNAME = re.compile(r"(?:[оеё]в|[иы]н|ский|цкий|енко|[ия]дзе)(?:а|у|ым|е|ой|ого|ому|ом)?\Z")


def is_agency(word: str) -> bool:
    """Whether the word is made as names of Russian authorities are: Минтранс, Роспотребнадзор, Госсовет."""
    return bool(_AGENCY.match(word)) and not _SURNAME.search(word) and not in_dictionary(word)


@lru_cache(maxsize=1)
def described() -> dict[str, frozenset[str]]:
    """For a describing word ("дипломат"), the words of a role that it may stand for."""
    out: dict[str, frozenset[str]] = {}
    for line in files(__package__).joinpath("russian_roles.txt").read_text("utf-8").splitlines():
        word, _, roles = line.partition(":")
        if roles:
            out[word] = frozenset(roles.split())
    return out
