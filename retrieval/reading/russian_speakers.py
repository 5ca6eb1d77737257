"""Who is the subject of a verb of saying in a Russian sentence, and whom a pronoun or description means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.reading.morphology import Reading, head_nominative, readings
from retrieval.reading.russian_people import Mention, People, Person
from retrieval.reading.russian_text import Saying, Token, described, nouns
from retrieval.types import Speaker

Sort = Literal["person", "pronoun", "noun", "organisation", "writing", "unnamed"]
_RANK: dict[Sort, int] = {"person": 5, "pronoun": 4, "unnamed": 3, "noun": 3, "organisation": 2, "writing": 1}
PRONOUNS = {"он": "masc", "она": "femn", "они": "", "я": "", "мы": "", "оно": "neut"}
POSSESSIVES = {"его": "masc", "ее": "femn", "их": ""}
_SOME = frozenset("один одна некоторые многие другие большинство часть ряд никто кто-то".split())
SUBORDINATORS = frozenset(
    """что чтобы который которая которое которые которого которой которых которому которым когда если как поскольку
    хотя где куда откуда пока будто потому причем чем словно""".split()
)
_OPEN_APPOSITION = frozenset(
    """близкий близкая близкие знакомый знакомая знакомые осведомленный осведомленная пожелавший пожелавшая попросивший
    попросившая участвующий участвовавший работающий присутствовавший просивший говоривший""".split()
)
_MODIFIER_CASES = frozenset({"gent", "ablt"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that may be the speaker: tokens `lo` to `hi` of its sentence."""

    sort: Sort
    lo: int
    hi: int
    head: int  # token of the head noun, pronoun or name
    gender: str = ""
    case: str = "nomn"
    mention: Mention | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """A speaker and the rule that found them."""

    speaker: Speaker | None
    route: str
    confidence: float
    person: Person | None = None


NOBODY = Attribution(None, "none", 0.0)


def subject(
    sentence: Sequence[Token], lo: int, hi: int, saying: Saying, people: People, mentions: dict[int, Mention]
) -> Candidate | None:
    """The best nominative between two tokens that agrees with the verb: persons first, then pronouns, people, organisations."""
    best: Candidate | None = None
    at = lo
    while at < hi:
        found = _candidate(sentence, lo, at, hi, ("nomn",), saying, people, mentions)
        if found and (best is None or _RANK[found.sort] > _RANK[best.sort]):
            best = found
        at = found.hi if found else at + 1
    return best


def phrase_in_case(
    sentence: Sequence[Token], lo: int, hi: int, case: str, people: People, mentions: dict[int, Mention]
) -> Candidate | None:
    """The noun phrase that begins at `lo` in the case: after "по словам" (genitive) or "в" (locative)."""
    at = lo
    while at < hi and sentence[at].kind == "word" and not _noun_reading(sentence[at], (case,)):
        if sentence[at].start not in mentions and not _reading(sentence[at], (case,), ("ADJF", "PRTF", "NUMR", "NPRO")):
            return None
        at += 1
    if at >= hi:
        return None
    return _candidate(sentence, lo, at, hi, (case,), None, people, mentions)


def _candidate(
    sentence: Sequence[Token],
    lo: int,
    at: int,
    hi: int,
    cases: tuple[str, ...],
    saying: Saying | None,
    people: People,
    mentions: dict[int, Mention],
) -> Candidate | None:
    token = sentence[at]
    gender = saying.gender if saying else ""
    plural = saying is not None and saying.plural
    case = cases[0]
    mention = mentions.get(token.start)
    if mention and not plural and (case != "nomn" or people.can_be(mention, "" if gender == "neut" else gender)):
        end = _end_of(sentence, at, hi, mention)
        return Candidate("person", role_start(sentence, lo, at, case), end, at, gender, case, mention)
    if token.kind == "latin" and token.text[0].isupper() and not plural:
        end = at + 1
        while end < hi and sentence[end].kind == "latin":
            end += 1
        return Candidate("organisation", at, end, at, case=case)
    if token.kind != "word":
        return None
    if case == "nomn" and token.low in PRONOUNS:
        sex = PRONOUNS[token.low]
        fits = (
            token.low in ("они", "мы") if plural else token.low not in ("они", "мы") and gender in ("", sex or gender)
        )
        fits = fits and (saying is None or not saying.first_person or token.low in ("я", "мы"))
        return Candidate("pronoun", at, at + 1, at, sex or gender) if fits else None
    if saying is not None and saying.first_person:
        return None
    if token.low in _SOME and _reading(token, cases, ("ADJF", "NPRO", "NOUN", "NUMR")):
        return Candidate("unnamed", at, _extend(sentence, at + 1, hi, mentions), at, gender, case)
    reading = _noun_reading(token, cases)
    if reading is None:
        return None
    sort = _sort(token, reading)
    if sort is None or (saying is not None and not _agrees(reading, saying, sort)):
        return None
    return _phrase(sentence, lo, at, hi, reading, sort, case, people, mentions)


