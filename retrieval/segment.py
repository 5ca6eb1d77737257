"""Segment: passages and their posting lists as flat arrays that never change, in memory or mapped from one file."""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.exceptions import IndexUnusable

Array = NDArray[Any]
Layout = Mapping[str, tuple[str, tuple[int, ...]]]  # array name -> (dtype, shape)

FIELDS = ("passages", "articles", "titles")
_MAGIC = b"quotewire segment 1\n"
_ALIGNMENT = 64  # bytes; a cache line
_RESTS = 50  # questions after which the pages that they touched are given back: the system keeps them at hand anyway


@dataclass(frozen=True, slots=True)
class Field:
    """Posting lists of one kind of document (passages, whole articles, titles).

    A posting is a document number and a code; a code stands for one pair of term frequency and document length, so that
    a change of the average length changes one small table of weights and no posting.
    """

    starts: Array  # V + 1: postings of term t are [starts[t], starts[t + 1]), by document number
    documents: Array
    codes: Array
    code_frequency: Array  # C
    code_length: Array  # C
    lengths: Array  # of each document, in terms

    def postings(self, term: int) -> tuple[Array, Array]:
        """Documents that hold the term, ascending, and their codes."""
        part = slice(self.starts[term], self.starts[term + 1])
        return self.documents[part], self.codes[part]

    def frequency(self, term: int) -> int:
        """In how many documents the term stands."""
        return int(self.starts[term + 1]) - int(self.starts[term])


class Segment:
    """Passages, grouped by article, with all that search needs of them. Terms are numbers, in order of their hashes.

    Arrays, for V terms, P passages, A articles, N names:
    `hashes` V; `term_starts` V + 1 into `term_text`; per field `<field>.<array>`, see `Field`;
    `row_starts` P + A + 1 into `rows`: the words of each passage, then of each title with its source, as term + 1, 0
    for a stop word; `article_ids` A; `passage_starts` A + 1; `passage_index` P, numbers in their article;
    `dates` A x 3: year, month, day, 0 where not stated; `sources`, `sections` A: names, -1 for none;
    `speaker_starts` P + 1 into `speakers`: names; `name_starts` N + 1 into `name_text`;
    `key_hashes`, `key_names`: hash of a name's word, ascending, and that name.
    """

    def __init__(self, arrays: Mapping[str, Array], path: Path | None = None, data: np.memmap | None = None) -> None:
        for array in arrays.values():
            array.flags.writeable = False  # compiled code tells arrays that may be written to from those that may not
        self.arrays = arrays
        self.path = path
        self._data = data
        self._answered = 0
        self.bounds: object = None  # kept here for pruned search, which alone knows what they are
        parts = ("starts", "documents", "codes", "code_frequency", "code_length", "lengths")
        self.fields = {name: Field(*(arrays[f"{name}.{part}"] for part in parts)) for name in FIELDS}

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    @property
    def terms(self) -> int:
        return len(self["hashes"])

    @property
    def passages(self) -> int:
        return len(self["passage_index"])

    @property
    def articles(self) -> int:
        return len(self["article_ids"])

    @cached_property
    def passage_article(self) -> Array:
        """The article of each passage, as its number in this segment."""
        return np.repeat(np.arange(self.articles, dtype=np.int32), np.diff(self["passage_starts"]))

    @cached_property
    def newness(self) -> Array:
        """A number for each article that grows with its date; 0 where no year is stated."""
        year, month, day = (self["dates"][:, column].astype(np.int64) for column in range(3))
        return np.where(year > 0, (year * 13 + month) * 32 + day, 0)

    @cached_property
    def article_numbers(self) -> dict[int, int]:
        """Article id -> its number in this segment."""
        return {article: number for number, article in enumerate(self["article_ids"].tolist())}

    def find(self, term: str) -> int | None:
        """The number of the term, if this segment has it."""
        hashed = hash_of(term)
        number = int(np.searchsorted(self["hashes"], hashed))
        if number < self.terms and self["hashes"][number] == hashed and self.term(number) == term:
            return number
        return None

    def term(self, number: int) -> str:
        """The term of the number."""
        return _text(self["term_text"], self["term_starts"], number)

    def name(self, number: int) -> str:
        """The speaker, source or section of the number."""
        return _text(self["name_text"], self["name_starts"], number)

    @cached_property
    def used_names(self) -> dict[str, dict[int, str]]:
        """The names, by their numbers, that stand as `sources` and as `sections`."""
        used = {field: np.unique(self[field]).tolist() for field in ("sources", "sections")}
        return {field: {n: self.name(n) for n in numbers if n >= 0} for field, numbers in used.items()}

    def answered(self) -> None:
        """Counts a question, and now and then lets go, so that memory in use does not grow to the whole file."""
        self._answered += 1
        if self._answered % _RESTS == 0:
            self.let_go()

    def let_go(self) -> None:
        """Gives back the memory of mapped pages; those needed again are mapped again."""
        let_go(self._data)

    def words(self, rows: Array) -> tuple[Array, Array]:
        """The words of several rows one after the other (term + 1, 0 for a stop word), and which of `rows` each is of.

        Row p < P is passage p, row P + a the title and source of article a.
        """
        starts = self["row_starts"]
        row = np.repeat(np.arange(len(rows)), starts[rows + 1] - starts[rows])
        return self["rows"][places(starts, rows)].astype(np.int64), row

    def row_article(self, rows: Array) -> Array:
        """The article of each row."""
        is_title = rows >= self.passages
        return np.where(is_title, rows - self.passages, self.passage_article[np.where(is_title, 0, rows)])

    def size(self, name: str) -> tuple[int, int]:
        """(documents, terms in all) of a field."""
        return self._sizes[name]

    @cached_property
    def _sizes(self) -> dict[str, tuple[int, int]]:
        return {name: (len(f.lengths), int(f.lengths.sum(dtype=np.int64))) for name, f in self.fields.items()}


