"""What a parquet file says of its own size, read from its footer before anything of it is unpacked.

A dictionary of one name and a run length make a billion rows of a few bytes. The footer is Thrift's compact protocol
(https://github.com/apache/parquet-format): FileMetaData has num_rows (3) and row_groups (4), a row group columns (1), total_byte_size
(2) and num_rows (3), a column its metadata (3) with total_uncompressed_size (6).
"""

from __future__ import annotations

import io
import struct
from typing import Any, NamedTuple

MAGIC = b"PAR1"  # a parquet file begins and ends with it: a cut one does not
DEEPEST = 16


class Size(NamedTuple):
    """Rows and uncompressed bytes, each the largest that the footer states."""

    rows: int
    bytes: int


def stated_size(payload: bytes) -> Size:
    """Raises ValueError where there is no footer that can be read."""
    if len(payload) < 12 or not payload.startswith(MAGIC) or not payload.endswith(MAGIC):
        raise ValueError("not a whole parquet file")
    (length,) = struct.unpack("<I", payload[-8:-4])
    if length > len(payload) - 12:
        raise ValueError("its footer is longer than the file")
    stream = io.BytesIO(payload[-8 - length : -8])
    try:
        body = _struct(stream, 0)
        groups = list(body.get(4, []))
        rows = [body[3], sum(group[3] for group in groups)]
        columns = sum(column[3][6] for group in groups for column in group[1] if 3 in column)
        sizes = [columns, sum(group[2] for group in groups)]
    except (KeyError, TypeError, AttributeError, IndexError, struct.error) as error:
        raise ValueError("its footer cannot be read") from error
    if min(*rows, *sizes) < 0:
        raise ValueError("its footer states a negative size")
    return Size(max(rows), max(sizes))


def _struct(stream: io.BytesIO, depth: int) -> dict[int, Any]:
    if depth > DEEPEST:
        raise ValueError("its footer is nested too deeply")
    fields: dict[int, Any] = {}
    last = 0
    while head := _byte(stream):
        last = last + (head >> 4) if head >> 4 else _zigzag(stream)
        fields[last] = head & 15 == 1 if head & 15 in {1, 2} else _value(stream, head & 15, depth)
    return fields


def _value(stream: io.BytesIO, kind: int, depth: int) -> Any:
    match kind:
        case 1 | 2 | 3:  # in a list a truth value is a byte
            return _byte(stream)
        case 4 | 5 | 6:
            return _zigzag(stream)
        case 7:
            return _taken(stream, 8)
        case 8:
            return _taken(stream, _varint(stream))
        case 9 | 10:
            head = _byte(stream)
            count = head >> 4 if head >> 4 < 15 else _varint(stream)
            return [_value(stream, head & 15, depth + 1) for _ in range(count)]
        case 12:
            return _struct(stream, depth + 1)
        case _:
            raise ValueError("its footer holds a type that parquet does not use")


def _taken(stream: io.BytesIO, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise ValueError("its footer breaks off")
    return body


def _byte(stream: io.BytesIO) -> int:
    return _taken(stream, 1)[0]


def _varint(stream: io.BytesIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = _byte(stream)
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise ValueError("its footer holds a number without an end")


def _zigzag(stream: io.BytesIO) -> int:
    value = _varint(stream)
    return (value >> 1) ^ -(value & 1)
