"""Words that introduce speech in a Russian sentence, each with its clause and its speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.reading.dictionary import readings
from retrieval.reading.russian_clauses import Candidate, Sentence
from retrieval.reading.russian_phrases import OPEN_APPOSITION
from retrieval.reading.russian_text import Saying, Token, sayings

THAT = frozenset({"что", "будто", "якобы"})
ASKING = frozenset(
    "как какой какая какие каким какую когда где почему сколько кто зачем куда чем откуда чтобы ли".split()
)
_ACCORDING = frozenset(
    """словам мнению данным информации сведениям утверждению утверждениям оценке оценкам версии заявлению признанию
    выражению убеждению подсчетам наблюдениям прогнозу прогнозам расчетам свидетельству воспоминаниям""".split()
)
_SPOKEN = frozenset("словам слов мнению утверждению утверждениям убеждению признанию выражению".split())
_POSSESSIVES = {"его": "masc", "ее": "femn", "их": ""}
_DENYING = ("исключ", "скрыва", "сомнева", "отриц")  # "не исключил, что" does say something
ANY = Saying("say", "VERB")
ANY_PLURAL = Saying("say", "VERB", plural=True)


@dataclass(slots=True)
class Cue:
    """A cue: token `at`, in the clause of tokens `lo` to `hi`."""

    at: int
    lo: int
    hi: int
    saying: Saying
    speaker: Candidate | None
    words: str
    local: bool = True  # the speaker stands in the cue's own clause
    according: bool = False  # "по словам"
    denies: bool = False  # "опровергла, что …"; not "не отрицала, что …"


def find_cue(s: Sentence, at: int) -> Cue | None:
    """The cue whose word of saying is token `at`; none for infinitives, futures, what is unsaid or only supposed."""
    cue = _cue(s, at)
    if cue is not None and cue.saying.denies:
        cue.denies = s.tokens[at - 1].low not in ("не", "ни") if at else True
    return cue


def _cue(s: Sentence, at: int) -> Cue | None:
    token = s.tokens[at]
    if token.kind != "word":
        return None
    if token.low in ("по", "со", "согласно"):
        return _according(s, at)
    saying = sayings().get(token.low)
    if saying is None and at and s.tokens[at - 1].kind == "dash" and quote_before(s.tokens, at) is not None:
        saying = any_verb(token)  # any verb may stand beside a quotation: "описала впечатления шахматистка"
    if saying is None:
        return None
    before = s.tokens[at - 1].low if at else ""
    after = s.tokens[at + 1].low if at + 1 < len(s.tokens) else ""
    if "бы" in (before, after) or (before in ("не", "ни") and not token.low.startswith(_DENYING)):
        return None
    lo, hi = s.clause(at)
    words = token.text
    if saying.pos == "GRND":
        return Cue(at, at, hi, saying, None, words, local=False)
    if saying.pos == "PRTF":
        owner = _owner_of_participle(s, at)
        return Cue(at, lo, hi, saying, owner, words) if owner else None
    if saying.use == "quote":
        owner = quoted(s, at + 1, hi)
        return Cue(at, lo, hi, saying, owner, words) if owner else None
    left = right = None
    if saying.use != "passive":
        left, right = s.subject(lo, at, saying), s.subject(at + 1, hi, saying)
    if left is None and right and right.sort == "organisation" and (teller := s.subject_around(lo, at, saying)):
        return Cue(at, lo, hi, saying, teller, words, local=False)  # "источник, знакомый с …, сказал РИА Новости"
    speaker = right if right and (left is None or _outranks(right, left)) else left
    if speaker is None and (saying.plural or saying.use == "passive"):
        speaker = _in_organisation(s, lo, at) or _in_organisation(s, at + 1, hi)
    if speaker:
        return Cue(at, lo, s.boundary(max(hi, speaker.hi)), saying, speaker, words)
    if saying.use == "passive":
        return None
    return Cue(at, lo, hi, saying, s.subject_before(at, saying), words, local=False)


def _according(s: Sentence, at: int) -> Cue | None:
    """``по словам X``, ``по его словам``, ``со слов X``, ``согласно докладу X``."""
    low = s.tokens[at].low
    rest = [t.low for t in s.tokens[at + 1 : at + 3]]
    if not rest:
        return None
    if low == "по" and len(rest) == 2 and rest[0] in _POSSESSIVES and rest[1] in _ACCORDING:
        owner = Candidate("pronoun", at + 1, at + 2, _POSSESSIVES[rest[0]], "gent")
        return Cue(at, at, at + 3, ANY, owner, s.words(at, at + 3), according=True)
    if low == "согласно":
        found = s.in_case(at + 1, s.boundary(at + 1, at + 20), "datv")
        if found is None or found.sort != "writing":
            return None
        return Cue(at, at, found.hi, ANY, found, s.words(at, at + 1), according=True)
    if not (low == "по" and rest[0] in _ACCORDING) and not (low == "со" and rest[0] == "слов"):
        return None
    hi = s.boundary(at + 2, at + 40)
    owner_at = s.in_case(at + 2, hi, "gent")
    if owner_at is None and rest[0] in _SPOKEN and at + 2 < hi and s.tokens[at + 2].kind == "word":
        end = s.extended(at + 3, hi)
        while end < hi and s.tokens[end].capital:
            end += 1
        owner_at = Candidate("unnamed", at + 2, end, "", "gent")  # whoever speaks can speak
    if owner_at is None:
        return None
    end = owner_at.hi + (owner_at.hi < hi and s.tokens[owner_at.hi].kind == "paren")
    return Cue(at, at, end, ANY, owner_at, s.words(at, at + 2), according=True)


def _in_organisation(s: Sentence, lo: int, hi: int) -> Candidate | None:
    """``в пресс-службе министерства``, for a plural verb without a subject and for "говорится"."""
    for at in range(lo, hi - 1):
        if s.tokens[at].low in ("в", "во", "на"):
            found = s.in_case(at + 1, hi, "loct")
            if found and found.sort in ("organisation", "writing"):
                return found
    return None


def _owner_of_participle(s: Sentence, at: int) -> Candidate | None:
    """The noun or name right before ``, говорившего``."""
    if at < 2 or s.tokens[at - 1].kind != "comma" or s.tokens[at].low in OPEN_APPOSITION:
        return None
    cases = [c for r in readings(s.tokens[at].text) for c in ("nomn", "gent", "datv", "accs", "ablt") if c in r.tags]
    for case in dict.fromkeys(cases):
        for lo in range(max(0, at - 6), at - 1):
            found = s.in_case(lo, at - 1, case)
            if found and found.hi == at - 1 and found.sort in ("person", "noun", "unnamed"):
                return found
    return None


def quoted(s: Sentence, lo: int, hi: int) -> Candidate | None:
    """Whom one quotes: ``приводит слова Мухина пресс-служба``, ``цитирует газета нападающего Антона Крыла``."""
    words = next((at + 1 for at in range(lo, hi) if s.tokens[at].low in ("слова", "слово", "заявление")), lo)
    for at in range(words, hi):
        found = s.in_case(at, hi, "gent" if words > lo else "accs")
        if found and found.sort in ("person", "noun", "unnamed"):
            return found
    return None


def announces(s: Sentence, at: int) -> bool:
    """Whether the word is a verb of saying followed by "что" or a colon."""
    saying = sayings().get(s.tokens[at].low)
    if saying is None or saying.pos == "PRTF":
        return False
    hi = s.clause(at)[1]
    if hi >= len(s.tokens):
        return False
    follows = s.tokens[hi + 1].low if hi + 1 < len(s.tokens) else ""
    return s.tokens[hi].kind == "colon" or (s.tokens[hi].kind == "comma" and follows in THAT)


def names_speaker(s: Sentence, at: int) -> bool:
    """Whether the word is a verb of saying with its subject after it: ``…, сообщил X``, ``…, рассказали в мэрии``."""
    saying = sayings().get(s.tokens[at].low)
    if saying is None or saying.pos != "VERB" or saying.use not in ("say", "think", "ask"):
        return False
    hi = s.clause(at)[1]
    return s.subject(at + 1, hi, saying) is not None or (saying.plural and _in_organisation(s, at + 1, hi) is not None)


def says(token: Token) -> bool:
    """Whether the word can stand between dashes inside speech."""
    saying = sayings().get(token.low)
    return saying is not None and saying.pos == "VERB" and saying.use not in ("name", "passive")


def quote_before(tokens: Sequence[Token], lo: int) -> int | None:
    """The quotation that ends right before token `lo`, stops and dashes between."""
    at = lo - 1
    while at >= 0 and tokens[at].kind in ("comma", "dash", "stop"):
        at -= 1
    return at if at >= 0 and tokens[at].kind == "quote" else None


def quote_after(tokens: Sequence[Token], hi: int) -> int | None:
    """The quotation that goes on after token `hi`: a comma, dash or stop, then marks."""
    at = hi
    while at < len(tokens) and tokens[at].kind in ("comma", "dash", "stop", "colon"):
        at += 1
    return at if hi < at < len(tokens) and tokens[at].kind == "quote" else None


def is_clause(content: Sequence[Token]) -> bool:
    """Whether the tokens say something: at least two, with a predicate, a dash in its place, or a quotation."""
    if len(content) < 2:
        return False
    if any(t.kind in ("quote", "dash") or (t.kind == "word" and is_predicate(t.text)) for t in content):
        return True
    noun, last = (readings(t.text)[:1] if t.kind == "word" else () for t in content[-2:])  # "лёд тонкий"
    return any(r.pos == "NOUN" for r in noun) and any(
        r.pos == "COMP" or {"ADJF", "nomn"} <= {r.pos, *r.tags} for r in last
    )


def is_predicate(word: str) -> bool:
    return any(r.pos in ("VERB", "PRTS", "PRED", "INFN", "ADJS") for r in readings(word)[:1])


def any_verb(token: Token) -> Saying | None:
    """What a finite verb shows of its subject."""
    for reading in readings(token.text)[:1]:
        if reading.pos == "VERB" and "indc" in reading.tags and reading.tags & {"past", "pres"}:
            gender = next((g for g in ("masc", "femn", "neut") if g in reading.tags), "")
            return Saying("beside", "VERB", "plur" in reading.tags, gender, "1per" in reading.tags)
    return None


def _outranks(one: Candidate, other: Candidate) -> bool:
    return other.sort in ("writing", "organisation") and one.sort not in ("writing", "organisation")
