"""What can go wrong with stored data and its sources; each message is one line that a user can act on.

StorageError
├── DatabaseError   the database's address, driver, server, file or schema
├── SourceError     a source of articles as a whole: its address, and what is wrong with it
├── FetchError      nothing could be had from a web address
│   ├── FetchRefused    a rule of ours forbids it
│   └── StatusError     its server answers that it has nothing
└── ParseError      what strangers wrote cannot be read
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


class FetchError(StorageError):
    """Nothing could be had from the address; one line that says why. Trying later may help."""


class FetchRefused(FetchError):
    """A rule of ours forbids it; the line says which. Trying again does not help."""


class StatusError(FetchError):
    """The server answered with a status that brings no content. `retry_after_s`: 0 where it does not say."""

    def __init__(self, status: int, retry_after_s: float = 0.0) -> None:
        super().__init__(_STATUS_WORDS.get(status, f"the server answers with status {status}"))
        self.status = status
        self.retry_after_s = retry_after_s


_STATUS_WORDS = {
    401: "the server asks for a password (401)",
    403: "the server does not let us read it (403)",
    404: "not found (404)",
    410: "gone for good (410)",
    429: "the server asks us to come less often (429)",
}


class ParseError(StorageError):
    """The bytes could not be read; one line that says why."""
