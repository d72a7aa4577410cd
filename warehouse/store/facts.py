"""The fact store: every version of every number, and which capture said so, in a DuckDB file or in a lake (store/lake.py).

It is a cache of the archive: `replay` builds a new one from starter data and archive. One process of a home writes at a
time, under the store's lock; nobody reads it but the stage, which copies it into the file that is published.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import duckdb
import orjson
import polars as pl

from config.contracts import DATASETS, LEADERBOARD_SCORE, Capture, Dataset, Issue, sql_type
from config.errors import Refused
from config.specs import SourceSpec
from warehouse.archive.captures import Logged
from warehouse.home.disk import is_disk_fault
from warehouse.home.lake import Lake
from warehouse.store import lake as lakes
from warehouse.store.append import append_statements
from warehouse.store.append_boards import append_boards, note_repeated, note_starter
from warehouse.store.append_snapshots import Reread, States, append_snapshot
from warehouse.store.checks import Checked
from warehouse.store.frames import offered

# At each parameter and each offered frame DuckDB tries to import these, and Python looks for what is not there anew each time.
for _absent in ("pandas", "pyarrow"):
    if find_spec(_absent) is None:
        sys.modules[_absent] = None  # type: ignore[assignment]  # says at once that it is not there

MIGRATIONS = Path(__file__).parents[1] / "migrations"
MEMORY_LIMIT = "1GB"
# A capture of a company's size: what the store holds while it loads one must not grow with what it has loaded before.
SMALL_CAPTURE_ROWS, SMALL_MEMORY_LIMIT = 50_000, "64MB"
# The published file keeps the oldest format, which more readers can open; the store is ours alone.
LAYOUT = "ROW_GROUP_SIZE 8192, STORAGE_VERSION 'v1.5.0'"
# What is appended when: a store filled by other rules is of another layout.
RULES = "the statements of a document are a state; a list is compared with the one before it, whichever came first"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one capture: loaded, unchanged or refused, and how many rows that meant. `turned`: what became of those of
    later days that had come before it, and were compared anew."""

    capture: Capture
    outcome: str
    reason: str = ""
    rows_stated: int = 0
    rows_added: int = 0
    rows_quarantined: int = 0
    turned: tuple[Loaded, ...] = ()


