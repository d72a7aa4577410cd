"""The store as a whole: put in place when it is built anew, copied out of a lake, and what a lake holds of captures."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Maintained:
    """What the upkeep of a lake came to: files of rows before and after, and how many snapshots can be read no more."""

    files_before: int
    files_after: int
    expired: int


def maintain_lake(lake: Lake, keep_days: float) -> Maintained:
    """Merge a lake's small files, give up its snapshots older than that, and delete the files that none of those left needs.

    A file goes a day after nothing needs it any more, so that who is reading it can end. What a killed write left stays: nothing
    tells it from a file of another lake in the same folder. Files of which most rows are withdrawn stay as they are: DuckLake 1.5.5
    answers for past snapshots by the least and greatest values that are left when it writes them anew. Raises StoreBusy where others always write first, StoreUnreachable.
    """
    before, day = _files(lake), min(keep_days, 1)
    expired = 0
    for call in (
        "ducklake_flush_inlined_data('lake')",
        "ducklake_merge_adjacent_files('lake')",
        f"ducklake_expire_snapshots('lake', older_than => {_ago(keep_days)})",
        f"ducklake_cleanup_old_files('lake', older_than => {_ago(day)})",
    ):
        found = lakes.again(lake, partial(_called, lake, call))
        expired += found if "expire" in call else 0
    return Maintained(before, _files(lake), expired)


def _called(lake: Lake, call: str) -> int:
    with closing(connect_lake(lake)) as connection:
        return len(connection.execute(f"CALL {call}").fetchall())


def _ago(days: float) -> str:
    return f"now() - to_seconds({days * 86400})"


def _files(lake: Lake) -> int:
    """How many files of rows lie there, needed or not."""
    with closing(connect(":memory:")) as connection, lakes.reached(lake):
        lakes.attach_lake(connection, lake, read_only=True)
        [(count,)] = connection.execute("SELECT count(*) FROM glob($1)", [f"{lake.data}/**/*.parquet"]).fetchall()
    return int(count)


def captures_held(lake: Lake) -> set[tuple[str, str, str, datetime, datetime]]:
    """The captures in a lake but for those of the starter data, as (source, scope, sha256, taken_at, fetched_at)."""
    with closing(connect(":memory:")) as connection:
        lakes.attach_lake(connection, lake, read_only=True)
        connection.execute("USE lake")
        if "capture" not in lakes.tables_of(connection):
            return set()
        query = "SELECT source, scope, sha256, taken_at, fetched_at FROM capture WHERE origin <> 'starter'"
        return set(connection.execute(query).fetchall())
