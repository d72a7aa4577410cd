"""Append-only journals of JSON lines: the capture log, the claim specifications, the published verdicts.

A line is written with one flush to disk under the file's own lock, so writers never interleave. A writer
that was killed leaves at most one line without its newline: the next writer removes it, readers skip it.
Each line ends with a checksum (`chain`) over itself and the one of the line before: a line that was changed, taken out or
moved is damage, as is one that is not JSON, and is named.

Every line is written twice, into the journal and into its second copy (second_copy.py), from which damage is mended.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson

from config.errors import Refused
from warehouse.archive.second_copy import DAMAGED, SECOND, add_to_second, level, restore, second
from warehouse.home.layout import Home

T = TypeVar("T")
DIGITS = 16
_CHAINED = re.compile(rb'^(\{.+),"chain":"([0-9a-f]{16})"\}\n$')


def append(path: Path, records: list[dict[str, Any]]) -> None:
    """Add one line for each record; all of them reach the disk before this returns."""
    if not records:
        return
    _require_files(path)
    with path.open("ab+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        _drop_torn_line(stream.fileno())
        if not level(path):
            restore(stream, path, _sound)
        chain, lines = _last_chain(stream.fileno()), b""
        for record in records:
            body = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)[:-1]
            chain = _chain(chain, body)
            lines += body + b',"chain":"' + chain + b'"}\n'
        stream.write(lines)
        stream.flush()
        os.fsync(stream.fileno())
        add_to_second(path, lines)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records, oldest first. Damage is mended first; raises Refused naming the line where that cannot be done."""
    if not level(path):
        mend(path)
    given = 0
    try:
        for record in _records(path):
            yield record
            given += 1
    except Refused:
        if not mend(path):
            raise
        yield from islice(_records(path), given, None)


def mend(path: Path) -> bool:
    """Make journal and second copy one again, each from the other's sound lines; whether the journal has changed.

    Nothing is written where neither has the line that comes next, or where the file system takes nothing.
    """
    _require_files(path)
    try:
        with path.open("ab+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            return restore(stream, path, _sound)
    except OSError:
        return False


def mended(home: Home) -> list[str]:
    """Look through every journal and its copy, mend what can be, and give a sentence for each that ever was: until what stood
    there is removed.
    """
    kept: list[Path] = []
    for folder in (home.archive, home.backfills):
        for name in sorted({path.name.removesuffix(SECOND) for path in folder.glob("*.jsonl*")}):
            mend(folder / name)
        kept += sorted(folder.glob(f"{DAMAGED}/*"))
    return [
        f"{path.parent.parent / path.name.rpartition('-')[0]} was damaged, and has every line again from its other copy; what stood "
        f"there is kept as {path}. Remedy: look after the disk, then remove that file"
        for path in kept
    ]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    if not _require_file(path):
        return
    chain = b""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return  # torn by a killed writer: its record was never acknowledged
            record, chain = _record(path, number, line, chain)
            yield record


def _sound(line: bytes, before: bytes) -> bytes | None:
    """The checksum of a line that follows the one before; None for one that does not."""
    found = _CHAINED.match(line)
    if found is None or _chain(before, found[1]) != found[2]:
        return None
    return found[2]


def read_as(path: Path, build: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    """What `build` makes of each record, oldest first. Raises Refused naming the line, also where it is no such record."""
    for number, record in enumerate(read(path), start=1):
        try:
            yield build(record)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _damaged(path, number, "lacks what such a record says, or says it in another form") from error


def _require_files(path: Path) -> None:
    _require_file(path)
    _require_file(second(path))


def _require_file(path: Path) -> bool:
    """Whether the journal is there. Raises Refused where something else lies in its place."""
    if path.is_file():
        return True
    if path.exists() or path.is_symlink():
        raise Refused("a journal is to be a file", place=str(path), remedy="move away what lies there under its name")
    return False


def _record(path: Path, number: int, line: bytes, before: bytes) -> tuple[dict[str, Any], bytes]:
    """The record of a line and its checksum, which must follow the one of the line before."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _damaged(path, number, f"is damaged: {error}") from error
    found = _CHAINED.match(line)
    if not isinstance(record, dict) or found is None:
        raise _damaged(path, number, "is not a record with its checksum: something else has written it")
    if _chain(before, found[1]) != found[2]:
        raise _damaged(path, number, "does not follow the one before: it was changed, or a line was taken out or moved")
    del record["chain"]
    return record, found[2]


def _damaged(path: Path, number: int, what: str) -> Refused:
    return Refused(
        f"line {number} {what}",
        place=str(path),
        remedy="restore the file from a backup (its second copy, of the same name with .copy, lacks the line too); without one, keep "
        f"copies and cut both off before line {number}: the lines before it are sound, what is cut is fetched again where it can be",
    )


def _chain(before: bytes, body: bytes) -> bytes:
    return hashlib.sha256(before + body).hexdigest()[:DIGITS].encode()


def _last_chain(descriptor: int) -> bytes:
    """The checksum of the last line; of none, or of one without, nothing: readers name that line."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, min(size, DIGITS + 3), max(0, size - DIGITS - 3))
    return tail[:DIGITS]


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
