"""What was staged before anything of a day was in it, kept for the next night: the facts of an unchanged store need no second look.

The name of the kept file is the key: a digest of everything it rests on (the rows of the store, the declarations, the code,
the libraries). Where any of that differs there is no such file, and everything is staged anew. A new sight of bytes that are
held is no part of it, where it can change nothing that was staged: resuming brings the captures up to date.
"""

from __future__ import annotations

import hashlib
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from config.contracts import DATASETS
from warehouse.home.layout import Home
from warehouse.published.stage import Stage, attach_store, open_staged
from warehouse.store.facts import connect

# A sight of unchanged bytes later than all that was ever read: no row is known by it, and none withdrawn. The first such sight of
# a list or document is another matter: until then only the starter data may have had it.
LAST_READ = "SELECT max(taken_at) AS last_at FROM capture WHERE outcome <> 'unchanged'"
SIGHTING = f"outcome = 'unchanged' AND taken_at > (SELECT last_at FROM ({LAST_READ}))"
PARTS = {
    **{name: f"FROM {name}" for name in (*DATASETS, "issue")},
    "capture": f"SELECT * FROM capture WHERE NOT coalesce({SIGHTING}, false)",
    "sighting": f"SELECT DISTINCT source, scope, sha256, rows_stated, origin <> 'starter' AS live FROM capture WHERE {SIGHTING}",
}


def key_of(home: Home, decides: str) -> str:
    """The digest of what the (closed) store holds, and of `decides`: all else that a staged file rests on."""
    total = hashlib.sha256(decides.encode())
    with connect(home.store, read_only=True) as store:
        for name, rows in PARTS.items():
            columns = store.execute(f"SELECT column_name, column_type FROM (DESCRIBE {rows})").fetchall()
            sums = store.execute(f"SELECT count(*), sum(hash(r)), bit_xor(hash(r)) FROM ({rows}) AS r").fetchall()
            total.update(repr((name, columns, sums)).encode())
    return total.hexdigest()


def last_read(stage: Stage) -> datetime | None:
    """When anything new was last read: no sighting that the next run may resume with is older."""
    last: datetime | None = stage.frame(f"WITH capture AS (FROM history.capture) {LAST_READ}")["last_at"][0]
    return last


def resume(home: Home, key: str, published_at: datetime) -> Stage | None:
    """A staged file that begins as the kept one of that key, with today's captures; None where there is none that can be read."""
    kept = _path(home, key)
    if not kept.is_file():
        return None
    path = home.scratch_folder("stage") / "staged.duckdb"
    shutil.copyfile(kept, path)
    try:
        connection = open_staged(path)
        [(digest, unbelieved)] = connection.execute("SELECT digest, unbelieved FROM kept_with").fetchall()
        _refresh(connection, home)
    except (duckdb.Error, ValueError):  # damaged: it is only a copy of what can be made anew
        kept.unlink(missing_ok=True)
        shutil.rmtree(path.parent)
        return None
    connection.execute("DROP TABLE kept_with")
    connection.execute("CREATE TEMP TABLE staged_unbelieved AS SELECT ? AS figures", [unbelieved])
    return Stage(connection, path, str(digest), published_at)


def keep(stage: Stage, home: Home, key: str) -> None:
    """Keep what is staged so far under its key, in place of what was kept before. Where the disk has no room there is none."""
    connection = stage.connection
    connection.execute(
        "CREATE TABLE kept_with AS SELECT $digest AS digest, coalesce(sum(figures), 0) AS unbelieved FROM staged_unbelieved",
        {"digest": stage.digest},
    )
    connection.execute("CHECKPOINT")
    kept = _path(home, key)
    new = kept.with_name(f".new-{kept.name}")
    for other in home.store.parent.glob("*staged-*.duckdb"):
        other.unlink()
    try:
        shutil.copyfile(stage.path, new)
        new.chmod(0o600)
        new.replace(kept)
    except OSError:
        new.unlink(missing_ok=True)
    connection.execute("DROP TABLE kept_with")


def _refresh(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """The captures as they stand in the store now."""
    attach_store(connection, home)
    connection.execute("DELETE FROM history.capture")
    connection.execute("INSERT INTO history.capture FROM store.capture")
    connection.execute("DETACH store")


def _path(home: Home, key: str) -> Path:
    return home.store.parent / f"staged-{key}.duckdb"
