"""What a disk refuses is told with what helps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from config.errors import NotWritten
from warehouse.home.disk import faults_named


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Remedy: free some space and run again"),
        (errno.EROFS, "Remedy: mount it so that it may be written, or set CAPEX_SIGNALS_HOME, and run again"),
    ],
)
def test_a_full_disk_and_a_read_only_one_are_mended_otherwise(tmp_path: Path, number: int, remedy: str) -> None:
    with pytest.raises(NotWritten, match=remedy), faults_named(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path))
