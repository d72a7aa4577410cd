"""A response's body, whole and decoded, or an error: never half a body, never more than the cap.

Content-Encoding is undone here and not by the HTTP library, which neither notices a gzip stream that breaks off
nor limits what one small piece may unfold into.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED_ENCODING = "gzip"
CHUNK = 1 << 16
GZIP_WINDOW = 31  # zlib's code for: largest window, gzip header and trailer required


class TooLarge(Exception):
    """The decoded body exceeds the cap."""


class BrokenOff(Exception):
    """The body ended before its end, or its compression is damaged."""


class UnknownEncoding(Exception):
    """The host used a Content-Encoding that was not offered."""


def read_payload(pieces: Iterable[bytes], encoding: str, cap: int) -> bytes:
    """All of a body, decoded. `pieces` are the raw bytes, `encoding` the Content-Encoding, `cap` in bytes.

    Raises TooLarge, BrokenOff or UnknownEncoding.
    """
    return b"".join(decoded(pieces, encoding, cap))


def decoded(pieces: Iterable[bytes], encoding: str, cap: int) -> Iterator[bytes]:
    """The same piece by piece, for a body that is too large to be held. What it raises comes after the pieces before."""
    match encoding.strip().lower():
        case "" | "identity":
            plain = iter(pieces)
        case "gzip" | "x-gzip":
            plain = _unzipped(pieces, cap)
        case other:
            raise UnknownEncoding(other)
    size = 0
    for piece in plain:
        size += len(piece)
        if size > cap:
            raise TooLarge
        yield piece


def _unzipped(pieces: Iterable[bytes], cap: int) -> Iterator[bytes]:
    """Decoded pieces, each at most one byte beyond the cap: enough for the caller to refuse, never a bomb."""
    stream = None
    for piece in pieces:
        data = piece
        while data:
            stream = stream or zlib.decompressobj(GZIP_WINDOW)
            try:
                yield stream.decompress(data, cap + 1)
            except zlib.error as error:
                raise BrokenOff(str(error)) from error
            data = stream.unconsumed_tail or stream.unused_data
            if stream.eof:
                stream = None  # a body may be several gzip members one after the other
    if stream is not None:
        raise BrokenOff("the compressed stream has no end")
