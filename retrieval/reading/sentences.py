"""A paragraph as sentences of tokens, each marked span one opaque token, so that clauses can be read across it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.reading.lexicon import verbs
from retrieval.reading.marks import Marked

# A stop after these ends no sentence. Single capitals ("J.") and dotted letters ("U.S.") are read by pattern.
_ABBREVIATIONS = (
    "Mr Mrs Ms Dr Prof Rev Hon Sen Sens Rep Reps Gov Govs Gen Col Maj Capt Lt Sgt Cpl Cmdr Adm Pres Supt Det St Ste Jr Sr "
    "No Nos Vol Inc Corp Co Ltd Bros vs v al approx dept est Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec "
    "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Tenn "
    "Tex Va Vt Wash Wis Wyo Dak Mt Ft Ave Blvd Messrs Mmes Mme Atty Asst"
)
_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S.
    r"|\b(?:[A-Z]-)?(?:" + "|".join(_ABBREVIATIONS.split()) + r")\.(?=[\s,;:)\-]|$)"
    r"|\b[^\W\d_]\.(?=\s+[^\W\d_])"  # J.
    r"|[$€£]?\d+(?:[.,:]\d+)*%?"
    r"|[’'`]s\b"
    r"|[^\W_]+(?:[’'\-‑&.@\x80-\x9f§]+[^\W_]+)*"  # x80-x9f: letters broken by a wrong decoding
    r"|\.{3}|…|--|\S"
)
_POSSESSIVE = re.compile(r"[’'`]s$")
_ASIDE = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")
_ENDS = frozenset(".?!")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a punctuation mark or a marked span, with its place in the paragraph."""

    text: str
    start: int
    end: int
    kind: Literal["word", "stop", "marked"]
    marked: Marked | None = None

    @property
    def lower(self) -> str:
        return self.text.lower().replace("'", "’")

    @property
    def capital(self) -> bool:
        return self.kind == "word" and self.text[0].isupper()


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
            return after in ",.:;?!" or after in ("in", "on", "at", "to", "of", "during", "after", "when", "as", "with")
    return False


def _tokens(text: str, spans: Sequence[Marked], start: int) -> list[Token]:
    out: list[Token] = []
    for span in spans:
        if span.outer_start >= start:
            _words(text, start, span.outer_start, out)
            out.append(Token(text[span.start : span.end], span.outer_start, span.outer_end, "marked", span))
            start = span.outer_end
    _words(text, start, len(text), out)
    return out


def _words(text: str, start: int, end: int, out: list[Token]) -> None:
    asides = [m.span() for m in _ASIDE.finditer(text, start, end)]
    for aside_start, aside_end in [*asides, (end, end)]:
        for match in _TOKEN.finditer(text, start, aside_start):
            word = match[0]
            if _POSSESSIVE.fullmatch(word):
                out.append(Token("’s", match.start(), match.end(), "stop"))
                continue
            kind: Literal["word", "stop"] = "word" if word[0].isalnum() or word[0] in "$€£" else "stop"
            possessive = _POSSESSIVE.search(word) if kind == "word" else None
            at = match.start() + possessive.start() if possessive else match.end()
            out.append(Token(text[match.start() : at], match.start(), at, kind))
            if possessive:
                out.append(Token("’s", at, match.end(), "stop"))
        start = aside_end
