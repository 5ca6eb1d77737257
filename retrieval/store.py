"""The index's own directory: sealed segment files, and a small file that names the current ones.

A change writes new files first and replaces ``current.json`` last, so that a crash at any moment leaves the old index.
"""

from __future__ import annotations

import json
import os
import secrets
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.analysis import ANALYSIS_VERSION
from retrieval.exceptions import IndexMissing, IndexUnusable
from retrieval.index import Part
from retrieval.segment import Segment, load, seal, write

_CURRENT = "current.json"
_STAMP = {"format": 1, "analysis": ANALYSIS_VERSION}


class Store:
    """Keeps the parts of an index in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._sealed: dict[Path, int] = {}  # checksums of our files
        directory.mkdir(parents=True, exist_ok=True)

    def read(self) -> tuple[tuple[Part, ...], str]:
        """(parts, fingerprint) as last kept. Raises: IndexUnusable, with the reason."""
        try:
            body = json.loads((self.directory / _CURRENT).read_bytes())
            content = body["content"]
            if body["checksum"] != _checksum(content):
                raise IndexUnusable(f"{_CURRENT} is damaged")
            if content["stamp"] != _STAMP:
                raise IndexUnusable("the index was written by another version of Quotewire")
            parts = []
            for entry in content["segments"]:
                path = self.directory / Path(entry["file"]).name
                part = Part(load(path, entry["checksum"]))
                gone = np.array(entry["removed"], np.int64)
                parts.append(part.without(part.segment["article_ids"][gone].tolist()))
                self._sealed[path] = entry["checksum"]
            return tuple(parts), str(content["fingerprint"])
        except FileNotFoundError as error:
            raise IndexMissing("there is no index yet") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise IndexUnusable(f"the index cannot be read: {error}") from error

    def new_path(self) -> Path:
        """Where a new segment may be written."""
        return self.directory / f"segment-{secrets.token_hex(8)}.bin"

    def keep(self, parts: Sequence[Part], fingerprint: str) -> tuple[Part, ...]:
        """Makes these parts, all on disk then, the current ones; removes files that are none of them any more."""
        kept = tuple(part if self._there(part) else self._written(part) for part in parts)
        entries = []
        for part in kept:
            path = part.segment.path or self.new_path()
            if path not in self._sealed:
                self._sealed[path] = seal(path)
            gone = np.flatnonzero(~part.removed.alive_articles).tolist() if part.removed else []
            entries.append({"file": path.name, "checksum": self._sealed[path], "removed": gone})
        content = {"stamp": _STAMP, "fingerprint": fingerprint, "segments": entries}
        self._replace(json.dumps({"content": content, "checksum": _checksum(content)}).encode())
        for path in self._sealed.keys() - {part.segment.path for part in kept}:
            _remove(path)
            del self._sealed[path]
        return kept

    def clear(self) -> None:
        """Removes what earlier runs left behind; what is newer than the current index may be another's work in hand."""
        with suppress(OSError):
            current = (self.directory / _CURRENT).stat().st_mtime
            for path in self.directory.glob("segment-*"):
                if path not in self._sealed and path.stat().st_mtime < current:
                    _remove(path)

    def discard(self, paths: Iterable[Path | None]) -> None:
        """Removes new files that did not come to be kept."""
        for path in paths:
            if path and path not in self._sealed:
                _remove(path)

    @staticmethod
    def _there(part: Part) -> bool:
        return part.segment.path is not None and part.segment.path.exists()

    def _written(self, part: Part) -> Part:
        path = self.new_path()
        write(part.segment.arrays, path)
        return Part(Segment(part.segment.arrays, path), part.removed)

    def _replace(self, data: bytes) -> None:
        new = self.directory / f"{_CURRENT}.{secrets.token_hex(4)}"
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.directory / _CURRENT)
        if os.name == "posix":  # so that the new name, too, survives a power cut
            directory = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)


def _remove(path: Path) -> None:
    with suppress(OSError):  # some systems keep a file while it is mapped
        path.unlink()


def _checksum(content: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, sort_keys=True).encode())
