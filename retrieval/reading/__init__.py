"""What an article says: source text -> Article."""

from retrieval.exceptions import ReadingError
from retrieval.reading.document import READER_VERSION, Document, read, reread

__all__ = ["READER_VERSION", "Document", "ReadingError", "read", "reread"]
