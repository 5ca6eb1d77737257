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


class _Lines(Protocol):
    def readline(self, size: int = -1, /) -> bytes: ...


def read_lines(name: str, stream: BinaryIO, size: int) -> Iterator[Item]:
    """The articles of a .jsonl or, by its name, .jsonl.gz stream of so many bytes, in order; one in memory at a time.

    A line that cannot be read is an item with its reason, and the next ones follow. A damaged or bursting gzip stream
    ends with such an item.
    """
    if not name.endswith(".gz"):
        yield from _items(name, stream, None)
        return
    with gzip.GzipFile(fileobj=stream) as unpacked:
        try:
            yield from _items(name, unpacked, max(_NO_BOMB, _MAX_RATIO * size))
        except (EOFError, OSError, zlib.error):
            yield Item(name, reason="is cut short or damaged; the articles before the damage were read")


def _items(name: str, lines: _Lines, max_bytes: int | None) -> Iterator[Item]:
    seen: set[str] = set()
    number = total = 0
    while line := lines.readline(MAX_LINE + 1):
        number += 1
        total += len(line)
        too_long = len(line) > MAX_LINE
        while too_long and not line.endswith(b"\n") and (line := lines.readline(MAX_LINE)):
            total += len(line)
            if max_bytes is not None and total > max_bytes:
                break
        if max_bytes is not None and total > max_bytes:
            yield Item(name, reason=f"unpacks to more than {_MAX_RATIO} times its size; not read further")
            return
        if too_long:
            yield Item(f"{name}#{number}", reason=f"line {number} is longer than {MAX_LINE // 2**20} MiB")
        elif line.strip():
            yield _item(name, number, line, seen)


def _item(name: str, number: int, line: bytes, seen: set[str]) -> Item:
    key = f"{name}#{number}"
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
