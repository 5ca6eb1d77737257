"""Index: segments with live statistics. Each change gives a new Index; searches in flight keep the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from retrieval.parameters import Parameters
from retrieval.ranker import Collection, Idf, NewsBM25, Ranker, fed_by_postings
from retrieval.segment import FIELDS, Array, Segment

_NONE = np.zeros(0, np.int32)


class Part:
    """A segment less what has been removed from it."""

    def __init__(self, segment: Segment, removed: Removed | None = None) -> None:
        self.segment = segment
        self.removed = removed
        self.find = lru_cache(maxsize=4096)(segment.find)

    def without(self, article_ids: Iterable[int]) -> Part:
        """The part less these articles; itself when it has none of them."""
        numbers = self.segment.article_numbers
        gone = {numbers[article] for article in article_ids if article in numbers}
        removed = self.removed or Removed.nothing(self.segment)
        gone = {number for number in gone if removed.alive_articles[number]}
        return Part(self.segment, removed.and_also(self.segment, sorted(gone))) if gone else self

    def removed_since(self, earlier: Part) -> list[int]:
        """The articles that an earlier state of the same part still had."""
        if self.removed is None or self is earlier:
            return []
        before = earlier.removed.alive_articles if earlier.removed else True
        gone: list[int] = self.segment["article_ids"][before & ~self.removed.alive_articles].tolist()
        return gone

    @property
    def articles(self) -> int:
        return int(self.removed.alive_articles.sum()) if self.removed else self.segment.articles

    @property
    def passages(self) -> int:
        return self.size("passages")[0]

    def size(self, name: str) -> tuple[int, int]:
        """(documents, terms in all) of a field."""
        documents, terms = self.segment.size(name)
        if self.removed:
            gone_documents, gone_terms = self.removed.sizes[name]
            return documents - gone_documents, terms - gone_terms
        return documents, terms

    def frequencies(self, name: str) -> Array:
        """In how many documents of a field each term stands."""
        found: Array = np.diff(self.segment.fields[name].starts)
        return found - self.removed.frequencies[name] if self.removed else found

    def frequency(self, name: str, term: str) -> int:
        """In how many documents of a field the term stands."""
        number = self.find(term)
        if number is None:
            return 0
        found = self.segment.fields[name].frequency(number)
        return found - int(self.removed.frequencies[name][number]) if self.removed else found


@dataclass(frozen=True, slots=True)
class Removed:
    """What has been removed from a segment, and what the statistics lose by it."""

    alive_articles: Array  # A, bool
    alive: Array  # P, bool
    sizes: Mapping[str, tuple[int, int]]  # by field: documents, terms in all
    frequencies: Mapping[str, Array]  # by field: V, documents by term

    @classmethod
    def nothing(cls, segment: Segment) -> Removed:
        """Everything is still there."""
        return cls(
            np.ones(segment.articles, bool),
            np.ones(segment.passages, bool),
            dict.fromkeys(FIELDS, (0, 0)),
            {name: np.zeros(segment.terms, np.int32) for name in FIELDS},
        )

    def and_also(self, segment: Segment, gone: list[int]) -> Removed:
        """The same, less the articles of these numbers, too."""
        starts = segment["passage_starts"]
        passages = np.concatenate([np.arange(starts[number], starts[number + 1]) for number in gone])
        titles = np.array(gone) + segment.passages
        alive_articles, alive = self.alive_articles.copy(), self.alive.copy()
        alive_articles[gone] = False
        alive[passages] = False
        sizes, frequencies = {}, {}
        for name, rows in (
            ("passages", passages),
            ("titles", titles),
            ("articles", np.concatenate([passages, titles])),
        ):
            words, row = segment.words(rows)
            documents = rows if name != "articles" else segment.row_article(rows)
            held = np.unique(documents[row][words > 0] * np.int64(segment.terms) + words[words > 0] - 1)
            lost = np.bincount(held % max(segment.terms, 1), minlength=segment.terms).astype(np.int32)
            frequencies[name] = self.frequencies[name] + lost
            before = self.sizes[name]
            sizes[name] = before[0] + len(np.unique(documents)), before[1] + int(np.count_nonzero(words))
        return Removed(alive_articles, alive, sizes, frequencies)


class PartPostings:
    """One field of a part, for a model. Longer documents than `longest`, in terms, count as so long."""

    def __init__(self, part: Part, name: str, longest: int | None = None) -> None:
        self._part = part
        self._field = part.segment.fields[name]
        self.code_frequency = self._field.code_frequency
        self.code_length = np.minimum(self._field.code_length, longest or np.iinfo(np.int32).max)
        self.documents = len(self._field.lengths)

    def postings(self, term: str) -> tuple[Array, Array]:
        """Documents that hold the term, ascending, and their codes; removed ones are still among them."""
        number = self._part.find(term)
        return (_NONE, _NONE) if number is None else self._field.postings(number)


class Frequencies(Mapping[str, int]):
    """In how many documents of a field each term stands, over all parts."""

    def __init__(self, parts: tuple[Part, ...], name: str) -> None:
        self._parts = parts
        self._name = name

    def __getitem__(self, term: str) -> int:
        if count := sum(part.frequency(self._name, term) for part in self._parts):
            return count
        raise KeyError(term)

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for part in self._parts:
            frequencies = part.frequencies(self._name)
            seen.update(part.segment.term(number) for number in np.flatnonzero(frequencies > 0).tolist())
        return iter(seen)

    def __len__(self) -> int:
        held = [part.segment["hashes"][part.frequencies(self._name) > 0] for part in self._parts]
        return len(np.unique(np.concatenate(held))) if held else 0


@dataclass(frozen=True)
class Index:
    """What is findable at one moment."""

    parts: tuple[Part, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    version: str = "0"

    def without(self, article_ids: Iterable[int]) -> tuple[Part, ...]:
        """Its parts less these articles, and less what is left empty."""
        ids = frozenset(article_ids)
        return tuple(part for part in (part.without(ids) for part in self.parts) if part.articles)

    @property
    def statistics(self) -> Index:
        """The index whose statistics this one scores by."""
        return self

    @property
    def passages(self) -> int:
        return sum(part.passages for part in self.parts)

    @property
    def articles(self) -> int:
        return sum(part.articles for part in self.parts)

    @cached_property
    def models(self) -> dict[str, tuple[Ranker, ...]]:
        """For each field, the model of each part."""
        models = {}
        for name in FIELDS:
            collection = self.collection(name)
            models[name] = tuple(self.model(name, number, collection) for number in range(len(self.parts)))
        return models

    def model(self, name: str, number: int, collection: Collection) -> Ranker:
        """The model of a field of one part, by the statistics of the collection."""
        k1, b = self.parameters.k1, self.parameters.b
        return fed_by_postings(NewsBM25, self.postings(name, number), collection, k1=k1, b=b)

    def collection(self, name: str) -> Collection:
        """The statistics of a field over all parts."""
        sizes = [part.size(name) for part in self.parts]
        return Collection(sum(size for size, _ in sizes), sum(length for _, length in sizes), self.frequencies(name))

    def postings(self, name: str, number: int) -> PartPostings:
        """The posting lists of a field of one part."""
        return PartPostings(self.parts[number], name, self.parameters.longest if name == "passages" else None)

    def frequencies(self, name: str) -> Frequencies:
        """In how many documents of a field each term stands."""
        return Frequencies(self.parts, name)

    @cached_property
    def _idf(self) -> dict[str, Idf]:
        collections = {name: self.collection(name) for name in FIELDS}
        return {name: Idf(collection.size, collection.frequencies) for name, collection in collections.items()}

    def idf(self, name: str, term: str) -> float:
        """The idf of the term in a field; 0.0 when no document has it."""
        return self._idf[name][term]

    def prepare(self) -> None:
        """Works out now what the first search would."""
        _ = self.models, [part.segment.passage_article for part in self.parts]

    @cached_property
    def terms(self) -> int:
        """How many different terms there are."""
        return len(self.frequencies("articles"))

    def replacing(self, old: Sequence[Part], merged: Part) -> tuple[Part, ...]:
        """Its parts with `merged`, made of the old ones some time ago, in their place; none if some are gone by now.

        What has been removed from the old ones since is removed from it.
        """
        now = {part.segment: part for part in self.parts}
        if not all(part.segment in now for part in old):
            return ()
        merged = merged.without([article for part in old for article in now[part.segment].removed_since(part)])
        first = self.parts.index(now[old[0].segment])
        segments = {part.segment for part in old}
        rest = [part for part in self.parts if part.segment not in segments]
        return tuple(part for part in (*rest[:first], merged, *rest[first:]) if part.articles)

    def with_parts(self, parts: tuple[Part, ...], version: str) -> Index:
        """The next state."""
        return replace(self, parts=parts, version=version)
