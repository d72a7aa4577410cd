"""What was published before is where the next night begins: the facts of an unchanged store need no second look.

Which published file that is stands noted under a key: a digest of everything its facts rest on (the rows of the store, the
declarations, the code, the libraries). Where any of that differs there is no such note, and everything is staged anew. A new
sight of bytes that are held is no part of it: resuming brings the captures up to date, and what rests on sights with them.
What rests on the day is put anew each night: verdicts, what they wait for, what could not be asked.

Where there are new facts the file begins with the boards of the one before, where those can be gone on with (board_rows.py): they
are most of what a home holds that is old, and a night brings a day of them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from config.contracts import DATASETS
from config.specs import SourceSpec
from warehouse.home.layout import PRIVATE, Home
from warehouse.published.board_rows import TABLES, Begun, BoardRows, Boards
from warehouse.published.stage import PRICE_SPANS, Stage, attach_store, open_staged
from warehouse.store.canonical import RowSums
from warehouse.store.facts import connect

# A sight of unchanged bytes later than all that was ever read: no row is known by it, and none withdrawn. The first such sight of
# a list or document is another matter: until then only the starter data may have had it.
LAST_READ = "SELECT max(taken_at) AS last_at FROM capture WHERE outcome <> 'unchanged'"
SIGHTING = f"outcome = 'unchanged' AND taken_at > (SELECT last_at FROM ({LAST_READ}))"
# The reasons of views/65_filing_gap.sql: a sight tells how far lists and documents reach.
TOLD_OF_SIGHTS = ["periodic report without facts", "facts of a report no list knows"]
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
    """A staged file that begins as the published one of that key, with today's captures; None where there is none."""
    path = home.scratch_folder("stage") / "staged.duckdb"
    try:
        noted: dict[str, Any] = json.loads(_path(home, key).read_text("utf-8"))
        shutil.copyfile(home.latest, path)
        if _digest_of(path) != noted["sha256"]:
            raise ValueError("the newest file is another, or no longer what was published")
        connection = open_staged(path)
        [(digest,)] = connection.execute("SELECT digest FROM history.meta").fetchall()
        unbelieved, boards = noted["unbelieved"], _boards(noted)
        same = _refresh(connection, home)
    except (OSError, LookupError, ValueError, duckdb.Error):  # gone or damaged: everything in it can be made anew
        shutil.rmtree(path.parent)
        return None
    return Stage(
        connection,
        path,
        str(digest),
        published_at,
        unbelieved,
        key,
        noted["decides"],
        resumed=True,
        same_sights=same,
        boards=boards,
    )


def begin_with_boards(home: Home, decides: str, sources: Mapping[str, SourceSpec]) -> Begun | None:
    """A staged file with the boards of the newest published one and nothing else, where it is of the same `decides` and the
    (closed) store goes on from it; None where they are to be made anew.
    """
    path = home.scratch_folder("stage") / "staged.duckdb"
    try:
        [note] = home.store.parent.glob("staged-*.json")
        noted: dict[str, Any] = json.loads(note.read_text("utf-8"))
        if noted["decides"] != decides:
            raise LookupError("made by another build, or of other declarations")
        boards = _boards(noted)
        if boards.rests_on is None:
            raise LookupError("there were no boards")
        with connect(home.store, read_only=True) as store:
            private = _holds_private(store, "capture")
            if not boards.rests_on.goes_on(store, sources):
                raise LookupError("rows of before are others now, or were captured late")
        shutil.copyfile(home.latest, path)
        if _digest_of(path) != noted["sha256"]:
            raise ValueError("the newest file is another, or no longer what was published")
        connection = open_staged(path)
        if _holds_private(connection, "history.capture") and not private:
            raise LookupError("what is taken out of a file may be left in it, unread")
        _leave(connection, TABLES)
    except (OSError, LookupError, ValueError, duckdb.Error):  # gone or damaged: everything in it can be made anew
        shutil.rmtree(path.parent)
        return None
    return Begun(connection, path, boards)


