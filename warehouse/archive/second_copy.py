"""The second copy of a journal: the same lines in a file beside it, and how each is mended from the other.

The journal is written first, so that a killed writer leaves a copy that lacks the last lines; it gets them without a word. Any
other difference is damage: what stood in the damaged file is kept under damaged/, and told until somebody removes it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from config.errors import Refused
from warehouse.home.layout import write_atomically

SECOND = ".copy"
DAMAGED = "damaged"
# A line's end, which holds its checksum.
TAIL = 19

# The checksum of a line that follows the one with that checksum; None for one that does not.
Follows = Callable[[bytes, bytes], bytes | None]


def second(path: Path) -> Path:
    """Where the second copy of a journal lies."""
    return path.with_name(path.name + SECOND)


def level(path: Path) -> bool:
    """Whether journal and copy have the same length and end: a look that costs nothing. What lies within is not read."""
    return _end(path) == _end(second(path))


def _end(path: Path) -> tuple[int, bytes]:
    if not path.is_file():
        return 0, b""
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            return size, os.pread(stream.fileno(), TAIL, max(0, size - TAIL))
    except OSError:
        return 0, b""


def add_to_second(path: Path, lines: bytes) -> None:
    """The lines that the journal has just got. The journal's lock is held."""
    with second(path).open("ab") as stream:
        stream.write(lines)
        stream.flush()
        os.fsync(stream.fileno())


def restore(stream: BinaryIO, path: Path, follows: Follows) -> bool:
    """Give both files every line that either has, in order; whether the journal, open and locked as `stream`, has changed.

    Where neither has the next line although both go on, they stay as they are: the journal's reader names the line.
    """
    stream.seek(0)
    ours = _lines(stream.read())
    theirs = _lines(second(path).read_bytes()) if second(path).is_file() else []
    if ours == theirs:
        return False
    merged = list(_merged(ours, theirs, follows))
    if len(merged) < len(ours) and not 0 < len(theirs) == len(merged):
        return False
    if theirs != merged:
        if theirs != merged[: len(theirs)]:
            _keep(second(path), theirs)
        write_atomically(second(path), b"".join(merged))
    if ours == merged:
        return False
    _keep(path, ours)
    stream.truncate(0)  # the same file, for others wait for its lock; the copy is whole if this is cut short
    stream.write(b"".join(merged))
    stream.flush()
    os.fsync(stream.fileno())
    return True


def _lines(body: bytes) -> list[bytes]:
    """Without a last one that has no end: its writer was killed, and nobody was told that it is there."""
    return [line + b"\n" for line in body.split(b"\n")[:-1]]


def _merged(ours: list[bytes], theirs: list[bytes], follows: Follows) -> Iterator[bytes]:
    chain = b""
    for both in zip_longest(ours, theirs, fillvalue=b""):
        found = next(((line, end) for line in both if (end := follows(line, chain)) is not None), None)
        if found is None:
            return
        line, chain = found
        yield line


def _keep(path: Path, lines: list[bytes]) -> None:
    """What stood in a damaged file, under its name and the digest of its bytes."""
    body, folder = b"".join(lines), path.parent / DAMAGED
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Refused(
            "what stood in a damaged journal is kept in this folder",
            place=str(folder),
            remedy="move away what lies there",
        )
    folder.mkdir(exist_ok=True)
    write_atomically(folder / f"{path.name}-{hashlib.sha256(body).hexdigest()[:12]}", body, 0o600)
