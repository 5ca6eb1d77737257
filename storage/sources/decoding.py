"""Bytes of a text file -> its characters, or a plain refusal: nothing replaced, nothing guessed that looks unlikely."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_ENCODING = re.compile("ascii|utf|iso|cp|koi|mac|gb|big5|shift|euc")  # Python knows "zip", "punycode" and more
_TYPOGRAPHY = frozenset("‚„…‘’“”•–—™\u00a0©«®»°±·§¶№")  # where Windows-1251 and -1252 mostly agree
_SMALL_SHARE = 0.6  # of Cyrillic letters: Russian has over .9; UTF-8 or KOI8-R taken for Windows-1251 has under .5


def decode(data: bytes, declared: str | None = None) -> str:
    """The text: by its byte order mark, as UTF-8, as it declares, or as Windows-1251 where that reads like Russian.

    Raises: ValueError, one line.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    if b"\0" in data:
        raise ValueError("has NUL bytes: not a text file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if declared and declared.lower() not in ("utf-8", "utf8"):
            return _strict(data, declared)
        if (text := _windows_1251(data)) is not None:
            return text
        raise ValueError(f"is not UTF-8 (byte {error.start + 1}), and not Windows-1251 either") from error


def _strict(data: bytes, encoding: str) -> str:
    try:
        if not _TEXT_ENCODING.match(codecs.lookup(encoding).name):
            raise LookupError(encoding)
        return data.decode(encoding)
    except (LookupError, ValueError) as error:
        raise ValueError(f"is not {encoding.removesuffix('-sig').upper()}, which it says it is") from error


def _windows_1251(data: bytes) -> str | None:
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text if character > "\x7f" and character not in _TYPOGRAPHY]
    russian = [character for character in foreign if "А" <= character <= "я" or character in "Ёё"]
    latin = sum(character.isalpha() and character.isascii() for character in text) if russian else 0
    small = sum(map(str.islower, russian))
    likely = len(foreign) == len(russian) and len(russian) >= latin and small >= _SMALL_SHARE * len(russian)
    return text if likely else None
