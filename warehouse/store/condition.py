"""The condition of the fact store, looked at without changing it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from config.errors import StoreBusy
from warehouse.home.layout import Home
from warehouse.store.facts import connect
from warehouse.store.lock import store_lock
from warehouse.store.whole import captures_held


def lock_holder(root: Path) -> str:
    """A sentence that says who writes the store now; empty if nobody does."""
    if not (root / "store.lock").exists():
        return ""
    try:
        with store_lock(Home(root), "capex-signals doctor"):
            return ""
    except StoreBusy as busy:
        return busy.message


def store_trouble(home: Home) -> str:
    """What is wrong with the fact store; empty if nothing, or if there is none yet. Raises StoreUnreachable of a lake."""
    if home.lake:
        captures_held(home.lake)
        return ""
    path = home.store
    if not path.exists():
        return ""
    try:
        with connect(path, read_only=True) as store:
            store.execute("SELECT count(*) FROM capture").fetchall()
    except duckdb.Error as error:
        return f"{path}: {error}"
    return ""
