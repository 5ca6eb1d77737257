"""Passages -> Segment, and several segments -> one."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

import numpy as np

from retrieval.analysis import WORD, Analyzer
from retrieval.names import name_keys
from retrieval.segment import FIELDS, Array, Segment, code_type, hash_of, pack, starts_of
from retrieval.types import Passage

_LENGTH_STEPS = 8  # to each doubling; see `_coarse`


def build(passages: Sequence[Passage], analyzer: Analyzer) -> Segment:
    """The segment of the passages; those of one article must stand together, and each article only once."""
    articles = [list(group) for _, group in groupby(passages, key=attrgetter("article_id"))]
    vocabulary = _Numbers()
    rows = _Rows(vocabulary, analyzer)
    for passage in passages:
        # A subhead belongs to what stands under it: it is indexed as the paragraph's first words.
        rows.add(f"{passage.heading}\n{passage.text}" if passage.heading else passage.text, passage.language)
    for first, *_ in articles:
        rows.add(f"{first.title or ''}\n{first.source or ''}", first.language)
    terms = list(vocabulary)
    hashes = np.array([hash_of(term) for term in terms], np.uint64)
    order = np.argsort(hashes)
    renumber = np.zeros(len(terms) + 1, np.uint32)
    renumber[order + 1] = np.arange(1, len(terms) + 1)
    words = renumber[np.frombuffer(rows.words, np.uint32)] if rows.words else np.zeros(0, np.uint32)
    row_starts = np.frombuffer(rows.starts, np.int64)

    counts = np.array([len(article) for article in articles], np.int32)
    passage_starts = starts_of(counts)
    arrays: dict[str, Array] = {
        "hashes": hashes[order],
        "row_starts": row_starts,
        "rows": words,
        "article_ids": np.array([first.article_id for first, *_ in articles], np.int64),
        "passage_starts": passage_starts.astype(np.int32),
        "passage_index": np.array([passage.index for passage in passages], np.int32),
    }
    arrays["term_starts"], arrays["term_text"] = pack([terms[number] for number in order])
    arrays |= _described(passages, [first for first, *_ in articles])
    row_lengths = np.diff(row_starts)
    article_of = np.concatenate([np.repeat(np.arange(len(counts)), counts), np.arange(len(counts))])
    documents = {"passages": len(passages), "articles": len(counts), "titles": len(counts)}
    number_of_row = {
        "passages": np.arange(len(passages)),
        "articles": article_of,
        "titles": np.arange(len(counts)),
    }
    split = int(row_starts[len(passages)])
    words_of = {"passages": words[:split], "articles": words, "titles": words[split:]}
    rows_of = {"passages": slice(0, len(passages)), "articles": slice(None), "titles": slice(len(passages), None)}
    for field in FIELDS:
        document = np.repeat(number_of_row[field], row_lengths[rows_of[field]])
        inverted = _invert(words_of[field], document, len(terms), documents[field], field == "articles")
        arrays |= {f"{field}.{name}": values for name, values in inverted.items()}
    return Segment(arrays)


class _Numbers(dict[str, int]):
    """Text -> its number, given out from 0 in the order of first asking."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Rows:
    """The words of texts one after the other, as numbers of terms + 1."""

    def __init__(self, vocabulary: _Numbers, analyzer: Analyzer) -> None:
        self.words = array("I")
        self.starts = array("q", [0])
        self._of_word: dict[str, _WordNumbers] = {}
        self._vocabulary = vocabulary
        self._analyzer = analyzer

    def add(self, text: str, language: str) -> None:
        numbers = self._of_word.get(language)
        if numbers is None:
            numbers = _WordNumbers(self._vocabulary, self._analyzer.mapping(language))
            self._of_word[language] = numbers
        self.words.extend(map(numbers.__getitem__, WORD.findall(text)))
        self.starts.append(len(self.words))


class _WordNumbers(dict[str, int]):
    """Word as written -> number of its term + 1, 0 for a stop word: one look-up a word is most of a build's speed."""

    def __init__(self, vocabulary: _Numbers, terms: Mapping[str, str]) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._terms = terms

    def __missing__(self, word: str) -> int:
        term = self._terms[word]
        number = self[word] = self._vocabulary[term] + 1 if term else 0
        return number


def _described(passages: Sequence[Passage], firsts: Sequence[Passage]) -> dict[str, Array]:
    names = _Numbers()

    def number(name: str | None) -> int:
        return names[name] if name else -1

    dates = [(d.year or 0, d.month or 0, d.day or 0) if (d := first.date) else (0, 0, 0) for first in firsts]
    arrays: dict[str, Array] = {
        "dates": np.array(dates, np.int16).reshape(-1, 3),
        "sources": np.array([number(first.source) for first in firsts], np.int32),
        "sections": np.array([number(first.section) for first in firsts], np.int32),
        "speaker_starts": starts_of([len(passage.speakers) for passage in passages]),
        "speakers": np.array([names[name] for passage in passages for name in passage.speakers], np.int32),
    }
    arrays["name_starts"], arrays["name_text"] = pack(list(names))
    keys = [(hash_of(key), number) for name, number in names.items() for key in name_keys(name)]
    keys.sort()
    arrays["key_hashes"] = np.array([key for key, _ in keys], np.uint64)
    arrays["key_names"] = np.array([number for _, number in keys], np.int32)
    return arrays


def _invert(words: Array, document: Array, terms: int, documents: int, coarse: bool) -> dict[str, Array]:
    kept = words > 0
    document = document[kept]
    keys = (words[kept] - np.uint32(1)).astype(np.uint64) * np.uint64(max(documents, 1)) + document.astype(np.uint64)
    keys.sort()
    firsts = np.flatnonzero(np.diff(keys, prepend=~np.uint64(0)))  # no key is all ones
    frequency = np.diff(firsts, append=len(keys))
    keys = keys[firsts]
    holder = (keys % np.uint64(max(documents, 1))).astype(np.int32)
    lengths = np.bincount(document, minlength=documents).astype(np.int32)
    length = lengths[holder]
    if coarse:
        frequency, length = np.minimum(frequency, 255), _coarse(length)
    pairs, codes = np.unique(frequency.astype(np.int64) << 32 | length, return_inverse=True)
    return {
        "starts": starts_of(np.bincount((keys // np.uint64(max(documents, 1))).astype(np.int64), minlength=terms)),
        "documents": holder,
        "codes": codes.astype(code_type(len(pairs))),
        "code_frequency": (pairs >> 32).astype(np.int32),
        "code_length": (pairs & 0xFFFFFFFF).astype(np.int32),
        "lengths": lengths,
    }


def _coarse(length: Array) -> Array:
    """Lengths to within 5 %: whole articles have too many different ones for a table of codes."""
    coarse: Array = np.rint(np.exp2(np.rint(np.log2(np.maximum(length, 1)) * _LENGTH_STEPS) / _LENGTH_STEPS)).astype(
        np.int64
    )
    return coarse