def _text(text: Array, starts: Array, number: int) -> str:
    return bytes(text[starts[number] : starts[number + 1]]).decode("utf-8", "surrogatepass")


def hash_of(text: str) -> np.uint64:
    """64 bits that stand for a term or a name's word, the same in every process."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def pack(texts: Sequence[str]) -> tuple[Array, Array]:
    """(starts, text): the texts as one array of bytes."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    starts = np.zeros(len(encoded) + 1, np.uint32)
    np.cumsum([len(one) for one in encoded], out=starts[1:])
    return starts, np.frombuffer(b"".join(encoded), np.uint8)


def starts_of(counts: Sequence[int] | Array) -> Array:
    """Where each of several lists laid end to end begins, and where the last one ends."""
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def places(starts: Array, rows: Array) -> Array:
    """The place of every item of the given rows, one row after the other; row r is [starts[r], starts[r + 1])."""
    first = starts[rows].astype(np.int64)
    lengths = starts[rows + 1].astype(np.int64) - first
    found: Array = np.arange(int(lengths.sum())) + np.repeat(first - np.cumsum(lengths) + lengths, lengths)
    return found


def code_type(codes: int) -> type[np.unsignedinteger[Any]]:
    """The least type that holds so many codes."""
    return np.uint16 if codes <= 1 << 16 else np.uint32


# -- files -------------------------------------------------------------------------------------------------------------


def allocate(layout: Layout, path: Path | None) -> tuple[dict[str, Array], np.memmap | None]:
    """Writable arrays of that layout, and the mapping of the new file at `path`; without one they are in memory."""
    if path is None:
        return {name: np.zeros(shape, dtype) for name, (dtype, shape) in layout.items()}, None
    head, offsets, size = _plan(layout)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    data = np.memmap(path, np.uint8, "r+")
    return _views(data, layout, offsets), data


def let_go(data: np.memmap | None) -> None:
    """Gives back the memory of a mapping's pages, which stay in their file."""
    mapped = data.base if data is not None else None
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def write(arrays: Mapping[str, Array], path: Path) -> None:
    """Puts the arrays in a file."""
    head, offsets, _ = _plan({name: (array.dtype.str, array.shape) for name, array in arrays.items()})
    with path.open("wb") as file:
        file.write(head)
        for name, array in arrays.items():
            file.seek(offsets[name])
            file.write(np.ascontiguousarray(array).data)
        file.truncate(max(file.tell(), len(head)))


def seal(path: Path) -> int:
    """Makes the file safe on disk; gives its checksum."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return checksum(path)


def checksum(path: Path) -> int:
    """CRC-32 of the whole file, read in pieces so that it takes no memory."""
    crc, buffer = 0, bytearray(1 << 20)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            crc = zlib.crc32(memoryview(buffer)[:count], crc)
    return crc


def load(path: Path, expected_checksum: int | None = None) -> Segment:
    """The segment in the file, mapped. Raises: IndexUnusable when the file is not what was sealed."""
    try:
        if expected_checksum is not None and checksum(path) != expected_checksum:
            raise IndexUnusable(f"{path.name} is damaged")
        data = np.memmap(path, np.uint8, "r")
        if bytes(data[: len(_MAGIC)]) != _MAGIC:
            raise IndexUnusable(f"{path.name} has another format")
        end = len(_MAGIC) + 8
        size = int.from_bytes(bytes(data[len(_MAGIC) : end]), "little")
        layout: Layout = json.loads(bytes(data[end : end + size]))
        _, offsets, _ = _plan(layout)
    except (OSError, ValueError) as error:
        raise IndexUnusable(f"{path.name} cannot be read: {error}") from error
    return Segment(_views(data, layout, offsets), path, data)


def _plan(layout: Layout) -> tuple[bytes, dict[str, int], int]:
    text = json.dumps(layout).encode()
    head = _MAGIC + len(text).to_bytes(8, "little") + text
    offsets, end = {}, len(head)
    for name, (dtype, shape) in layout.items():
        offsets[name] = end = -(-end // _ALIGNMENT) * _ALIGNMENT
        end += int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    return head, offsets, end


def _views(data: Array, layout: Layout, offsets: Mapping[str, int]) -> dict[str, Array]:
    views = {}
    plain = np.asarray(data)  # a view without the bookkeeping of np.memmap, which slows every slice
    for name, (dtype, shape) in layout.items():
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        views[name] = plain[offsets[name] : offsets[name] + size].view(dtype).reshape(tuple(shape))
    return views


def slices(starts: Array, step: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that hold about `step` items each: to work through long lists in bounded memory."""
    row, last = 0, len(starts) - 1
    while row < last:
        after = int(np.searchsorted(starts, int(starts[row]) + step, "right")) - 1
        first, row = row, min(max(after, row + 1), last)
        yield first, row
