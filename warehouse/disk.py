"""What a disk can refuse, said in one sentence: it is full, worn out or read-only."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from config.errors import NotWritten

FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
SENTENCES = tuple(os.strerror(number) for number in FAULTS)


def is_disk_fault(error: Exception) -> bool:
    """Whether the disk is to blame. DuckDB has no kind of its own for it: its message ends with the system's words."""
    if isinstance(error, OSError):
        return error.errno in FAULTS
    return isinstance(error, duckdb.Error) and any(sentence in str(error) for sentence in SENTENCES)


@contextmanager
def faults_named(place: Path) -> Iterator[None]:
    """Raises NotWritten for what the disk under `place` refuses while the block runs; other errors pass as they are."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        if not is_disk_fault(error):
            raise
        raise NotWritten(
            f"the disk did not take what was to be written: {error}",
            place=str(place),
            remedy="free some space and run again; nothing is half-written, and what is published stays",
        ) from error