def _leave(connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...]) -> None:
    """Takes everything but these tables of schema history out of a file."""
    views = connection.execute("SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    macros = connection.execute(
        "SELECT DISTINCT CASE WHEN function_type = 'table_macro' THEN 'MACRO TABLE' ELSE 'MACRO' END, function_name "
        "FROM duckdb_functions() WHERE NOT internal"
    ).fetchall()
    others = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT (schema_name = 'history' AND list_contains($tables, table_name))",
        {"tables": list(tables)},
    ).fetchall()
    # What rests on another goes with it, and is gone when its own turn comes.
    drops = [f"DROP VIEW IF EXISTS {schema}.{name} CASCADE" for schema, name in views]
    drops += [f"DROP {kind} IF EXISTS {name} CASCADE" for kind, name in macros]
    drops += [f"DROP TABLE IF EXISTS {schema}.{name} CASCADE" for schema, name in others]
    connection.execute(";\n".join(["BEGIN", *drops, "DROP SCHEMA IF EXISTS newest CASCADE", "COMMIT", "CHECKPOINT"]))


def _holds_private(connection: duckdb.DuckDBPyConnection, captures: str) -> bool:
    found = connection.execute(
        f"SELECT count(*) > 0 FROM {captures} WHERE starts_with(source, $private)", {"private": PRIVATE}
    ).fetchall()
    return bool(found[0][0])


def _boards(noted: Mapping[str, Any]) -> Boards:
    rests_on = noted["boards"] and BoardRows(**noted["boards"])
    return Boards(rests_on, RowSums(*noted["sums"]))


def forget_sights(stage: Stage) -> None:
    """Takes out of a resumed file what rests on when unchanged lists and documents were looked at; which prices are in force since is told anew."""
    stage.connection.execute("DELETE FROM history.issue WHERE list_contains($told, reason)", {"told": TOLD_OF_SIGHTS})
    last = {"last": last_read(stage)}
    for table in ("board_price", "board_price_day"):
        stage.connection.execute(f"DELETE FROM history.{table} WHERE day + 1 > $last", last)
    stage.connection.execute("DELETE FROM history.price_span WHERE day_from >= CAST($last AS DATE)", last)
    stage.connection.execute(
        "UPDATE history.price_span SET day_to = CAST($last AS DATE) WHERE day_to > CAST($last AS DATE)", last
    )
    stage.build(PRICE_SPANS)


def note(stage: Stage, home: Home, published: Path) -> None:
    """Note under its key which file was published, in place of what was noted before. Where the disk has no room there is none:
    what is published stands, and the next night stages everything.
    """
    for other in home.store.parent.glob("*staged-*"):
        other.unlink()
    if stage.key:
        rests_on, sums = stage.boards
        noted = {
            "sha256": _digest_of(published),
            "unbelieved": stage.unbelieved,
            "decides": stage.decides,
            "boards": rests_on and rests_on.noted(),
            "sums": sums,
        }
        try:
            _path(home, stage.key).write_text(json.dumps(noted), "utf-8")
        except OSError:
            _path(home, stage.key).unlink(missing_ok=True)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refresh(connection: duckdb.DuckDBPyConnection, home: Home) -> bool:
    """The captures as they stand in the store now; whether they stood so before."""
    attach_store(connection, home)
    sums = "SELECT count(*), sum(hash(c)), bit_xor(hash(c)) FROM {}.capture AS c"
    same = connection.execute(sums.format("history")).fetchall() == connection.execute(sums.format("store")).fetchall()
    if not same:
        connection.execute("DELETE FROM history.capture")
        connection.execute("INSERT INTO history.capture FROM store.capture")
    connection.execute("DETACH store")
    return same


def _path(home: Home, key: str) -> Path:
    return home.store.parent / f"staged-{key}.json"
