"""What can go wrong with stored data and its sources; each message is one line that a user can act on.

StorageError
├── DatabaseError   the database's address, driver, server, file or schema
└── SourceError     a source of articles as a whole: its address, and what is wrong with it
"""

from __future__ import annotations


class StorageError(Exception):
    """Root of this package's errors."""


class DatabaseError(StorageError):
    """The database cannot be used as it is. The message never holds a password."""


class SourceError(StorageError):
    """A source cannot be read at all; `reason` says why, in one line."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.address = address
        self.reason = reason
