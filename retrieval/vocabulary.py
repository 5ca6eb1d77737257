"""The words of an index beside those asked: the same name in the other script, and near ones for "did you mean"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.analysis import WORD, Analyzer
from retrieval.index import Index, Part
from retrieval.reading.transliteration import name_key
from retrieval.segment import Segment
from retrieval.types import Query

_MANY = 100_000  # terms, above which those that stand in one passage only are left out
_SHORTEST = 4  # letters of a word that is worth a guess
_ENDINGS = ("", "е", "а", "ом", "у", "ый", "e", "s", "y")
_SHORTEST_KEY = 3
_LIKELY = 2  # dictionary words that a form may be of
_FEW = 20  # unknown words whose other forms are looked up, at 1.5 ms each: more are no question
_ALIKE = 0.72  # share of letters that near words have in common
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Near:
    """A term of the index near a word asked, and a passage that has it."""

    term: str
    article_id: int
    index: int


def respelled(query: Query, index: Index, analyzer: Analyzer, unknown: Sequence[str]) -> Query:
    """The question with each word whose term is unknown as the index has it: in another form, or in the other script.

    Other forms of Russian words help where the stem is not one: "пленок", "плёнка". MRR@10 of Russian encyclopaedia
    questions: .948 -> .956.
    """
    words = query.words
    for match in reversed(list(WORD.finditer(query.words))):
        terms = analyzer.terms(match[0], query.language)
        if not terms or terms[0] not in unknown:
            continue
        if len(unknown) <= _FEW and (other := _in_other_form(match[0], index, analyzer, query.language)):
            words = words[: match.start()] + other + words[match.end() :]
        elif other := _in_other_script(match[0], index):
            # As a word that analysis takes for the term: what is left of a stem's ending would be taken off, too.
            written = (
                other + ending for ending in _ENDINGS if analyzer.terms(other + ending, query.language) == [other]
            )
            words = words[: match.start()] + next(written, match[0]) + words[match.end() :]
    return query if words == query.words else replace(query, words=words)


def near(index: Index, unknown: Sequence[str]) -> list[Near]:
    """For each unknown term the terms of the index most like it, the likest and then the most frequent first."""
    found: dict[str, Near] = {}
    for term in unknown:
        if len(term) < _SHORTEST or term[0].isdigit():
            continue
        alike: list[tuple[float, int, Part, int]] = []
        for part in index.parts:
            words = _words_of(part.segment)
            matches = process.extract(
                term, words.terms, scorer=OSA.normalized_similarity, limit=_NEAR, score_cutoff=_ALIKE
            )
            for _, likeness, place in matches:
                number = int(words.numbers[place])
                frequency = part.frequency("passages", part.segment.term(number))
                if frequency:
                    alike.append((likeness, frequency, part, number))
        for _, _, part, number in sorted(alike, key=lambda one: one[:2], reverse=True)[:_NEAR]:
            one = _example(part, number)
            if one is not None:
                found.setdefault(one.term, one)
    return list(found.values())[:_NEAR]


def _example(part: Part, number: int) -> Near | None:
    segment = part.segment
    for passage in segment.fields["passages"].postings(number)[0].tolist():
        if part.removed is None or part.removed.alive[passage]:
            article = int(segment["article_ids"][segment.passage_article[passage]])
            return Near(segment.term(number), article, int(segment["passage_index"][passage]))
    return None


def _in_other_form(word: str, index: Index, analyzer: Analyzer, language: str) -> str | None:
    """The form of a Russian word whose term most passages have."""
    if not _is_cyrillic(word):
        return None
    from retrieval.reading.dictionary import forms, readings  # slow to load

    frequencies = index.frequencies("passages")
    found = {
        form.lemma: frequencies.get(term, 0)
        for reading in readings(word)[:_LIKELY]
        for form in forms(reading.lemma)
        for term in analyzer.terms(form.lemma, language)
    }
    best = max(found, key=lambda form: (found[form], form), default=None)
    return best if best and found[best] else None


def _in_other_script(word: str, index: Index) -> str | None:
    """The most frequent term of the other script that spells the same name."""
    cyrillic = _is_cyrillic(word)
    found: set[str] = set()
    for key in _keys(word, cyrillic):
        for part in index.parts:
            found.update(
                other for other in _words_of(part.segment).by_key.get(key, ()) if _is_cyrillic(other) != cyrillic
            )
    frequencies = index.frequencies("passages")
    best = max(found, key=lambda other: (frequencies.get(other, 0), other), default=None)
    return best if best and best in frequencies else None


def _keys(word: str, cyrillic: bool) -> set[str]:
    """The keys that the word's term may have in the other script, where stemming has taken other endings off."""
    keys = {name_key(word)}
    if cyrillic:  # a name in any case; the terms sought are English stems: Украины -> Ukraine -> ukrain
        from retrieval.reading.morphology import nominatives  # slow to load

        keys |= {name_key(nominative.text) for nominative in nominatives(word.capitalize())}
        endings: tuple[str, ...] = ("a", "e")
    else:  # the terms sought are Russian stems: Lavrov -> лавр, Zelensky -> зеленск
        endings = ("ov", "ev", "ia", "a", "e", "i", "o", "u")
    keys |= {key[: -len(ending)] for key in keys for ending in endings if key.endswith(ending)}
    return {key for key in keys if len(key) >= _SHORTEST_KEY and " " not in key}


def _is_cyrillic(word: str) -> bool:
    return any("\u0400" <= letter <= "\u04ff" for letter in word)


class _Words:
    """The terms of a segment, and those that spell one name. Worked out when first asked for, once for a segment."""

    def __init__(self, segment: Segment) -> None:
        frequencies = np.diff(segment.fields["passages"].starts)
        self.numbers = np.flatnonzero(frequencies > (1 if segment.terms > _MANY else 0))
        self.terms = [segment.term(number) for number in self.numbers.tolist()]

    @cached_property
    def by_key(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for term in self.terms:
            if term[0].isalpha():
                found[name_key(term)].append(term)
        return found


def prepare(index: Index) -> None:
    """Works out now what the first question with an unknown word would: half a second for 50,000 terms."""
    for part in index.parts:
        _ = _words_of(part.segment).by_key


_known: WeakKeyDictionary[Segment, _Words] = WeakKeyDictionary()


def _words_of(segment: Segment) -> _Words:
    words = _known.get(segment)
    if words is None:
        words = _known[segment] = _Words(segment)
    return words
