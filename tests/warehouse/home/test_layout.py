"""What is written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from warehouse.home import layout


def test_half_a_payload_is_never_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(layout.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        layout.write_atomically(tmp_path / "object", b"x")
    assert list(tmp_path.iterdir()) == []