def connect(path: Path | str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection with the settings every part of the project relies on: UTC, bounded memory, no extensions."""
    options: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": MEMORY_LIMIT,
    }
    connection = duckdb.connect(str(path), read_only=read_only, config=options)
    connection.execute("SET preserve_insertion_order = true")
    # In 1.5.5 it makes a row of NULLs of `QUALIFY row_number() OVER (ORDER BY x) = 1` on nothing.
    connection.execute("SET disabled_optimizers = 'top_n_window_elimination'")
    return connection


def connect_file(path: Path) -> duckdb.DuckDBPyConnection:
    """The store's file. What is appended goes into it in whole row groups at once: in larger ones a filer's facts would
    first be written to the log, and be packed with those of the filer before, again, at each checkpoint. Most of the time
    goes into trying out ways to pack texts: one that takes long and is never the best is not tried.
    """
    connection = connect(":memory:")
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{quoted}' AS store ({LAYOUT}); USE store")
        connection.execute(f"SET temp_directory = '{quoted}.tmp'; SET write_buffer_row_group_count = 1")
        connection.execute("SET disabled_compression_methods = 'zstd'")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def connect_lake(lake: Lake) -> duckdb.DuckDBPyConnection:
    """The lake, in the place of the file."""
    connection = connect(":memory:")
    try:
        lakes.connect_lake(connection, lake)
    except Exception:
        connection.close()
        raise
    return connection


def table_ddl(dataset: Dataset, name: str) -> str:
    """CREATE TABLE of a dataset, from its contract."""
    columns = ", ".join(
        f"{column.name} {sql_type(column.dtype)}{'' if column.nullable else ' NOT NULL'}" for column in dataset.columns
    )
    return f"CREATE TABLE {name} ({columns})"


class Store:
    """The open store. Use `Store.open`; close it before the file is copied or swapped."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, place: Path | Lake | None, starter: str) -> None:
        self.connection = connection
        self.place = place
        self.lake = place if isinstance(place, Lake) else None
        self.states = States(connection, alone=self.lake is None)
        self.starter = starter
        self._is_writing = False

    @classmethod
    def open(cls, place: Path | Lake | None, starter: str = "") -> Store:
        """Open or create; None is one in memory. `starter` names the starter data it is to hold.

        Raises Refused when the file is damaged, of another layout or with other starter data: `replay` mends all.
        StoreUnreachable when a lake does not answer.
        """
        if isinstance(place, Lake):
            return lakes.again(place, partial(cls._open_lake, place, starter))
        return cls._open_file(place, starter)

    @classmethod
    def _open_lake(cls, lake: Lake, starter: str) -> Store:
        store = cls(connect_lake(lake), lake, starter)
        try:
            store._migrate()
        except Exception:
            store.connection.close()
            raise
        return store

    @classmethod
    def _open_file(cls, path: Path | None, starter: str) -> Store:
        if path is not None and path.exists() and not path.is_file():  # a pipe would be waited for
            raise _needs_replay(path, "the store is no file")
        try:
            store = cls(connect_file(path) if path else connect(":memory:"), path, starter)
            try:
                store._read_through()
            except duckdb.Error:
                store.connection.close()  # or DuckDB would hand out the same damaged file when this path is opened again
                raise
        except duckdb.Error as error:
            if is_disk_fault(error):
                raise
            raise _needs_replay(path, f"the store is damaged: {error}") from error
        store._migrate()
        return store

    def close(self) -> None:
        """Write everything into the one file and let it go. What a lake took is written."""
        if isinstance(self.place, Path):
            self.connection.execute("CHECKPOINT")
        self.connection.close()

    def load_starter(self, captures: pl.DataFrame, facts: dict[str, pl.DataFrame], logged_at: datetime) -> int:
        """Put the starter series into an empty store; returns the number of rows."""
        rows = 0
        with self.writing():
            if self.lake and not self.is_empty():  # another host was first
                return rows
            for name, frame in facts.items():
                seen = frame.with_columns(pl.lit(logged_at, pl.Datetime("us")).alias("first_seen_at"))
                self._insert(name, seen)
                rows += frame.height
            self._insert("capture", captures.with_columns(pl.lit(logged_at, pl.Datetime("us")).alias("logged_at")))
            note_starter(self.connection)
        self.states.forget()
        return rows

    def require_logged_before(self, instant: datetime) -> None:
        """Close it and raise Refused when it holds captures logged later: the clock was ahead when it was written."""
        [(newest,)] = self.connection.execute("SELECT max(logged_at) FROM capture").fetchall()
        if newest is not None and newest > instant:
            self.connection.close()
            raise _needs_replay(
                self.place, f"the store holds captures of {newest:%Y-%m-%d %H:%M} UTC, which is not yet"
            )

    def is_empty(self) -> bool:
        """Whether nothing has been loaded yet, starter data included."""
        return not self.connection.execute("SELECT 1 FROM capture LIMIT 1").fetchall()

    def known(self) -> set[tuple[str, str, str, datetime, datetime]]:
        """The captures already dealt with, as (source, scope, sha256, taken_at, fetched_at)."""
        query = "SELECT source, scope, sha256, taken_at, fetched_at FROM capture"
        return set(self.connection.execute(query).fetchall())

    def repeats(self, capture: Capture) -> bool:
        """Whether the last good capture up to this one, in its source and scope, was read here, and had the same bytes.

        The starter data hold what was read from a payload when they were made; the payload itself may say more by now.
        """
        last = self.states.lines.last_until(capture)
        return last is not None and last.sha256 == capture.sha256 and last.origin != "starter"

    def held(self, spec: SourceSpec, capture: Capture) -> int:
        """How many series of a snapshot source had a value just before this capture, in its scope."""
        return int((self.states.before(DATASETS[spec.dataset], capture)["status"] != "absent").sum())

    def load(self, spec: SourceSpec, logged: Logged, checked: Checked) -> Loaded:
        """Append the rows, the issues and the capture in one transaction. Raises Overtaken where another host was quicker."""
        return self.load_parts(spec, logged, [checked])

    def load_parts(
        self, spec: SourceSpec, logged: Logged, parts: Iterable[Checked], reread: Reread | None = None
    ) -> Loaded:
        """The same of a capture that is read in parts (days of a board); what reading them raises undoes them all."""
        capture, told = logged.capture, list[Checked]()

        def frames() -> Iterator[pl.DataFrame]:
            for checked in parts:
                self._make_room(checked.rows.height)
                told.append(replace(checked, rows=checked.rows.clear()))
                yield checked.rows

        with self.states.written(alone=self.lake is None), self.writing():
            if other := self._told_by_another(capture):
                return other
            added = self._append(spec, logged, frames(), reread)
            stated, quarantined = sum(part.stated for part in told), sum(part.quarantined for part in told)
            loaded = Loaded(capture, "loaded", "", stated, added, quarantined)
            self._record(logged, loaded, [issue for part in told for issue in part.issues])
        self.connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")  # what is asked of the store next may need more
        return loaded

    def _append(self, spec: SourceSpec, logged: Logged, frames: Iterator[pl.DataFrame], reread: Reread | None) -> int:
        """Append the rows as their source declares; returns how many were added."""
        dataset = DATASETS[spec.dataset]
        if dataset is LEADERBOARD_SCORE:
            return append_boards(self.connection, spec, logged.capture, frames, logged.logged_at)
        (rows,) = frames
        if spec.kind == "snapshot":
            dated = spec.known_at.proof == "statement"
            seen_at = logged.logged_at
            return append_snapshot(self.states, dataset, logged.capture, rows, seen_at, dated=dated, reread=reread)
        return append_statements(self.states.lines, dataset, logged.capture, rows, logged.logged_at)

    def _make_room(self, rows: int) -> None:
        """Memory for a capture of that size. Rows come as one stream: a second thread would only spin beside it."""
        small = rows <= SMALL_CAPTURE_ROWS and self.lake is None  # Parquet is written and read in whole row groups
        limit = SMALL_MEMORY_LIMIT if small else MEMORY_LIMIT
        self.connection.execute(f"SET memory_limit = '{limit}'")
        self.connection.execute("SET threads = 1")

    def sight(self, logged: Logged, outcome: str, reason: str = "") -> Loaded:
        """Record a capture that adds no rows: `unchanged`, or `refused` with the reason."""
        loaded = Loaded(logged.capture, outcome, reason)
        issues = (Issue("capture refused", logged.capture.url, reason, "refused"),) if outcome == "refused" else ()
        with self.states.written(alone=self.lake is None), self.writing():
            if other := self._told_by_another(logged.capture):
                return other
            if self.lake and outcome == "unchanged" and not self.repeats(logged.capture):
                raise lakes.Overtaken
            self._record(logged, loaded, issues)
            if outcome == "unchanged":
                note_repeated(self.connection, logged.capture)
        return loaded

    def lost(self, error: Exception) -> bool:
        """Whether it is the lake that has failed, and not what was to be loaded into it."""
        return self.lake is not None and isinstance(error, duckdb.Error)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction for all that is written within. That of a lake is of nobody else's time, or it raises Overtaken."""
        if self._is_writing:
            yield
            return
        with lakes.reached(self.lake) if self.lake else nullcontext(), _transaction(self.connection):
            if self.lake:
                self.connection.execute(lakes.BEGIN_WRITING)
            self._is_writing = True
            try:
                yield
            finally:
                self._is_writing = False

    def _told_by_another(self, capture: Capture) -> Loaded | None:
        """What another host, in a lake, has made of the capture since `known` was asked."""
        if self.lake is None:
            return None
        found = self.connection.execute(
            """
            SELECT outcome, reason, rows_stated FROM capture
            WHERE source = $source AND scope = $scope AND sha256 = $sha AND taken_at = $t AND fetched_at = $fetched""",
            {
                "source": capture.source, "scope": capture.scope, "sha": capture.sha256, "t": capture.taken_at,
                "fetched": capture.fetched_at,
            },
        ).fetchall()  # fmt: skip
        return Loaded(capture, *found[0]) if found else None

    def _record(self, logged: Logged, loaded: Loaded, issues: Sequence[Issue]) -> None:
        capture = logged.capture
        row = _capture_row(logged, loaded)
        values = ", ".join(f"${name}" for name in row)  # a frame of one row takes four times as long
        self.connection.execute(f"INSERT INTO capture ({', '.join(row)}) VALUES ({values})", row)
        self.states.lines.add(capture, loaded.outcome)
        if not issues:
            return
        rows = [
            {
                "source": capture.source, "scope": capture.scope, "capture_sha256": capture.sha256,
                "captured_at": capture.taken_at, "severity": issue.severity, "reason": issue.reason,
                "locator": issue.locator, "detail": issue.detail, "first_seen_at": logged.logged_at,
            }
            for issue in issues
        ]  # fmt: skip
        self._insert("issue", pl.DataFrame(rows))

    def _insert(self, table: str, frame: pl.DataFrame) -> None:
        with offered(self.connection, "inserted_rows", frame):
            self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM inserted_rows")

    def _read_through(self) -> None:
        """Read every column once: DuckDB finds a damaged block only when it reads it, which would be half-way."""
        for (table,) in self.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            self.connection.execute(f"SELECT bit_xor(hash(everything)) FROM {table} AS everything").fetchall()

    def _migrate(self) -> None:
        layout = _layout(self.starter)
        if "layout" not in lakes.tables_of(self.connection):
            with lakes.reached(self.lake) if self.lake else nullcontext(), _transaction(self.connection):
                for statement in tables():
                    self.connection.execute(statement)
                self.connection.execute("INSERT INTO layout VALUES (?)", [layout])
            return
        if self.connection.execute("SELECT digest FROM layout").fetchall() != [(layout,)]:
            self.connection.close()
            raise _needs_replay(self.place, "the store was built with another layout or other starter data")


def tables() -> Iterator[str]:
    """The statements that make the tables, in the file and in a lake."""
    yield from _migrations()
    yield from (table_ddl(dataset, name) for name, dataset in DATASETS.items())
    yield "CREATE TABLE layout (digest VARCHAR NOT NULL)"


def _migrations() -> Iterable[str]:
    return (path.read_text("utf-8") for path in sorted(MIGRATIONS.glob("*.sql")))


def _layout(starter: str) -> str:
    text = "\n".join([starter, LAYOUT, RULES, *tables()])
    return hashlib.sha256(text.encode()).hexdigest()


def _needs_replay(place: Path | Lake | None, message: str) -> Refused:
    return Refused(
        message,
        place=str(place),
        remedy="run `capex-signals replay`: it builds a new store from starter data and archive",
    )


def _capture_row(logged: Logged, loaded: Loaded) -> dict[str, object]:
    capture = logged.capture
    return {
        "source": capture.source, "scope": capture.scope, "sha256": capture.sha256, "taken_at": capture.taken_at,
        "taken_at_basis": capture.taken_at_basis, "fetched_at": capture.fetched_at, "logged_at": logged.logged_at,
        "origin": capture.origin, "url": capture.url, "size": capture.size, "http_status": capture.status,
        "headers": orjson.dumps(dict(capture.headers), option=orjson.OPT_SORT_KEYS).decode(), "outcome": loaded.outcome,
        "reason": loaded.reason, "rows_stated": loaded.rows_stated, "rows_added": loaded.rows_added,
        "rows_quarantined": loaded.rows_quarantined,
    }  # fmt: skip


class _transaction:  # noqa: N801  reads as a verb at its uses
    """BEGIN ... COMMIT, or ROLLBACK on any exception."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("BEGIN TRANSACTION")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.connection.execute("COMMIT" if kind is None else "ROLLBACK")
