"""What a disk can refuse, said in one sentence: it is full, worn out or read-only."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from config.errors import NotWritten, Refused

FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
# What lies in the home and is something else than the home keeps there.
IN_THE_WAY = frozenset({
    errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENOENT,
    errno.ENXIO, errno.EINVAL,
})  # fmt: skip
SENTENCES = tuple(os.strerror(number) for number in FAULTS)


def is_disk_fault(error: Exception) -> bool:
    """Whether the disk is to blame. DuckDB has no kind of its own for it: its message ends with the system's words."""
    if isinstance(error, OSError):
        return error.errno in FAULTS
    return isinstance(error, duckdb.Error) and any(sentence in str(error) for sentence in SENTENCES)


def _make_room(error: OSError | duckdb.Error) -> str:
    read_only = "Read-only file system" in str(error)
    return "mount it so that it may be written, or set CAPEX_SIGNALS_HOME," if read_only else "free some space"


def in_the_way(error: OSError, place: Path) -> Refused:
    """What the system said of a path in the home, with what to do about it."""
    return Refused(
        f"what lies there cannot be used as it should be: {error.strerror or error}",
        place=str(error.filename or place),
        remedy="look at it; move away what is no file or folder of ours (docs/operating.md says what lies where), or give it to "
        "this user, and run again",
    )


@contextmanager
def faults_named(place: Path) -> Iterator[None]:
    """Raises NotWritten for what the disk under `place` refuses while the block runs, and Refused for what lies in the way;
    other errors pass as they are.
    """
    try:
        yield
    except (OSError, duckdb.Error) as error:
        if not is_disk_fault(error):
            if isinstance(error, OSError) and error.errno in IN_THE_WAY:
                raise in_the_way(error, place) from error
            raise
        raise NotWritten(
            f"the disk did not take what was to be written: {error}",
            place=str(place),
            remedy=f"{_make_room(error)} and run again; nothing is half-written, and what is published stays",
        ) from error
