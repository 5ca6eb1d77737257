"""What every kind of source yields: articles, or why one cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.reading import Document
from retrieval.types import DateOrigin, Paragraph


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a source, or the reason why it was rejected (one line; exactly one of the two is null).

    `key` identifies it from load to load: its file's absolute path, then "#" and its own id, address or line number
    where the file holds several. The same file has the same keys however it is reached: alone, in a folder, by a glob.
    """

    key: str
    document: Document | None = None
    reason: str | None = None


def document_from_record(record: Mapping[str, object], origin: DateOrigin, text: str | None = None) -> Document:
    """The document that the record's keys describe; its date counts as of the origin. `text`: the body of a text file.

    Raises: ValueError, one line, if a value is not of its kind. Keys that we do not know are ignored.
    """
    paragraphs = _paragraphs(record.get("paragraphs"))
    text = text or _text(record, "text")
    if paragraphs is None and text is None:
        raise ValueError('has neither "text" nor "paragraphs"')
    date = _text(record, "date")
    return Document(
        text=text if paragraphs is None else None,
        paragraphs=paragraphs,
        title=_text(record, "title"),
        dates={origin: date} if date else {},
        source=_text(record, "source"),
        url=_text(record, "url"),
        section=_text(record, "section"),
        language=_text(record, "language"),
        external_id=_text(record, "id"),
    )


def _text(record: Mapping[str, object], key: str) -> str | None:
    value = record.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and key != "text":
        return str(value)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{key}" must be text, not {type(value).__name__}')
    return value or None


def _paragraphs(value: object) -> tuple[str | Paragraph, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError('"paragraphs" must be a list of texts')
    return tuple(_paragraph(item) for item in value) or None


def _paragraph(item: object) -> str | Paragraph:
    if isinstance(item, str):
        return item
    if isinstance(item, dict) and isinstance(item.get("text"), str):  # as `quotewire parse --json` writes them
        heading = item.get("heading")
        return Paragraph(item["text"], heading if isinstance(heading, str) else None)
    raise ValueError('"paragraphs" must be a list of texts')
