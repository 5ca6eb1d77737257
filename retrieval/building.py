"""Passages -> Segment, and several segments -> one."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter

import numpy as np

from retrieval.analysis import WORD, Analyzer
from retrieval.names import name_keys
from retrieval.segment import FIELDS, Array, Segment, code_type, hash_of, pack, starts_of
from retrieval.types import Passage

_REMEMBERED = 500_000  # pieces of text; some 100 MB
_LONGEST = 40  # characters of a piece worth remembering
_LENGTH_STEPS = 8  # to each doubling; see `_coarse`


def build(passages: Sequence[Passage], vocabulary: Vocabulary) -> Segment:
    """The segment of the passages; those of one article must stand together, and each article only once."""
    vocabulary.forget_if_large()
    articles = [list(group) for _, group in groupby(passages, key=attrgetter("article_id"))]
    numbers, starts = array("I"), array("q", [0])
    for passage in passages:
        # A subhead belongs to what stands under it: it is indexed as the paragraph's first words.
        text = f"{passage.heading} {passage.text}" if passage.heading else passage.text
        numbers.extend(vocabulary.numbers(text, passage.language))
        starts.append(len(numbers))
    for first, *_ in articles:
        numbers.extend(vocabulary.numbers(f"{first.title or ''} {first.source or ''}", first.language))
        starts.append(len(numbers))
    words = np.frombuffer(numbers, np.uint32) if numbers else np.zeros(0, np.uint32)
    row_starts = np.frombuffer(starts, np.int64)
    used = np.flatnonzero(np.bincount(words, minlength=1)[1:])
    hashes = np.array([vocabulary.hashes[number] for number in used.tolist()], np.uint64)
    order = np.argsort(hashes)
    terms = [vocabulary.terms[number] for number in used[order].tolist()]
    renumber = np.zeros(len(vocabulary.terms) + 1, np.uint32)
    renumber[used[order] + 1] = np.arange(1, len(terms) + 1)
    words = renumber[words]

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
    arrays["term_starts"], arrays["term_text"] = pack(terms)
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


class Vocabulary:
    """Terms, numbered as they are met. Kept from one build to the next, so that words are worked out once."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.terms: list[str] = []
        self.hashes: list[np.uint64] = []
        self._analyzer = analyzer
        self._numbers: dict[str, int] = {}
        self._pieces: dict[str, _Pieces] = {}

    def numbers(self, text: str, language: str) -> Iterable[int]:
        """For each word of the text the number of its term + 1, 0 for a stop word."""
        pieces = self._pieces.get(language)
        if pieces is None:
            pieces = self._pieces[language] = _Pieces(self, self._analyzer.mapping(language))
        # No word spans white space, and few pieces between it are new: twice as fast as to look for each word.
        return chain.from_iterable(map(pieces.__getitem__, text.split()))

    def number(self, term: str) -> int:
        """The number of the term, a new one if it has none."""
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self.terms)
            self.terms.append(term)
            self.hashes.append(hash_of(term))
        return number

    def forget_if_large(self) -> None:
        """Begins anew once there is too much to remember. Numbers given before mean nothing then."""
        if sum(map(len, self._pieces.values())) > _REMEMBERED:
            self.terms, self.hashes, self._numbers, self._pieces = [], [], {}, {}


class _Pieces(dict[str, tuple[int, ...]]):
    """Text between white space -> numbers of its words' terms + 1, 0 for a stop word."""

    def __init__(self, vocabulary: Vocabulary, terms: Mapping[str, str]) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._terms = terms

    def __missing__(self, piece: str) -> tuple[int, ...]:
        terms = [self._terms[word] for word in WORD.findall(piece)]
        numbers = tuple([self._vocabulary.number(term) + 1 if term else 0 for term in terms])
        if len(piece) <= _LONGEST:
            self[piece] = numbers
        return numbers


def _described(passages: Sequence[Passage], firsts: Sequence[Passage]) -> dict[str, Array]:
    names: dict[str, int] = {}

    def number(name: str | None) -> int:
        return names.setdefault(name, len(names)) if name else -1

    dates = [(d.year or 0, d.month or 0, d.day or 0) if (d := first.date) else (0, 0, 0) for first in firsts]
    arrays: dict[str, Array] = {
        "dates": np.array(dates, np.int16).reshape(-1, 3),
        "sources": np.array([number(first.source) for first in firsts], np.int32),
        "sections": np.array([number(first.section) for first in firsts], np.int32),
        "speaker_starts": starts_of([len(passage.speakers) for passage in passages]),
        "speakers": np.array([number(name) for passage in passages for name in passage.speakers], np.int32),
    }
    arrays["name_starts"], arrays["name_text"] = pack(list(names))
    keys = sorted((hash_of(key), place) for name, place in names.items() for key in name_keys(name))
    arrays["key_hashes"] = np.array([key for key, _ in keys], np.uint64)
    arrays["key_names"] = np.array([place for _, place in keys], np.int32)
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
