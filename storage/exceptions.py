"""What can go wrong with stored data and its sources; each message is one line that a user can act on.

StorageError
├── DatabaseError   the database's address, driver, server, file or schema
└── SourceError     a source of articles (defined with the sources)
"""

from __future__ import annotations


class StorageError(Exception):
    """Root of this package's errors."""


class DatabaseError(StorageError):
    """The database cannot be used as it is. The message never holds a password."""
