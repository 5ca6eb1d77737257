"""A paragraph as sentences of tokens, each marked span one opaque token, so that clauses can be read across it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from retrieval.reading.lexicon import WEEKDAYS, verbs
from retrieval.reading.marks import Marked

# A stop after these ends no sentence. Single capitals ("J.") and dotted letters ("U.S.") are read by pattern.
_ABBREVIATIONS = frozenset(
    (
        "Mr Mrs Ms Dr Prof Rev Hon Sen Sens Rep Reps Gov Govs Gen Col Maj Capt Lt Sgt Cpl Cmdr Adm Pres Supt Det "
        "St Ste Jr Sr No Nos Vol Inc Corp Co Ltd Bros vs v al approx dept est Jan Feb Mar Apr Jun Jul Aug Sept "
        "Sep Oct Nov Dec Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont "
        "Neb Nev Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo Dak Mt Ft Ave Blvd Messrs Mmes Mme Atty Asst"
    ).split()
)
_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S.
    r"|[$€£¥₽]?\d+(?:[.,:]\d+)*(?:[ \xa0\u202f]?(?:[%‰€£¥₽](?!\d)|°[CF]?)|\+)?"  # 5 %, 20 °C, 3+
    r"|[’'`]s\b"
    r"|[^\W_]+(?:[’'\-‑&.@\x80-\x9f§]+[^\W_]+)*(?:\+{1,2}|\#)?"  # x80-x9f: letters broken by a wrong decoding
    r"|\.{3}|…|--|\S"
)
_POSSESSIVE = re.compile(r"[’'`]s$")
_ASIDE = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")
_ENDS = frozenset(".?!")


_AFTER_TAG = frozenset("in on at to of during after when as with last this earlier later".split()) | WEEKDAYS
Kind = Literal["word", "stop", "marked"]


class Token(NamedTuple):
    """A word, a punctuation mark or a marked span, with its place in the paragraph. A tuple: many are made."""

    text: str
    lower: str  # small letters, apostrophes curly
    start: int
    end: int
    kind: Kind
    capital: bool  # a word that begins with a capital letter
    marked: Marked | None = None


def _token(text: str, start: int, end: int, kind: Kind, marked: Marked | None = None) -> Token:
    lower = text.lower().replace("'", "’") if kind == "word" else text
    return Token(text, lower, start, end, kind, kind == "word" and text[0].isupper(), marked)


Sentence = list[Token]


def read_sentences(text: str, spans: Sequence[Marked], start: int = 0) -> list[Sentence]:
    """The sentences of text[start:]; a marked span goes with the words of saying beside it.

    Bracketed asides are left out; possessive "'s" is a token of its own.
    """
    tokens = _tokens(text, spans, start)
    out: list[Sentence] = [[]]
    for index, token in enumerate(tokens):
        out[-1].append(token)
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if after is None:
            break
        if token.kind == "marked":
            if token.text[-1] in ".?!…" and not (after.kind == "word" and after.text[0].islower()):
                if after.kind == "stop" and after.text not in "—–-":
                    continue
                if not _is_tag(tokens, index + 1):
                    out.append([])
        elif token.text in _ENDS and not (after.kind == "word" and after.text[0].islower()) and after.text not in _ENDS:
            out.append([])
    return [sentence for sentence in out if sentence]


def _is_tag(tokens: Sequence[Token], at: int) -> bool:
    """Whether "Name said." or "said Name" stands here, as after `“Why?”`."""
    known = verbs()
    if tokens[at].lower in known:
        return True
    for index in range(at, min(at + 6, len(tokens))):
        token = tokens[index]
        if token.kind != "word":
            return False
        if token.text in known and index > at:
            after = tokens[index + 1].text if index + 1 < len(tokens) else "."
            return after in ",.:;?!" or after.lower() in _AFTER_TAG
    return False


def _tokens(text: str, spans: Sequence[Marked], start: int) -> list[Token]:
    out: list[Token] = []
    for span in spans:
        if span.outer_start >= start:
            _words(text, start, span.outer_start, out)
            out.append(_token(text[span.start : span.end], span.outer_start, span.outer_end, "marked", span))
            start = span.outer_end
    _words(text, start, len(text), out)
    return out


def _abbreviates(text: str, start: int, end: int) -> bool:
    """Whether the stop after the word text[start:end] belongs to it: "Mr.", "R-Ky.", "J." before a name."""
    if text[end : end + 1] != "." or end - start > 7:
        return False
    word, after, beyond = text[start:end], text[end + 1 : end + 2], text[end + 2 : end + 3]
    if len(word) == 1:
        return word.isupper() and word != "I" and after.isspace() and beyond.isalpha()
    if word in ("No", "Nos"):
        return beyond.isdigit()
    return word.rpartition("-")[2] in _ABBREVIATIONS and (not after or after.isspace() or after in ",;:)-")


def _words(text: str, start: int, end: int, out: list[Token]) -> None:
    asides = [m.span() for m in _ASIDE.finditer(text, start, end)]
    for aside_start, aside_end in [*asides, (end, end)]:
        for match in _TOKEN.finditer(text, start, aside_start):
            word = match[0]
            if _POSSESSIVE.fullmatch(word):
                out.append(_token("’s", match.start(), match.end(), "stop"))
                continue
            if match.start() < start:
                continue  # the stop of an abbreviation
            kind: Kind = "word" if word[0].isalnum() or word[0] in "$€£¥₽" else "stop"
            possessive = _POSSESSIVE.search(word) if kind == "word" and word[-1] == "s" else None
            at = match.start() + possessive.start() if possessive else match.end()
            if kind == "word" and _abbreviates(text, match.start(), at):
                at = start = at + 1
            out.append(_token(text[match.start() : at], match.start(), at, kind))
            if possessive:
                out.append(_token("’s", at, match.end(), "stop"))
        start = aside_end
