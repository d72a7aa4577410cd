"""The store as a whole: put in place when it is built anew, copied out of a lake, and what a lake holds of captures."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

from warehouse.home.lake import Lake
from warehouse.home.layout import Home, sync_folder
from warehouse.store import lake as lakes
from warehouse.store.facts import connect, connect_file, connect_lake, tables


def replace_store(home: Home, folder: Path) -> None:
    """Put the store built in `folder` into the old one's place. A write-ahead log of the old file goes with it."""
    if home.lake:
        lakes.again(home.lake, partial(_fill_lake, home.lake, folder / home.store.name))
        shutil.rmtree(folder)
    else:
        _put_in_place(home, folder)


def _put_in_place(home: Home, folder: Path) -> None:
    for leftover in home.store.parent.glob("store.duckdb*"):
        if leftover != home.store:
            leftover.unlink()
    (folder / home.store.name).replace(home.store)
    sync_folder(home.store.parent)
    folder.rmdir()


def copy_lake(home: Home) -> None:
    """The lake of a home as it stands now, as the file that the stage reads: its own queries are many, and each would ask the
    catalog for the files of every table it names.
    """
    if home.lake is None:
        return
    folder = home.scratch_folder("lake")
    with closing(connect_file(folder / home.store.name)) as connection:
        lakes.copy_out(connection, home.lake, tables())
        connection.execute("CHECKPOINT")
    _put_in_place(home, folder)


def _fill_lake(lake: Lake, built: Path) -> None:
    with closing(connect_lake(lake)) as connection, lakes.reached(lake):
        lakes.fill_anew(connection, built, tables())


def captures_held(lake: Lake) -> set[tuple[str, str, str, datetime, datetime]]:
    """The captures in a lake but for those of the starter data, as (source, scope, sha256, taken_at, fetched_at)."""
    with closing(connect(":memory:")) as connection:
        lakes.attach_lake(connection, lake, read_only=True)
        connection.execute("USE lake")
        if "capture" not in lakes.tables_of(connection):
            return set()
        query = "SELECT source, scope, sha256, taken_at, fetched_at FROM capture WHERE origin <> 'starter'"
        return set(connection.execute(query).fetchall())
