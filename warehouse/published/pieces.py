"""Where the pieces of a bulk load lie: in a folder, or among the objects of a lake.

A piece is some Parquet files under one name, there whole or not at all. In a folder it gets its name when it is complete.
Objects cannot be moved: each try to write a piece has a place of its own, and counts once all of its files are there; a storage
shows no object before it has all of it.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import duckdb
import polars as pl

from warehouse.home.disk import faults_named
from warehouse.home.lake import Lake
from warehouse.home.layout import sync_folder
from warehouse.store import lake as lakes
from warehouse.store.facts import connect
from warehouse.store.frames import read

# The largest document that is taken at all, half a gigabyte, is held some times over.
MEMORY_LIMIT = "3GB"
ANY = "[!.]*"  # what is being written has a name that begins with a point


@dataclass(frozen=True, slots=True)
class Kind:
    """The pieces of one kind lie together; each has these files."""

    name: str
    files: tuple[str, ...]


class Place(Protocol):
    """Where the pieces of one load lie."""

    def begin(self) -> None:
        """Make the place, unless it is there."""

    def connected(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """An empty database of DuckDB's that reaches the place, while the block runs."""

    def reached_by(self, connection: duckdb.DuckDBPyConnection) -> AbstractContextManager[None]:
        """Let another connection read what lies there, while the block runs."""

    def whole(self, kind: Kind, name: str = ANY) -> dict[str, str]:
        """Name -> folder of its files, of each piece of that kind, or of that name alone, that is there."""

    def rows(self, folder: str, file: str) -> pl.DataFrame:
        """Those of one file of a piece."""

    def put(self, connection: duckdb.DuckDBPyConnection, kind: Kind, name: str, rows: Mapping[str, str]) -> None:
        """A piece of what these queries (file -> query) give. Of two of one name one stays."""

    def drop(self) -> None:
        """Everything that lies there."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the home, or one that every host sees."""

    root: Path

    def begin(self) -> None:
        with faults_named(self.root):
            self.root.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(connect(":memory:")) as connection:
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            yield connection

    @contextmanager
    def reached_by(self, _connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        yield

    def whole(self, kind: Kind, name: str = ANY) -> dict[str, str]:
        return {path.name: str(path) for path in (self.root / kind.name).glob(name)}

    def rows(self, folder: str, file: str) -> pl.DataFrame:
        with self.connected() as connection, faults_named(self.root):
            return _rows(connection, folder, file)

    def put(self, connection: duckdb.DuckDBPyConnection, kind: Kind, name: str, rows: Mapping[str, str]) -> None:
        target = self.root / kind.name / name
        half = target.with_name(f".new-{uuid4().hex}")
        with faults_named(self.root):
            target.parent.mkdir(exist_ok=True)
            half.mkdir()
            try:
                for file, query in rows.items():
                    _copy(connection, query, f"{half}/{file}.parquet")
                if not target.exists():
                    half.rename(target)
                    sync_folder(target.parent)
            finally:
                shutil.rmtree(half, ignore_errors=True)

    def drop(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects under a prefix of a lake's own."""

    lake: Lake
    root: str

    def begin(self) -> None:
        """A prefix needs no making."""

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._reaching() as connection:
            connection.execute("ATTACH ':memory:' AS piece; USE piece")
            try:
                yield connection
            finally:
                connection.execute("USE memory; DETACH piece")

    @contextmanager
    def _reaching(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(_connected_to(self.lake).cursor()) as connection:
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            # The keys anew each time: those of a machine's role last some hours, and a load may last longer.
            with lakes.reached(self.lake):
                connection.execute(lakes.secret_for(self.lake))
            yield connection

    @contextmanager
    def reached_by(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        lakes.reach_objects(connection, self.lake)
        with lakes.reached(self.lake):
            yield

    def whole(self, kind: Kind, name: str = ANY) -> dict[str, str]:
        tried = defaultdict[str, set[str]](set)
        with self._reaching() as connection, lakes.reached(self.lake):
            found = connection.execute("FROM glob($1)", [f"{self.root}/{kind.name}/{name}/*/*.parquet"]).fetchall()
        for (path,) in found:
            folder, _, file = path.rpartition("/")
            tried[folder].add(file.removesuffix(".parquet"))
        complete = [folder for folder in sorted(tried, reverse=True) if tried[folder].issuperset(kind.files)]
        return {folder.split("/")[-2]: folder for folder in complete}

    def rows(self, folder: str, file: str) -> pl.DataFrame:
        with self._reaching() as connection, lakes.reached(self.lake):
            return _rows(connection, folder, file)

    def put(self, connection: duckdb.DuckDBPyConnection, kind: Kind, name: str, rows: Mapping[str, str]) -> None:
        folder = f"{self.root}/{kind.name}/{name}/{uuid4().hex}"
        with lakes.reached(self.lake):
            for file, query in rows.items():
                _copy(connection, query, f"{folder}/{file}.parquet")

    def drop(self) -> None:
        """A catalog that is new knows of nothing: to it all that lies under the prefix is what killed writes have left."""
        with self._reaching() as connection, lakes.reached(self.lake):
            lakes.load_extension(connection, self.lake, "ducklake")
            connection.execute(f"ATTACH 'ducklake::memory:' AS nothing_known (DATA_PATH '{_quoted(self.root)}/')")
            try:
                connection.execute(
                    "CALL ducklake_delete_orphaned_files('nothing_known', cleanup_all => true)"
                ).fetchall()
            finally:
                connection.execute("DETACH nothing_known")


def place_in(lake: Lake, name: str) -> Place:
    """Where the pieces of the load of that name lie under a lake's data path."""
    if lake.objects:
        return Objects(lake, f"{lake.objects}/slices/{name}")
    return Folder(Path(lake.data) / "slices" / name)


@cache
def _connected_to(lake: Lake) -> duckdb.DuckDBPyConnection:
    """One for the process: to load what reaches a storage takes a fifth of a second."""
    connection = connect(":memory:")
    lakes.reach_objects(connection, lake)
    return connection


def _rows(connection: duckdb.DuckDBPyConnection, folder: str, file: str) -> pl.DataFrame:
    return read(connection, f"FROM read_parquet('{_quoted(folder)}/{file}.parquet')")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: str) -> None:
    connection.execute(f"COPY ({query}) TO '{_quoted(file)}' (FORMAT parquet, COMPRESSION zstd)")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
