"""What readers send, made fit to be a question."""

from __future__ import annotations

import unicodedata


def readable(text: str) -> str | None:
    """The text without control characters, invisible marks and lone surrogates, on one line; None without a word."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if not _invisible(c))
    question = " ".join(kept.split())
    return question if any(c.isalnum() for c in question) else None


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cf", "Cs", "Co", "Cn")
