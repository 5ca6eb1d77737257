"""What a Russian form can be: the dictionary (OpenCorpora, by pymorphy3), opened when the first word is looked up.

Opening takes a fifth of a second; each form is looked up once. Known forms are found in pymorphy3's automaton directly,
with the readings, scores and order that its analyzer gives, in a third of the time: what stands at a node of the
automaton is read once, and words that inflect alike share nodes. Unknown ones are left to the analyzer, which goes by
their endings. Grammemes are OpenCorpora's: ``nomn gent datv accs ablt loct``, ``masc femn neut ms-f``, ``sing plur``,
``Name Surn Patr Geox Orgn``. Source: https://opencorpora.org/dict.php?act=gram
"""

from __future__ import annotations

import re
import struct
from binascii import a2b_base64
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

_OTHER_CASES = {"gen2": "gent", "gen1": "gent", "acc2": "accs", "loc2": "loct", "loc1": "loct"}
_LONGEST = 60  # letters: no word is longer, and looking for its ending would be slow
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_VALUE = b"\x01"  # parts a word from its analyses in the automaton
_YO = "ё".encode()


class Reading(NamedTuple):
    """One thing that a form can be."""

    lemma: str
    pos: str  # NOUN, ADJF, VERB, GRND, PRTF, ...; "" for what is no word
    tags: frozenset[str]
    score: float  # share of this reading among all, 0..1


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[Reading, ...]:
    """What the form can be, likeliest first; nothing for what is longer than any word."""
    low = word.lower()
    return _readings(low) if low == word else readings(low)


@lru_cache(maxsize=1 << 16)
def in_dictionary(word: str) -> bool:
    """Whether the form is in the dictionary; what is not is read by its ending alone."""
    return len(word) <= _LONGEST and bool(_found(word.lower()))


def forms(lemma: str) -> tuple[Reading, ...]:
    """All forms of a verb (infinitive given) or noun, each as a reading whose `lemma` is the form itself."""
    parses = [p for p in _analyzer().parse(lemma) if p.normal_form == lemma and p.tag.POS in ("INFN", "NOUN")]
    return tuple(Reading(p.word, *_traits(p.tag), 1.0) for parse in parses for p in parse.lexeme)


def inflected(word: str, reading: Reading, grammemes: set[str]) -> str | None:
    """The word, read so, in the form with the grammemes; none where it has no such form."""
    for parse in _analyzer().parse(word.lower()):
        if parse.normal_form == reading.lemma and _traits(parse.tag) == (reading.pos, reading.tags):
            found = parse.inflect(grammemes)
            return str(found.word) if found else None
    return None


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@cache  # a few thousand
def _traits(tag: Any) -> tuple[str, frozenset[str]]:
    return str(tag.POS or ""), frozenset(_OTHER_CASES.get(g, g) for g in tag.grammemes)


@cache  # ten thousand or so
def _form(paradigm: int, form: int) -> tuple[bytes, str, frozenset[str]]:
    tag = _analyzer().dictionary.build_tag_info(paradigm, form)
    return str(tag).encode(), *_traits(tag)


def _readings(word: str) -> tuple[Reading, ...]:
    if len(word) > _LONGEST or not _CYRILLIC.search(word):
        return ()
    lemma = _analyzer().dictionary.build_normal_form
    found = [(spelling, *analysis) for spelling, node in _found(word) for analysis in _analyses(node)]
    if found:
        traits = [_form(paradigm, form) for _, paradigm, form in found]
        shares = _shares(word, [tag for tag, _, _ in traits])
        out = [
            Reading(lemma(paradigm, form, spelling), pos, tags, share)
            for (spelling, paradigm, form), (_, pos, tags), share in zip(found, traits, shares, strict=True)
        ]
        out.sort(key=lambda reading: -reading.score)
    else:
        out = [Reading(p.normal_form, *_traits(p.tag), float(p.score)) for p in _analyzer().parse(word)]
    return tuple(r for r in out if len(word) > 1 or r.pos != "NOUN")  # a letter is not its own name


@lru_cache(maxsize=1 << 14)
def _found(word: str) -> tuple[tuple[str, int], ...]:
    """The word's spellings in the dictionary, each with the node of its analyses."""
    return tuple(_spellings(word))


def _spellings(word: str, at: int = 0, node: int = 0, spelling: str = "") -> Iterator[tuple[str, int]]:
    """First the word as it is, then with ё for е."""
    automaton = _analyzer().dictionary.words.dct
    others = []
    start, here = at, node or automaton.ROOT
    while (e := word.find("е", at)) >= 0:
        here = automaton.follow_bytes(word[at:e].encode(), here)
        if here is None:
            break
        if other := automaton.follow_bytes(_YO, here):
            others.append((e + 1, other, spelling + word[start:e] + "ё"))
        here = automaton.follow_bytes("е".encode(), here)
        if here is None:
            break
        at = e + 1
    else:
        here = automaton.follow_bytes(word[at:].encode() + _VALUE, here)
        if here is not None:
            yield spelling + word[start:], here
    for other in others:
        yield from _spellings(word, *other)


@lru_cache(maxsize=1 << 14)
def _analyses(node: int) -> tuple[tuple[int, int], ...]:
    """The paradigms and the forms in them that a node of the automaton holds."""
    from dawg_python.wrapper import Completer  # type: ignore[import-untyped]

    words = _analyzer().dictionary.words
    completer = Completer(words.dct, words.guide)
    completer.start(node)
    out = []
    while completer.next():
        out.append(struct.unpack(">HH", a2b_base64(completer.key)))
    return tuple(out)


def _shares(word: str, tags: list[bytes]) -> list[float]:
    """How often the word is read as each tag says: as counted, or all alike where it was not."""
    if len(tags) == 1:
        return [1.0]
    counts = _analyzer().prob_estimator.p_t_given_w
    automaton = counts.dct
    node = automaton.follow_bytes(f"{word}:".encode(), automaton.ROOT)
    ends = [] if node is None else [automaton.follow_bytes(tag, node) for tag in tags]
    shares = [automaton.value(end) / counts.MULTIPLIER if end and automaton.has_value(end) else 0.0 for end in ends]
    return shares if sum(shares) else [1 / len(tags)] * len(tags)
