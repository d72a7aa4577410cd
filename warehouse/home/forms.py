"""Forms beside the analyst files: written once, never over an existing file."""

from __future__ import annotations

from pathlib import Path

import duckdb

from config.errors import Refused
from config.load import HERE
from warehouse.home.layout import write_atomically

FOLDER = HERE / "analyst"

# Each figure of a company as it was known last, of the quarters before the one asked about.
SAID = """
    SELECT metric, definition, fiscal_year, fiscal_quarter, value_exact, value, value_low, value_high
    FROM company_quarter
    WHERE company = $company AND dimensions = '' AND period_end < $before::DATE
    QUALIFY row_number() OVER (PARTITION BY metric, definition ORDER BY period_end DESC) = 1"""

EXPECTED = "SELECT fiscal_year, fiscal_quarter, expected_on FROM next_print WHERE company = $company"


def said_before(connection: duckdb.DuckDBPyConnection, company: str, before: str) -> list[tuple[object, ...]]:
    """Rows of SAID for a company and the last day of the quarter asked about."""
    return connection.execute(SAID, {"company": company, "before": before}).fetchall()


def expected(connection: duckdb.DuckDBPyConnection, company: str) -> list[tuple[object, ...]]:
    """(fiscal year, quarter, day) of a company's next print; empty where nothing of it is known."""
    return connection.execute(EXPECTED, {"company": company}).fetchall()


def write_form(name: str, text: str, folder: Path = FOLDER) -> Path:
    """A new file in the folder of analyst files. Raises Refused where there is one of that name already."""
    path = folder / name
    if path.exists():
        raise Refused("the file is there already", place=str(path), remedy="go on with it, or remove it first")
    write_atomically(path, text.encode())
    return path


def read_form(path: Path) -> str:
    """The text of a form; a bare name is looked for beside the analyst files. Raises Refused when it cannot be read."""
    found = path if path.exists() else FOLDER / path.name
    try:
        return found.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"the form cannot be read: {error}", place=str(found), remedy="check the path") from error


def remove_form(path: Path) -> None:
    """The form has become an analyst file."""
    (path if path.exists() else FOLDER / path.name).unlink()
