"""Whether local files may have changed since they were last read, without reading them."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterator

_SETTLED_S = 2.0  # a file written to later than that may change again within the file system's tick


def files_state(address: str, now_s: float) -> str | None:
    """Another text whenever a file of the file, folder or glob came, went, or was written to.

    Null when that cannot be told: nothing is there, or something is being written right now (`now_s`: Unix time).
    """
    digest = hashlib.blake2b(digest_size=16)
    newest, found = 0.0, False
    for path, status in _walk(os.path.abspath(os.path.expanduser(address))):
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\0".encode(errors="replace"))
        newest, found = max(newest, status.st_mtime), True
    return digest.hexdigest() if found and newest < now_s - _SETTLED_S else None


def _walk(path: str) -> Iterator[tuple[str, os.stat_result]]:
    pending = [path] if os.path.lexists(path) else sorted(glob.glob(path, recursive=True))
    while pending:
        place = pending.pop()
        try:
            status = os.lstat(place)
            yield place, status
            if os.path.islink(place):
                yield place, os.stat(place)
            elif os.path.isdir(place):
                pending += sorted(entry.path for entry in os.scandir(place) if not entry.name.startswith("."))
        except OSError:
            continue
