"""What a Russian form can be: the dictionary (OpenCorpora, by pymorphy3), opened when the first word is looked up.

Opening takes a fifth of a second; each form is looked up once. Known forms are found in pymorphy3's automaton directly,
with the readings, scores and order that its analyzer gives, in about half the time: what stands at a node of the
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
_E, _YO = "е".encode(), "ё".encode()
_COUNTED_PER = 1_000_000


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


class _Automaton:
    """One of pymorphy3's automata, walked without the library's three calls for each letter."""

    def __init__(self, dawg: Any) -> None:
        self.units, self.guide = dawg.dct._units, dawg.guide._units

    def follow(self, node: int, key: bytes) -> int | None:
        """The node at the end of the letters, none where no word has them."""
        units = self.units
        for label in key:
            unit = units[node]
            node ^= ((unit >> 10) << ((unit & 0x200) >> 6)) ^ label
            if units[node] & 0x800000FF != label:
                return None
        return node

    def value(self, node: int | None) -> int:
        """The number kept at the node, 0 where none is."""
        if node is None or not self.units[node] & 0x100:
            return 0
        unit = self.units[node]
        return int(self.units[node ^ ((unit >> 10) << ((unit & 0x200) >> 6))] & 0x7FFFFFFF)

    def endings(self, node: int, out: list[bytes], letters: bytes = b"") -> list[bytes]:
        """What words go on with from the node, put after the letters into `out`."""
        unit, label = self.units[node], self.guide[node * 2]
        if unit & 0x100:
            out.append(letters)
        node ^= (unit >> 10) << ((unit & 0x200) >> 6)
        while label:
            self.endings(node ^ label, out, letters + bytes((label,)))
            label = self.guide[(node ^ label) * 2 + 1]
        return out


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import pymorphy3

    class Shares(pymorphy3.analyzer.ProbabilityEstimator):  # type: ignore[misc]  # the library has no types
        def apply_to_parses(self, word: str, word_lower: str, parses: list[Any]) -> list[Any]:
            """As the library's, but does not look for each reading of a word that was never counted."""
            counts = self.p_t_given_w.dct
            if counts.follow_bytes(f"{word_lower}:".encode(), counts.ROOT) is not None:
                return list(super().apply_to_parses(word, word_lower, parses))
            whole = sum(parse[3] for parse in parses)
            return [(*parse[:3], parse[3] / whole, parse[4]) for parse in parses]

    return pymorphy3.MorphAnalyzer(lang="ru", probability_estimator_cls=Shares)


@lru_cache(maxsize=1)
def _automata() -> tuple[_Automaton, _Automaton]:
    """Of the words with their analyses, and of how often each was counted."""
    return _Automaton(_analyzer().dictionary.words), _Automaton(_analyzer().prob_estimator.p_t_given_w)


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
    follow = _automata()[0].follow
    others = []
    start = at
    here: int | None = node
    while here is not None and (e := word.find("е", at)) >= 0:
        here = follow(here, word[at:e].encode())
        if here is not None and (other := follow(here, _YO)):
            others.append((e + 1, other, spelling + word[start:e] + "ё"))
        here = here if here is None else follow(here, _E)
        at = e + 1
    here = here if here is None else follow(here, word[at:].encode() + _VALUE)
    if here is not None:
        yield spelling + word[start:], here
    for other_spelling in others:
        yield from _spellings(word, *other_spelling)


@lru_cache(maxsize=1 << 14)
def _analyses(node: int) -> tuple[tuple[int, int], ...]:
    """The paradigms and the forms in them that a node of the automaton holds."""
    return tuple(struct.unpack(">HH", a2b_base64(key)) for key in _automata()[0].endings(node, []))


def _shares(word: str, tags: list[bytes]) -> list[float]:
    """How often the word is read as each tag says: as counted, or all alike where it was not."""
    if len(tags) == 1:
        return [1.0]
    counts = _automata()[1]
    node = counts.follow(0, f"{word}:".encode())
    shares = [] if node is None else [counts.value(counts.follow(node, tag)) / _COUNTED_PER for tag in tags]
    return shares if sum(shares) else [1 / len(tags)] * len(tags)
