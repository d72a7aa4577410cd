"""The condition of what lies on the disk, looked at without changing it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path


def permissions(root: Path, private: Path) -> Iterator[tuple[Path, str]]:
    """(folder, what is wrong with it; empty if nothing) for the home folder and the one that holds secrets."""
    nearest = root
    while not nearest.exists():
        nearest = nearest.parent
    yield root, "" if os.access(nearest, os.W_OK | os.X_OK) else "this user may not write here"
    if private.exists():
        mode = private.stat().st_mode & 0o777
        yield private, f"mode {mode:o}: others can read its secrets" if mode & 0o077 else ""


def free_bytes(root: Path) -> int:
    """Free space where the home folder lies or will lie."""
    while not root.exists():
        root = root.parent
    return shutil.disk_usage(root).free


def sqlite_trouble(path: Path) -> str:
    """What is wrong with an SQLite file; empty if nothing, or if it is not there yet."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            [answer] = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return f"{path}: {error}"
    return "" if answer == "ok" else f"{path}: {answer}"


def sqlite_revision(path: Path) -> str:
    """The schema's version that an SQLite file states in Alembic's table; empty where it states none."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return ""
    return str(found[0]) if found else ""


def compact(path: Path, most_unused: float = 0.25) -> bool:
    """Give an SQLite file's unused pages back to the disk where they are more than that share of it, and nobody else holds it."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as database:
            pages, unused = (
                database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")
            )
            if unused <= most_unused * pages:
                return False
            database.execute("VACUUM")
    except sqlite3.Error:  # held, damaged, or no room for the copy: it stays as it is, and `doctor` looks at it
        return False
    return True


def sizes(root: Path, now: float, days: int = 30) -> dict[str, tuple[int, int]]:
    """For each kind of what a home keeps: its bytes, and the bytes of its files that are younger than so many days."""
    kinds = {
        "archive": [root / "archive" / "objects", root / "archive" / "bulk"],
        "journals": [*root.glob("archive/*.jsonl*"), root / "archive" / "backfills"],
        "store": [root / "store", root / "lake"],
        "published": [root / "published"],
        "universe": [root / "universe"],
        "report": [root / "report"],
        "Prefect": [root / "prefect"],
        "scratch": [root / "scratch"],
    }
    return {kind: _size(places, now - days * 86400) for kind, places in kinds.items()}


def _size(places: list[Path], since: float) -> tuple[int, int]:
    total = young = 0
    for place in places:
        for path in [place] if place.is_file() else place.rglob("*"):
            with suppress(OSError):  # gone since it was listed
                found = path.lstat()
                if stat.S_ISREG(found.st_mode):
                    total += found.st_size
                    young += found.st_size if found.st_mtime >= since else 0
    return total, young


def declared_revisions(folder: Path) -> set[str]:
    """The versions of a schema to which the migrations in a folder lead."""
    stated = (
        re.search(r"^revision = [\"'](\w+)", path.read_text("utf-8"), re.MULTILINE) for path in folder.glob("*.py")
    )
    return {found[1] for found in stated if found}


def last_line(log: Path) -> str:
    """The last line of a log that says anything; empty where there is none."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
