"""Several parts -> one segment without what has been removed; in bounded memory, whatever their size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from retrieval.index import Part
from retrieval.segment import FIELDS, Array, Segment, allocate, code_type, let_go, pack, places, slices, starts_of

_PIECE = 1 << 20  # postings or words worked on at a time: some 50 MB


class _Source:
    """One part, and how its numbers change."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.segment = segment = part.segment
        everything = np.ones(segment.articles, bool), np.ones(segment.passages, bool)
        self.articles, self.passages = (part.removed.alive_articles, part.removed.alive) if part.removed else everything
        self.rows = np.concatenate([self.passages, self.articles])
        self.terms = self.names = np.zeros(0, np.int64)  # new numbers by old ones

    def alive(self, field: str) -> Array:
        return self.passages if field == "passages" else self.articles


def merge(parts: Sequence[Part], path: Path | None = None, pause: Callable[[], None] = lambda: None) -> Segment:
    """The segment of all their live passages, in that order; written to a new file at `path`, if given.

    `pause` is called every few milliseconds of work; what it raises ends the merging.
    """
    sources = [_Source(part) for part in parts]
    arrays = _vocabulary(sources)
    frequencies = arrays.pop("frequencies")
    arrays |= _names(sources) | _metadata(sources)
    codes = {}
    for field in FIELDS:
        pairs = [_pairs(source.segment, field) for source in sources]
        union = np.unique(np.concatenate(pairs))
        codes[field] = [np.searchsorted(union, own).astype(code_type(len(union))) for own in pairs]
        alive = [source.segment.fields[field].lengths[source.alive(field)] for source in sources]
        arrays[f"{field}.starts"] = starts_of(frequencies[FIELDS.index(field)])
        arrays[f"{field}.code_frequency"] = (union >> 32).astype(np.int32)
        arrays[f"{field}.code_length"] = (union & 0xFFFFFFFF).astype(np.int32)
        arrays[f"{field}.lengths"] = np.concatenate(alive)
    layout = {name: (array.dtype.str, array.shape) for name, array in arrays.items()}
    layout["rows"] = ("<u4", (int(arrays["row_starts"][-1]),))
    for field in FIELDS:
        size = (int(arrays[f"{field}.starts"][-1]),)
        layout[f"{field}.documents"] = ("<i4", size)
        layout[f"{field}.codes"] = (codes[field][0].dtype.str, size)
    merged, mapping = allocate(layout, path)

    def breathe() -> None:
        pause()
        let_go(mapping)
        for source in sources:
            source.segment.let_go()

    for name, array in arrays.items():
        merged[name][...] = array
    _copy_rows(sources, merged["rows"], breathe)
    for field in FIELDS:
        _copy_postings(sources, field, codes[field], merged, breathe)
    return Segment(merged, path, mapping)


def _vocabulary(sources: Sequence[_Source]) -> dict[str, Array]:
    """Terms that still stand somewhere. `frequencies`: fields x V."""
    hashes = np.unique(np.concatenate([source.segment["hashes"] for source in sources]))
    frequencies = np.zeros((len(FIELDS), len(hashes)), np.int64)
    owner = np.full(len(hashes), -1)
    for number, source in enumerate(sources):
        source.terms = np.searchsorted(hashes, source.segment["hashes"])
        for field, row in zip(FIELDS, frequencies, strict=True):
            row[source.terms] += source.part.frequencies(field)
        owner[source.terms] = number
    used = frequencies[FIELDS.index("articles")] > 0
    lengths = np.zeros(len(hashes), np.int64)
    for source in sources:
        lengths[source.terms] = np.diff(source.segment["term_starts"])
    starts = starts_of(np.where(used, lengths, 0))
    text = np.zeros(int(starts[-1]), np.uint8)
    renumber = np.cumsum(used) - 1
    for number, source in enumerate(sources):
        own = np.flatnonzero((owner[source.terms] == number) & used[source.terms])
        segment = source.segment
        text[places(starts, source.terms[own])] = segment["term_text"][places(segment["term_starts"], own)]
        source.terms = renumber[source.terms]
    return {
        "hashes": hashes[used],
        "term_starts": starts[np.append(used, True)].astype(np.uint32),
        "term_text": text,
        "frequencies": frequencies[:, used],
    }


