"""Articles in local files: one file, a folder with all below it, or a glob."""

from __future__ import annotations

import glob
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from storage.exceptions import SourceError
from storage.sources.decoding import decode
from storage.sources.frontmatter import split_front_matter
from storage.sources.html import declared_charset, document_from_html
from storage.sources.items import Item, document_from_record
from storage.sources.jsonl import read_lines

MAX_FILE = 64 * 2**20  # bytes of a file in a folder, and of one article's file anywhere
_STREAMED = (".jsonl", ".jsonl.gz")
SUFFIXES = (".txt", ".md", ".html", ".htm", *_STREAMED)


def is_file_address(address: str) -> bool:
    """Whether the address is a path or a glob, not a web address."""
    return "://" not in address


def read_files(address: str) -> Iterator[Item]:
    """The articles of a file, folder or glob, in the order of their names; relative paths start at the current folder.

    In folders, files of other kinds and hidden ones are passed over. Raises: SourceError if nothing is there.
    """
    path = os.path.abspath(os.path.expanduser(address))
    if os.path.isdir(path):
        yield from _folder(path)
    elif os.path.lexists(path):
        if not path.lower().endswith(SUFFIXES):
            raise SourceError(address, f"not a kind of file that can be read ({', '.join(SUFFIXES)})")
        yield from _file(path, in_folder=False)
    elif glob.has_magic(path):
        found = sorted(glob.iglob(path, recursive=True))
        if not found:
            raise SourceError(address, "no file matches")
        for match in found:
            if os.path.isdir(match):
                continue
            if match.lower().endswith(SUFFIXES):
                yield from _file(match, in_folder=True)
    else:
        raise SourceError(address, "no such file or folder")


def documents_from_bytes(name: str, data: bytes) -> Iterator[Item]:
    """The articles in a file's bytes, by the kind that its name ends in; pure, so that a worker process can do it."""
    if name.lower().endswith(_STREAMED):
        yield from read_lines(name, io.BytesIO(data), len(data))
        return
    try:
        if not data.strip():
            raise ValueError("is empty")
        if name.lower().endswith((".html", ".htm")):
            document = document_from_html(decode(data, declared_charset(data)))
        else:
            keys, text = split_front_matter(decode(data))
            document = document_from_record(keys, "front matter", text if text.strip() else None)
    except ValueError as error:
        yield Item(name, reason=str(error))
    else:
        yield Item(name, document)


def _file(path: str, *, in_folder: bool) -> Iterator[Item]:
    streamed = path.lower().endswith(_STREAMED)
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            yield Item(path, reason="is not a regular file")
        elif status.st_size > MAX_FILE and (in_folder or not streamed):
            yield Item(path, reason=f"is larger than {MAX_FILE // 2**20} MiB")
        else:
            with open(path, "rb") as stream:
                if streamed:
                    yield from read_lines(path, stream, status.st_size)
                else:
                    yield from documents_from_bytes(path, stream.read(MAX_FILE))
    except OSError as error:
        yield Item(path, reason=f"cannot be read: {error.strerror or error}")


def _folder(root: str) -> Iterator[Item]:
    """The folder's articles. Links are followed to files inside it only; others are rejected, each by its name."""
    real_root = Path(root).resolve()
    read: set[Path] = set()
    links: list[str] = []
    closed: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links += (path for name in folders if os.path.islink(path := os.path.join(folder, name)))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if name.startswith("."):
                continue
            if os.path.islink(path):
                links.append(path)
            elif name.lower().endswith(SUFFIXES):
                read.add(Path(path).resolve())
                yield from _file(path, in_folder=True)
    for path in links:
        yield from _link(path, real_root, read)
    for error in closed:
        yield Item(str(error.filename), reason=f"cannot be read: {error.strerror}")


def _link(path: str, root: Path, read: set[Path]) -> Iterator[Item]:
    """The article behind a link, unless it was read at its own place; a folder inside the root always is."""
    try:
        target = Path(path).resolve(strict=True)
    except FileNotFoundError:
        yield Item(path, reason="is a link to nothing")
        return
    except (OSError, RuntimeError):
        yield Item(path, reason="is a link in a circle")
        return
    if not target.is_relative_to(root):
        yield Item(path, reason="is a link that leads out of the folder")
    elif target.is_dir():
        if Path(path).parent.resolve().is_relative_to(target):
            yield Item(path, reason="is a link in a circle")
    elif target not in read and path.lower().endswith(SUFFIXES):
        read.add(target)
        yield from _file(path, in_folder=True)
