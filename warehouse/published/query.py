"""Queries on the published file, for the command line. They can change nothing and reach no other file."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from config.errors import Refused

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What one statement gave: column names (none: it only sets something), and the rows some at a time, to be read before
    the next statement is run."""

    names: list[str]
    batches: Iterator[list[tuple[Any, ...]]]

    def first(self, limit: int) -> tuple[list[tuple[Any, ...]], bool]:
        """(at most `limit` rows, whether there are more)."""
        rows: list[tuple[Any, ...]] = []
        for batch in self.batches:
            rows += batch
            if len(rows) > limit:
                break
        return rows[:limit], len(rows) > limit


class Session:
    """A connection that may only ask. What is set in it (`SET VARIABLE as_of`) holds for the statements that follow."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, as_of: date | None = None) -> None:
        self._connection = connection
        # The file is open read-only; this keeps a query from reading or writing any other file.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        if as_of is not None:
            connection.execute(f"SET VARIABLE as_of = DATE '{as_of.isoformat()}'")

    def answers(self, text: str) -> Iterator[Answer]:
        """The answer to each statement of a text, in order; nothing of it is run where it cannot be read as a whole.

        Raises Refused with DuckDB's own message when a statement is wrong.
        """
        try:
            statements = self._connection.extract_statements(text)
        except duckdb.Error as error:
            raise _refused(error) from error
        for number, statement in enumerate(statements, 1):
            place = f"your query (statement {number} of {len(statements)})" if len(statements) > 1 else "your query"
            try:
                silent = statement.expected_result_type == [duckdb.ExpectedResultType.NOTHING]
                result = self._connection.execute(statement)
                names = [] if silent else [column[0] for column in result.description or []]
            except duckdb.Error as error:
                raise _refused(error, place) from error
            yield Answer(names, _batches(result, place))

    def names(self) -> list[str]:
        """What can be asked for: views, macros and columns, and the words of SQL."""
        told = (
            "SELECT object FROM dictionary UNION SELECT column_name FROM dictionary WHERE column_name <> ''"
            if self._knows("dictionary")
            else "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        )
        words = "SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
        return [name for (name,) in self._connection.execute(f"{told} UNION {words} ORDER BY 1").fetchall()]

    def _knows(self, table: str) -> bool:
        query = "SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = ?"
        [(known,)] = self._connection.execute(query, [table]).fetchall()
        return bool(known)


def _batches(result: duckdb.DuckDBPyConnection, place: str) -> Iterator[list[tuple[Any, ...]]]:
    try:
        while rows := result.fetchmany(ROWS_AT_ONCE):
            yield rows
    except duckdb.Error as error:  # some mistakes show in a row
        raise _refused(error, place) from error


def _refused(error: duckdb.Error, place: str = "your query") -> Refused:
    return Refused(str(error).strip(), place=place, remedy="`FROM dictionary` lists views, macros and columns")


def csv_parts(answer: Answer) -> Iterator[str]:
    """An answer as comma-separated values, some rows at a time, with its header."""
    yield _csv_rows([tuple(answer.names)])
    for batch in answer.batches:
        yield _csv_rows([tuple(harmless(cell) for cell in row) for row in batch])


def _csv_rows(rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def copy_site(folder: Path, out: Path | None) -> Path:
    """The first page, or that of a copy of the whole site in the new folder `out`. Raises Refused when there is none yet."""
    page = folder / "index.html"
    if not page.exists():
        raise Refused("there is no report yet", place=str(page), remedy="run `capex-signals nightly` once")
    if out is None:
        return page
    if out.exists():
        raise Refused("it is there already", place=str(out), remedy="name a folder that is not there yet")
    shutil.copytree(folder, out)
    return out / "index.html"