def _names(sources: Sequence[_Source]) -> dict[str, Array]:
    numbers: dict[str, int] = {}
    keys = []
    for source in sources:
        segment = source.segment
        own = [segment.name(number) for number in range(len(segment["name_starts"]) - 1)]
        source.names = np.array([numbers.setdefault(name, len(numbers)) for name in own] + [-1])
        keys.append(np.stack([segment["key_hashes"], source.names[segment["key_names"]].astype(np.uint64)]))
    starts, text = pack(list(numbers))
    hashes, names = np.unique(np.concatenate(keys, axis=1), axis=1)
    return {"name_starts": starts, "name_text": text, "key_hashes": hashes, "key_names": names.astype(np.int32)}


def _metadata(sources: Sequence[_Source]) -> dict[str, Array]:
    def per_article(name: str) -> Array:
        return np.concatenate([source.segment[name][source.articles] for source in sources])

    def lengths(name: str, kept: Sequence[Array]) -> Array:
        return np.concatenate([np.diff(s.segment[name])[keep] for s, keep in zip(sources, kept, strict=True)])

    passages, articles = [source.passages for source in sources], [source.articles for source in sources]
    rows = [np.diff(source.segment["row_starts"]) for source in sources]
    of_passages = [row[: len(keep)][keep] for row, keep in zip(rows, passages, strict=True)]
    of_titles = [row[-len(keep) :][keep] for row, keep in zip(rows, articles, strict=True)]
    speakers = [
        s.names[s.segment["speakers"][np.repeat(s.passages, np.diff(s.segment["speaker_starts"]))]] for s in sources
    ]
    return {
        "row_starts": starts_of(np.concatenate(of_passages + of_titles)),
        "article_ids": per_article("article_ids"),
        "passage_starts": starts_of(lengths("passage_starts", articles)).astype(np.int32),
        "passage_index": np.concatenate([source.segment["passage_index"][source.passages] for source in sources]),
        "dates": per_article("dates"),
        "sources": np.concatenate([s.names[s.segment["sources"][s.articles]] for s in sources]).astype(np.int32),
        "sections": np.concatenate([s.names[s.segment["sections"][s.articles]] for s in sources]).astype(np.int32),
        "speaker_starts": starts_of(lengths("speaker_starts", passages)),
        "speakers": np.concatenate(speakers).astype(np.int32),
    }


def _pairs(segment: Segment, field: str) -> Array:
    codes = segment.fields[field]
    return codes.code_frequency.astype(np.int64) << 32 | codes.code_length


def _copy_rows(sources: Sequence[_Source], rows: Array, pause: Callable[[], None]) -> None:
    end = 0
    for titles in (False, True):
        for source in sources:
            segment, split = source.segment, source.segment.passages
            first, last = (split, split + segment.articles) if titles else (0, split)
            numbers = np.append(0, source.terms + 1).astype(np.uint32)
            for start, stop in slices(segment["row_starts"][first : last + 1], _PIECE):
                pause()
                kept = first + start + np.flatnonzero(source.rows[first + start : first + stop])
                words = segment["rows"][places(segment["row_starts"], kept)]
                rows[end : end + len(words)] = numbers[words]
                end += len(words)


def _copy_postings(
    sources: Sequence[_Source], field: str, codes: Sequence[Array], merged: dict[str, Array], pause: Callable[[], None]
) -> None:
    ends = merged[f"{field}.starts"][:-1].astype(np.int64)  # where the next posting of each term goes
    before = 0
    for source, code in zip(sources, codes, strict=True):
        own, alive = source.segment.fields[field], source.alive(field)
        document = before + np.cumsum(alive) - 1
        before += int(np.count_nonzero(alive))
        for start, stop in slices(own.starts, _PIECE):
            pause()
            part = slice(int(own.starts[start]), int(own.starts[stop]))
            kept = alive[own.documents[part]]
            counts = np.diff(np.append(0, np.cumsum(kept))[own.starts[start : stop + 1] - own.starts[start]])
            used = counts > 0
            terms, counts = source.terms[start:stop][used], counts[used]
            target = np.repeat(ends[terms] - starts_of(counts)[:-1], counts) + np.arange(int(counts.sum()))
            merged[f"{field}.documents"][target] = document[own.documents[part][kept]]
            merged[f"{field}.codes"][target] = code[own.codes[part][kept]]
            ends[terms] += counts
