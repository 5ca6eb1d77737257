"""The kinds of sources. To add one: its module here, and its entry in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from storage.exceptions import SourceError
from storage.sources import files
from storage.sources.items import Item

__all__ = ["KINDS", "Item", "SourceKind", "read_source"]


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source: which addresses are its own, and how their articles are read."""

    name: str
    owns: Callable[[str], bool]
    read: Callable[[str], Iterator[Item]]  # blocks; yields as it reads; raises SourceError if nothing can be read


KINDS = (SourceKind("files", files.is_file_address, files.read_files),)


def read_source(address: str) -> Iterator[Item]:
    """The articles of the source, one in memory at a time, with a reason in the place of each that cannot be read.

    Raises: SourceError, at the latest with the first item, if the source itself cannot be read.
    """
    for kind in KINDS:
        if kind.owns(address):
            return kind.read(address)
    raise SourceError(address, "no kind of source reads such an address")
