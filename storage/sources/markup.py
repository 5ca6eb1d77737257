"""Bytes of a page or a feed -> its characters. Servers and authors often name the wrong encoding."""

from __future__ import annotations

import re

from storage.sources.decoding import decode
from storage.sources.html import declared_charset

_OF_TYPE = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_OF_XML = re.compile(rb"<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([\w-]{1,40})", re.IGNORECASE)


def decode_markup(body: bytes, content_type: str = "") -> str:
    """The text. UTF-8 where it is valid; else each encoding that is named is tried, and at last the likeliest.

    Raises: ValueError, one line.
    """
    if not body.strip():
        raise ValueError("is empty")
    if b"\0" in body[:4] and body[:2] not in (
        b"\xff\xfe",
        b"\xfe\xff",
    ):  # UTF-16 whose tags show it: no mark stands there
        return body.decode("utf-16-le" if body[1:2] == b"\0" else "utf-16-be", "replace")
    by_type, by_xml = _OF_TYPE.search(content_type), _OF_XML.search(body[:300])
    named = (by_type and by_type[1], declared_charset(body), by_xml and by_xml[1].decode("ascii"))
    failure = None
    for charset in [name for name in dict.fromkeys(named) if name] or [None]:
        try:
            return decode(body, charset)
        except ValueError as error:
            failure = failure or error
    from charset_normalizer import from_bytes  # slow to load, and rarely needed

    guess = None if b"\0" in body else from_bytes(body[:100_000]).best()
    if guess is None:
        raise failure or ValueError("is in no known encoding")
    return body.decode(guess.encoding, "replace")
