"""Decompression that cannot be made to fill the memory."""

from __future__ import annotations

import zlib


class TooLong(ValueError):
    """More bytes come out than the limit allows."""


class Inflater:
    """Bytes in gzip, zlib or raw deflate form, undone piece by piece, `limit` bytes at most in all."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._stream: zlib._Decompress | None = None
        self._started = False
        self._between_members = False

    def feed(self, data: bytes) -> bytes:
        """What `data` adds. Raises: TooLong; ValueError when the bytes are broken."""
        out = bytearray()
        while data:
            if self._stream is None:
                if self._between_members and data[:1] != b"\x1f":
                    break  # padding after the last gzip member
                self._stream = zlib.decompressobj(47 if self._started or _has_header(data) else -15)
                self._started = True
            try:
                out += self._stream.decompress(data, self._left - len(out) + 1)
            except zlib.error as error:
                raise ValueError(f"the compressed bytes are broken: {error}") from error
            if len(out) > self._left:
                raise TooLong
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                data = self._stream.unused_data
                self._stream, self._between_members = None, True
        self._left -= len(out)
        return bytes(out)

    @property
    def complete(self) -> bool:
        """Whether the bytes so far end where a compressed stream ends."""
        return self._stream is None and self._started


def gunzip(data: bytes, limit: int) -> bytes:
    """All that gzip bytes hold. Raises: TooLong; ValueError when they are broken or cut off."""
    inflater = Inflater(limit)
    out = inflater.feed(data)
    if not inflater.complete:
        raise ValueError("the compressed bytes are cut off")
    return out


def _has_header(data: bytes) -> bool:
    """Gzip's magic number, or a zlib header (RFC 1950): some servers send "deflate" without one."""
    if data[:1] == b"\x1f":
        return True
    return data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] * 256 + data[1]) % 31 == 0)
