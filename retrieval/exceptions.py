"""The errors of retrieval.

RetrievalError
├── ReadingError: a document has nothing to read
├── EngineMissing: what another search engine needs is not installed
├── EngineSilent: another search engine does not do what is asked of it
└── IndexUnusable: the stored index cannot answer; build it again from the articles
    └── IndexMissing: none was stored yet
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of this package's errors."""


class ReadingError(RetrievalError):
    """There is nothing to read; the message goes on from the document's name ("has no text to read")."""


class EngineMissing(RetrievalError):
    """The message is one line and names what to install."""


class EngineSilent(RetrievalError):
    """The engine at `place` cannot be reached, is too slow, or refuses; `reason` says which, for a log line."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"the search engine at {place} does not answer: {reason}")
        self.place = place
        self.reason = reason


class IndexUnusable(RetrievalError):
    """The stored index is missing, damaged, foreign or outdated; `reason` says which, for a log line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IndexMissing(IndexUnusable):
    """No index has been stored yet."""