def _phrase(
    sentence: Sequence[Token],
    lo: int,
    at: int,
    hi: int,
    reading: Reading,
    sort: Sort,
    case: str,
    people: People,
    mentions: dict[int, Mention],
) -> Candidate:
    """The noun with all that belongs to it; a person's, where a name in the same case follows: ``посол России Иван Орлов``."""
    end = _extend(sentence, at + 1, hi, mentions)
    start = at
    while start > lo and sentence[start - 1].kind == "word" and _agreeing(sentence[start - 1], case, reading):
        start -= 1
    named = mentions.get(sentence[end].start) if end < hi else None
    if named and sort != "writing" and (case != "nomn" or people.can_be(named, "")):
        return Candidate("person", start, _end_of(sentence, end, hi, named), end, "", case, named)
    if sort == "unnamed":
        end = _with_open_apposition(sentence, end)
    gender = next((g for g in ("masc", "femn", "neut") if g in reading.tags), "")
    return Candidate(sort, start, end, at, gender, case)


def _end_of(sentence: Sequence[Token], at: int, hi: int, mention: Mention) -> int:
    while at < hi and sentence[at].start < mention.end:
        at += 1
    return at


def _sort(token: Token, reading: Reading) -> Sort | None:
    lemma = reading.lemma.replace("ё", "е")
    known = nouns().get(lemma)
    if known == "person":
        return "noun"
    if known in ("organisation", "place"):
        return "organisation"
    if known in ("writing", "unnamed"):
        return known  # type: ignore[return-value]  # both are sorts
    if reading.tags & {"Orgn"} or (token.text.isupper() and len(token.text) > 1):
        return "organisation"
    if "anim" in reading.tags:
        return "noun"
    if "-" in lemma:
        return (
            _sort(token, Reading(lemma.rsplit("-", 1)[1], reading.pos, reading.tags, 0.0)) if lemma[-1] != "-" else None
        )
    if token.capital and token.start and reading.tags & {"Geox"}:
        return None
    return None


def _agrees(reading: Reading, saying: Saying, sort: Sort) -> bool:
    if ("plur" in reading.tags) != saying.plural:
        return False
    if saying.plural or not saying.gender or saying.gender in reading.tags or "ms-f" in reading.tags:
        return True
    # A role keeps its masculine form for a woman: "министр заявила". Abbreviations take the gender of what they shorten.
    return ("masc" in reading.tags and saying.gender == "femn" and sort in ("noun", "unnamed")) or (
        sort == "organisation" and bool({"Abbr", "Fixd"} & reading.tags)
    )


def _reading(token: Token, cases: Sequence[str], parts: Sequence[str]) -> Reading | None:
    for reading in readings(token.text):
        if reading.pos in parts and any(c in reading.tags for c in cases):
            return reading
    return None


def _noun_reading(token: Token, cases: Sequence[str]) -> Reading | None:
    """The likeliest reading as a noun in one of the cases, unless the word is more likely something else altogether."""
    found = [r for r in readings(token.text) if r.pos == "NOUN" and any(c in r.tags for c in cases)]
    found = [r for r in found if r.score >= 0.1 or "Fixd" in r.tags or token.text.isupper()]
    found.sort(key=lambda r: ("anim" not in r.tags, -r.score))
    return found[0] if found else None


def _agreeing(token: Token, case: str, noun: Reading) -> bool:
    """Whether the word is an adjective of the noun."""
    number = "plur" if "plur" in noun.tags else "sing"
    return any(
        r.pos in ("ADJF", "PRTF") and case in r.tags and number in r.tags and "Apro" not in r.tags
        for r in readings(token.text)
    )


def _extend(sentence: Sequence[Token], at: int, hi: int, mentions: dict[int, Mention]) -> int:
    """Where a noun's dependants end: genitives, titles in marks, abbreviations, and places after a preposition."""
    while at < hi:
        token = sentence[at]
        if token.start in mentions and token.capital and _nominative_name(token, mentions[token.start]):
            break
        if token.kind in ("name", "latin", "number"):
            at += 1
        elif token.kind == "word" and token.text.isupper() and len(token.text) > 1:
            at += 1
        elif token.kind == "word" and _reading(token, ("gent",), ("NOUN", "ADJF", "PRTF")) and not _is_verb(token):
            at += 1
        elif token.low == "и" and at + 1 < hi and _genitive(sentence[at - 1]) and _genitive(sentence[at + 1]):
            at += 2
        elif token.low in ("в", "во", "на", "при", "из", "по", "от") and at + 1 < hi:
            end = _after_preposition(sentence, at, hi)
            if end == at:
                break
            at = end
        else:
            break
    return at


def _nominative_name(token: Token, mention: Mention) -> bool:
    """Whether the name may begin here as an apposition; a genitive ("адвокат Орлова") belongs to the noun."""
    return mention.full or bool(_reading(token, ("nomn",), ("NOUN", "ADJF"))) or not readings(token.text)


