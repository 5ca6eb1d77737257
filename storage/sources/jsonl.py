"""Articles in JSON lines (.jsonl, .jsonl.gz), one object a line, read as a stream."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from storage.sources.items import Item, document_from_record

MAX_LINE = 8 * 2**20  # bytes in one article
_MAX_RATIO = 200  # texts shrink to a fifth; a file that shrinks to a two-hundredth is a decompression bomb
_NO_BOMB = 64 * 2**20  # bytes that may come of any file


_CHUNK = 2**20
_BAD_LINES = 100  # that may stand before the first good one


class _Readable(Protocol):
    def read1(self, size: int = -1, /) -> bytes: ...


def read_lines(name: str, stream: BinaryIO, size: int) -> Iterator[Item]:
    """The articles of a .jsonl or, by its name, .jsonl.gz stream of so many bytes, in order; one in memory at a time.

    A line that cannot be read is an item with its reason, and the next ones follow. What is damaged, bursting, or
    after a hundred lines still nothing but errors, ends with such an item.
    """
    if not name.lower().endswith(".gz"):
        yield from _items(name, stream, None)  # type: ignore[arg-type]  # every binary stream that we open has read1
        return
    with gzip.GzipFile(fileobj=stream) as unpacked:
        try:
            yield from _items(name, unpacked, max(_NO_BOMB, _MAX_RATIO * size))
        except (EOFError, OSError, zlib.error):
            yield Item(name, reason="is cut short or damaged; the articles before the damage were read")


def _items(name: str, stream: _Readable, max_bytes: int | None) -> Iterator[Item]:
    seen: set[str] = set()
    good = bad = 0
    for number, line in _numbered_lines(stream, max_bytes):
        if line is None:
            yield Item(name, reason=f"unpacks to more than {_MAX_RATIO} times its size; not read further")
            return
        item = _item(name, number, line, seen)
        yield item
        good += item.document is not None
        bad += item.document is None
        if bad >= _BAD_LINES and not good:
            yield Item(name, reason=f"has {bad} bad lines and no good one; not read further")
            return


def _numbered_lines(stream: _Readable, max_bytes: int | None) -> Iterator[tuple[int, bytes | None]]:
    """Every line that is not blank, from 1, cut behind MAX_LINE; at last None if there are more bytes than allowed."""
    number, total, rest = 1, 0, b""
    while chunk := stream.read1(_CHUNK):
        total += len(chunk)
        if max_bytes is not None and total > max_bytes:
            yield number, None
            return
        if not rest and not chunk.strip():  # at the speed of memory, since bombs are made of these
            number += chunk.count(b"\n")
            continue
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: MAX_LINE + 1]
        for line in lines:
            if line.strip():
                yield number, line[: MAX_LINE + 1]
            number += 1
    if rest.strip():
        yield number, rest


def _item(name: str, number: int, line: bytes, seen: set[str]) -> Item:
    key = f"{name}#{number}"
    if len(line) > MAX_LINE:
        return Item(key, reason=f"line {number} is longer than {MAX_LINE // 2**20} MiB")
    try:
        record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        if not isinstance(record, dict):
            raise ValueError("is not a JSON object")
        document = document_from_record(record, "data")
    except RecursionError:
        return Item(key, reason=f"line {number} is nested too deeply")
    except UnicodeDecodeError:
        return Item(key, reason=f"line {number} is not UTF-8")
    except json.JSONDecodeError as error:
        return Item(key, reason=f"line {number} is not JSON: {error.msg} at character {error.pos + 1}")
    except ValueError as error:
        return Item(key, reason=f"line {number} {error}")
    own = document.external_id or document.url
    if own and own not in seen:  # its own name outlives lines added above it
        seen.add(own)
        key = f"{name}#{own}"
    return Item(key, document)
