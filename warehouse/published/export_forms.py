"""The forms an export can have: Parquet or CSV files, one workbook, one DuckDB file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl
import xlsxwriter
from polars.datatypes import DataTypeClass

from config.errors import Refused
from warehouse.published.query import harmless
from warehouse.store.frames import read

Format = Literal["parquet", "csv", "excel", "duckdb"]
# What a worksheet holds at most, by the format's specification; the first row names the columns.
SHEET_ROWS, CELL_CHARACTERS = 1_048_576, 32_767
# What is exported under a name of its own has the columns of a view that the dictionary describes.
DESCRIBED_AS = {"verdict_history": "verdict"}


@dataclass(frozen=True, slots=True)
class Written:
    """One exported view: its file, the rows, and where in a file of several views it stands (a Table Dialect)."""

    path: Path
    rows: int
    dialect: Mapping[str, str]


def _parquet(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], folder: Path) -> dict[str, Written]:
    written = {}
    for view, query in queries.items():
        path = folder / f"{view}.parquet"
        [(count,)] = connection.execute(f"COPY ({query}) TO {_quoted(path)} (FORMAT parquet)").fetchall()
        written[view] = Written(path, int(count), {})
    return written


def _csv(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], folder: Path) -> dict[str, Written]:
    written = {}
    for view, query in queries.items():
        path, count = folder / f"{view}.csv", 0
        result = connection.execute(query)
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([column[0] for column in result.description or []])
            while rows := result.fetchmany(10_000):
                writer.writerows([harmless(cell) for cell in row] for row in rows)
                count += len(rows)
        written[view] = Written(path, count, {})
    return written


def _duckdb(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], folder: Path) -> dict[str, Written]:
    """A table a view, through Parquet: the published file is open for reading only. Comments say what its dictionary says."""
    path, passing = folder / "capex-signals.duckdb", folder / "passing"
    passing.mkdir()
    tables = _parquet(connection, queries, passing)
    told = connection.execute("SELECT object, column_name, meaning FROM dictionary").fetchall()
    with duckdb.connect(str(path)) as frozen:
        for view, table in tables.items():
            frozen.execute(f"CREATE TABLE {view} AS FROM {_quoted(table.path)}")
            table.path.unlink()
        for view in tables:
            for name, column, meaning in told:
                if name == DESCRIBED_AS.get(view, view):
                    what = f"COLUMN {view}.{column}" if column else f"TABLE {view}"
                    frozen.execute(f"COMMENT ON {what} IS {_quoted(meaning)}")
    passing.rmdir()
    return {view: Written(path, table.rows, {"table": view}) for view, table in tables.items()}


def _excel(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str], folder: Path) -> dict[str, Written]:
    """A sheet a view, the sources first. Text stays text: nothing becomes a formula or a link."""
    path, written = folder / "capex-signals.xlsx", {}
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, plain) as book:
        for view in sorted(queries, key=lambda view: view != "source"):
            frame = _flat(read(connection, queries[view]))
            _fits(view, frame)
            frame.write_excel(book, view, freeze_panes=(1, 0), table_style="Table Style Light 1", dtype_formats=CELLS)
            written[view] = Written(path, frame.height, {"sheetName": view})
    return {view: written[view] for view in queries}


# Figures as they are: the thousands and two decimals of a spreadsheet's own format would show 0.0375 as 0.04.
CELLS: dict[DataTypeClass | pl.DataType | Iterable[DataTypeClass | pl.DataType], str] = {
    pl.Float64: "General",
    pl.Int64: "0",
    pl.Int32: "0",
}


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text: a cell holds one thing."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("; ") for name in lists)


def _fits(view: str, frame: pl.DataFrame) -> None:
    remedy = "take another --format: parquet, csv or duckdb"
    if frame.height >= SHEET_ROWS:
        told = f"it has {frame.height:,} rows, a worksheet holds {SHEET_ROWS - 1:,}"
        raise Refused(told, place=view, remedy=remedy)
    for name in (name for name, kind in frame.schema.items() if kind == pl.String):
        if not frame.filter(pl.col(name).str.len_chars() > CELL_CHARACTERS).is_empty():
            told = f"it has a text of more than {CELL_CHARACTERS:,} characters, which no cell holds"
            raise Refused(told, place=f"{view}.{name}", remedy=remedy)


def _quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


Writer = Callable[[duckdb.DuckDBPyConnection, Mapping[str, str], Path], dict[str, Written]]
WRITERS: Mapping[Format, Writer] = {"parquet": _parquet, "csv": _csv, "excel": _excel, "duckdb": _duckdb}
