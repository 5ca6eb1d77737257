"""The errors of retrieval.

RetrievalError
├── ReadingError: a document has nothing to read
└── IndexUnusable: the stored index cannot answer; build it again from the articles
    └── IndexMissing: none was stored yet
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of this package's errors."""


class ReadingError(RetrievalError):
    """There is nothing to read; the message goes on from the document's name ("has no text to read")."""


class IndexUnusable(RetrievalError):
    """The stored index is missing, damaged, foreign or outdated; `reason` says which, for a log line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IndexMissing(IndexUnusable):
    """No index has been stored yet."""
