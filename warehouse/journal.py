"""Append-only journals of JSON lines: the capture log, the claim specifications, the published verdicts.

A line is written with one flush to disk under the file's own lock, so writers never interleave. A writer
that was killed leaves at most one line without its newline: the next writer removes it, readers skip it.
Any other line that is not JSON is damage, and is named.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from config.errors import Refused


def append(path: Path, records: list[dict[str, Any]]) -> None:
    """Add one line for each record; all of them reach the disk before this returns."""
    if not records:
        return
    lines = b"".join(orjson.dumps(record, option=orjson.OPT_SORT_KEYS) + b"\n" for record in records)
    with path.open("ab+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        _drop_torn_line(stream.fileno())
        stream.write(lines)
        stream.flush()
        os.fsync(stream.fileno())


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records, oldest first. Raises Refused naming the line that is damaged."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return  # torn by a killed writer: its record was never acknowledged
            yield _record(path, number, line)


def _record(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Refused(
            f"line {number} is damaged: {error}",
            place=str(path),
            remedy="restore the file from a backup; the lines before and after it are sound",
        ) from error
    if not isinstance(record, dict):
        raise Refused(f"line {number} is not a record", place=str(path), remedy="restore the file from a backup")
    return record


def _drop_torn_line(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    kept = size
    while kept:
        start = max(0, kept - 65536)
        chunk = os.pread(descriptor, kept - start, start)
        newline = chunk.rfind(b"\n")
        if newline >= 0:
            kept = start + newline + 1
            break
        kept = start
    if kept != size:
        os.ftruncate(descriptor, kept)
