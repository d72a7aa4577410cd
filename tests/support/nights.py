"""Nights as processes, and what must hold after each: the same canonical bytes as an undisturbed one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from injection import Small

from config.errors import Refused
from warehouse.home.layout import Home
from warehouse.published.swap import open_published
from warehouse.store.canonical import digest

NIGHT = Path(__file__).parent / "night.py"


def start(small: Small) -> subprocess.Popen[str]:
    """A night that is under way."""
    return subprocess.Popen(  # noqa: S603  our own interpreter and script
        [sys.executable, str(NIGHT)],
        env=small.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def night(small: Small) -> subprocess.CompletedProcess[str]:
    """A whole night, or as much of it as the fault lets happen."""
    process = start(small)
    out, err = process.communicate(timeout=280)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def published_digest(small: Small) -> str:
    """The canonical digest of what a reader sees, computed anew from the rows; empty when nothing is published."""
    try:
        with open_published(Home(small.home)) as published:
            [(stated,)] = published.execute("SELECT digest FROM history.meta").fetchall()
            found = digest(published)
    except Refused:
        return ""
    assert found == stated
    return found


def converges(small: Small, undisturbed: str) -> None:
    """What is published is whole or absent, and the next night publishes what an undisturbed one does."""
    assert published_digest(small) in {"", undisturbed}
    calm = Small(small.folder, small.server, small.now, None, small.settings)
    done = night(calm)
    assert done.returncode == 0, done.stdout + done.stderr
    assert published_digest(calm) == undisturbed
    assert list((calm.home / "scratch").iterdir()) == []
