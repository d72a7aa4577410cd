"""One query on the published file, for the command line. It can change nothing and reach no other file."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from config.errors import Refused
from warehouse.home import write_atomically

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def run(
    connection: duckdb.DuckDBPyConnection, statement: str, as_of: date | None, limit: int, *, as_csv: bool
) -> tuple[list[str], list[tuple[Any, ...]], bool]:
    """(column names, rows, whether there are more). Raises Refused with DuckDB's own message when it is wrong."""
    try:
        # The file is open read-only; this keeps a query from reading or writing any other file.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        if as_of is not None:
            connection.execute(f"SET VARIABLE as_of = DATE '{as_of.isoformat()}'")
        result = connection.execute(statement)
        names = [column[0] for column in result.description or []]
        rows = result.fetchmany(limit + 1) if not as_csv else result.fetchall()
    except duckdb.Error as error:
        raise Refused(
            str(error).strip(), place="your query", remedy="`FROM dictionary` lists views, macros and columns"
        ) from error
    if as_csv:
        return names, [(_csv(names, rows),)], False
    return names, rows[:limit], len(rows) > limit


def _csv(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def copy_page(path: Path, out: Path | None) -> Path:
    """The page, or a copy of it at `out`. Raises Refused when there is none yet."""
    if not path.exists():
        raise Refused("there is no page yet", place=str(path), remedy="run `capex-signals nightly` once")
    if out is None:
        return path
    write_atomically(out, path.read_bytes())
    return out