def _after_preposition(sentence: Sequence[Token], at: int, hi: int) -> int:
    """Past a phrase that narrows a role ("в США", "по делам молодёжи"); `at` itself for one that does not ("в среду")."""
    preposition, end = sentence[at].low, at + 1
    if preposition in ("в", "во", "на", "из") and not (
        sentence[end].capital or sentence[end].kind in ("latin", "name")
    ):
        return at
    if preposition == "по" and sentence[end].low in ("словам", "мнению", "данным", "итогам", "телефону", "поводу"):
        return at
    cases = ("datv",) if preposition == "по" else ("gent",) if preposition in ("из", "от") else ("loct", "accs")
    while end < hi and sentence[end].kind in ("word", "latin", "name"):
        token = sentence[end]
        fits = token.text.isupper() or token.kind != "word" or _reading(token, cases, ("ADJF", "PRTF", "NOUN"))
        if not fits or _is_verb(token):
            break
        end += 1
        if token.kind != "word" or _reading(token, cases, ("NOUN",)):
            return end
    return at


def _with_open_apposition(sentence: Sequence[Token], at: int) -> int:
    """Past ``, близкий к переговорам`` after an unnamed speaker."""
    if at + 1 < len(sentence) and sentence[at].kind == "comma" and sentence[at + 1].low in _OPEN_APPOSITION:
        at += 2
        while at < len(sentence) and sentence[at].kind not in ("comma", "dash", "colon", "stop", "quote"):
            at += 1
    return at


def _genitive(token: Token) -> bool:
    return bool(_reading(token, ("gent",), ("NOUN", "ADJF", "PRTF")))


def _is_verb(token: Token) -> bool:
    found = readings(token.text)
    return bool(found) and found[0].pos in ("VERB", "INFN", "GRND", "PRTS")


def role_start(sentence: Sequence[Token], lo: int, at: int, case: str) -> int:
    """Where the role printed before a name begins (the name itself when there is none): ``заместитель министра связи``."""
    start, first = at - 1, at
    while start >= lo and at - start <= 14:
        token = sentence[start]
        if token.kind not in ("word", "latin", "name", "number") or _is_verb(token):
            break
        if token.kind == "word":
            reading = _noun_reading(token, (case,))
            if reading and _sort(token, reading) in ("noun", "unnamed") and not reading.tags & {"Surn", "Patr"}:
                first = start
            elif first < at and start == first - 1 and _reading(token, (case,), ("ADJF", "PRTF")):
                first = start
        start -= 1
    return first


def clause_subject(
    sentence: Sequence[Token], verb: int, saying: Saying, people: People, mentions: dict[int, Mention]
) -> Candidate | None:
    """The subject before the verb: in its clause, else in the nearest clause to the left that is not subordinate."""
    end = verb
    while end > 0:
        start = end
        while start > 0 and sentence[start - 1].kind not in ("comma", "dash", "colon", "quote", "stop"):
            start -= 1
        lead = [t.low for t in sentence[start : start + 2]]
        subordinate = any(w in SUBORDINATORS for w in lead) or _participial(sentence[start : min(start + 3, end)])
        if end == verb or not subordinate:
            found = subject(sentence, start, end, saying, people, mentions)
            if found:
                return found
        end = start - 1
    return None


def _participial(lead: Sequence[Token]) -> bool:
    return any((r := readings(t.text)) and r[0].pos in ("PRTF", "GRND") for t in lead if t.kind == "word")


def phrase(sentence: Sequence[Token], candidate: Candidate, text: str) -> str:
    """The words of the candidate as written."""
    return text[sentence[candidate.lo].start : sentence[candidate.hi - 1].end]


def nominative_phrase(sentence: Sequence[Token], candidate: Candidate, text: str, hi: int | None = None) -> str:
    """The words of the candidate (up to token `hi`) with their head in the nominative."""
    end = candidate.hi if hi is None else hi
    words = sentence[candidate.lo : end]
    written = text[words[0].start : words[-1].end]
    if candidate.case == "nomn":
        return written
    straight = head_nominative([t.text for t in words], candidate.case)
    out, at = "", words[0].start
    for token, word in zip(words, straight, strict=True):
        out += text[at : token.start] + word
        at = token.end
    return out


def lemmas(words: Sequence[str]) -> frozenset[str]:
    """Dictionary forms of the words' nouns, for comparing roles."""
    return frozenset(r.lemma for w in words for r in readings(w)[:1] if r.pos == "NOUN")


def may_mean(description: Sequence[str], role: str) -> bool:
    """Whether a description ("дипломат", "министр связи") fits a role printed in the article."""
    words = [w for w in description if w.isalpha() or "-" in w]
    if not words:
        return False
    head = next((r.lemma for w in words for r in readings(w)[:1] if r.pos == "NOUN"), "")
    wanted = described().get(head, frozenset({head}))
    have = lemmas(role.split())
    rest = lemmas(words) - {head} - _GENERIC
    return bool(wanted & have) and rest <= have


_GENERIC = frozenset(
    "ведомство министерство компания государство страна агентство дипмиссия организация регион".split()
)
