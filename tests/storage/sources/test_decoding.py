"""Encodings: what is certain or likely is read, the rest refused."""

from __future__ import annotations

import pytest

from storage.sources.decoding import decode

RUSSIAN = "«Будет так, — сказала Анна Климова. — Ещё рано»."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251"])
def test_russian_is_read_in_the_encodings_it_comes_in(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == RUSSIAN


def test_the_typography_of_windows_is_read() -> None:
    assert decode(b"\x93Caf\x92 \x96 no\x94") == "“Caf’ – no”"


@pytest.mark.parametrize(
    "data",
    [
        "Будет так, сказала Анна Климова.".encode("koi8-r"),
        "Будет так, сказала Анна Климова.".encode("cp866"),
        RUSSIAN.encode()[:-2],
        "Café au lait".encode("latin-1"),
        "“English” text".encode() + b"\xff",
        b"\xff\xfea",
        b"a\0b",
    ],
)
def test_what_is_unlikely_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"is not|has NUL") as error:
        decode(data)
    assert "\n" not in str(error.value)


def test_a_page_is_read_as_it_declares() -> None:
    assert decode("Café".encode("latin-1"), "iso-8859-1") == "Café"
    assert decode("Café".encode(), "iso-8859-1") == "Café"  # valid UTF-8 is UTF-8
    for unknown in ("no-such-encoding", "zip", "punycode", "utf-8"):
        with pytest.raises(ValueError, match="is not"):
            decode("Café".encode("latin-1"), unknown)
