"""The errors of retrieval.

RetrievalError
└── IndexUnusable: the stored index cannot answer; build it again from the articles
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of this package's errors."""


class IndexUnusable(RetrievalError):
    """The stored index is missing, damaged, foreign or outdated; `reason` says which, for a log line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
