"""Starter data: the project's own series, so that a machine without a network has real answers.

warehouse/starter/ holds one Parquet file per dataset in the contract's columns, and capture.parquet: which
captures the rows came from. Together they count as one capture, named by the sha256 of all files.
`export_starter` writes them from a store built by the project's own parsers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from config.contracts import DATASETS
from config.specs import SourceSpec
from warehouse.store.canonical import Kinds, canonical_query
from warehouse.store.frames import read

FOLDER = Path(__file__).parents[1] / "starter"
CAPTURES = "capture"


@dataclass(frozen=True, slots=True)
class Starter:
    """The starter series. A night asks for their name alone; captures and rows are read when they are to be loaded."""

    sha256: str
    folder: Path

    @property
    def captures(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{CAPTURES}.parquet")

    @property
    def facts(self) -> dict[str, pl.DataFrame]:
        """Rows by dataset. What is entered by hand or private has no file: it comes from config/analyst and from the home folder."""
        files = {name: self.folder / f"{name}.parquet" for name in DATASETS}
        return {name: pl.read_parquet(path) for name, path in files.items() if path.exists()}


def starter_sha256(folder: Path = FOLDER) -> str:
    """sha256 over the names and bytes of all files; of nothing, when there are none."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def read_starter(folder: Path = FOLDER) -> Starter | None:
    """The starter data shipped with the project, or None in a checkout without them."""
    if not (folder / f"{CAPTURES}.parquet").exists():
        return None
    return Starter(starter_sha256(folder), folder)


def export_starter(
    connection: duckdb.DuckDBPyConnection, sources: dict[str, SourceSpec], chosen: dict[str, str], folder: Path
) -> dict[str, int]:
    """Write the canonical rows of a store as starter files; returns rows per dataset.

    `chosen` maps a dataset to a SQL condition on its rows. Only sources whose licence allows redistribution enter.
    """
    free = [name for name, spec in sources.items() if spec.licence.redistribution]
    listed = "(" + ", ".join(f"'{name}'" for name in free) + ")"
    kinds = Kinds.of(sources)
    written = {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, dataset in DATASETS.items():
        canonical = canonical_query(dataset, kinds, name)
        columns = ", ".join(column.name for column in dataset.columns if column.name != "first_seen_at")
        where = f"source IN {listed} AND ({chosen.get(name, 'true')})"
        rows = read(connection, f"SELECT {columns} FROM ({canonical}) WHERE {where} ORDER BY ALL")
        if not rows.is_empty():
            _write(rows, folder / f"{name}.parquet")
        written[name] = rows.height
    captures = read(
        connection,
        f"SELECT * EXCLUDE (logged_at) FROM capture WHERE source IN {listed} AND outcome <> 'refused' ORDER BY ALL",
    ).with_columns(pl.lit("starter").alias("origin"))
    _write(captures, folder / f"{CAPTURES}.parquet")
    return {**written, CAPTURES: captures.height}


def _write(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
