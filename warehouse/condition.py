"""The condition of what lies on the disk, looked at without changing it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb

from config.errors import StoreBusy
from warehouse.home import Home
from warehouse.lock import store_lock
from warehouse.store import connect


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


def lock_holder(root: Path) -> str:
    """A sentence that says who writes the store now; empty if nobody does."""
    if not (root / "store.lock").exists():
        return ""
    try:
        with store_lock(Home(root), "capex-signals doctor"):
            return ""
    except StoreBusy as busy:
        return busy.message


def store_trouble(root: Path) -> str:
    """What is wrong with the fact store; empty if nothing, or if there is none yet."""
    path = Home(root).store
    if not path.exists():
        return ""
    try:
        with connect(path, read_only=True) as store:
            store.execute("SELECT count(*) FROM capture").fetchall()
    except duckdb.Error as error:
        return f"{path}: {error}"
    return ""
