"""Append only what is new. Nothing is updated or deleted, save what a price list said that turns out to be a slip (late.py).

A statement source keeps what each capture of a document states: a row is new unless the capture just before stated the
same. A snapshot source keeps changes of state. Neither result depends on the order in which captures are loaded.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl

from config.contracts import Capture, Dataset, Role
from warehouse.store.frames import offered
from warehouse.store.lines import Lines

INCOMING = "incoming_rows"
ABSENCE = "absence"  # the column that says which kind of absence a row is, where a dataset tells them apart
UNLISTED = "unlisted"


def append_statements(lines: Lines, dataset: Dataset, capture: Capture, rows: pl.DataFrame, seen_at: datetime) -> int:
    """Append what one capture states otherwise than was stated just before; returns how many rows were added.

    The statements of one document on one series (`group_of`) are a state, as a price is: a filing may give a figure twice.
    Where the capture states others, all of them are appended, and where it states none any more one row `absent`; a capture
    that is loaded late ends at the next one, as in a snapshot source (append_snapshots.py). Whether what is absent was withdrawn, or only left out
    of a part of the document, is decided when the store is read (warehouse/store/statements.py).
    """
    position, connection, following = position_of(capture), lines.connection, lines.first_after(capture)
    with offered(connection, INCOMING, loaded(rows, capture, seen_at)):
        held = f"SELECT 1 FROM {dataset.name} WHERE source = $source AND scope = $scope LIMIT 1"
        scope = {"source": capture.source, "scope": capture.scope}
        if following is None and not connection.execute(held, scope).fetchall():
            return count(connection, f"INSERT INTO {dataset.name} BY NAME SELECT * FROM {INCOMING}")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE state_before AS {_stated_before(dataset)}", position)
        evidence = {"t": capture.taken_at, "sha": capture.sha256, "seen": seen_at}
        connection.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {_restated(dataset)}", evidence)
    added = count(connection, f"INSERT INTO {dataset.name} BY NAME SELECT * FROM changed")
    if following:
        at = {"source": capture.source, "scope": capture.scope, "n": following.taken_at, "n_sha": following.sha256}
        added += count(connection, _stated_again(dataset), {**at, "seen": seen_at})
    connection.execute("DROP TABLE state_before")
    connection.execute("DROP TABLE changed")
    return added


def position_of(capture: Capture) -> dict[str, object]:
    """Where a capture stands among those of its source and scope, as parameters of SQL: source, scope, t, sha."""
    return {"source": capture.source, "scope": capture.scope, "t": capture.taken_at, "sha": capture.sha256}


def group_of(dataset: Dataset) -> tuple[str, ...]:
    """What the statements of one document on one series share, within a source."""
    return (*dataset.key, "document_id", "form_rank")


def _stated_before(dataset: Dataset) -> str:
    """All rows of each group's last state before the capture. The window sorts places, not the wide rows."""
    return f"""
        SELECT * FROM {dataset.name} WHERE rowid IN (
            SELECT rowid FROM {dataset.name}
            WHERE source = $source AND scope = $scope AND (captured_at, capture_sha256) < ($t, $sha)
            QUALIFY rank() OVER (
                PARTITION BY {listed(group_of(dataset))} ORDER BY captured_at DESC, capture_sha256 DESC) = 1)"""


def _restated(dataset: Dataset) -> str:
    """The incoming rows of every group whose statements are others than before, and one `absent` row of what is stated no more."""
    group = group_of(dataset)
    said = listed((*group, *dataset.payload))
    met = equal(dataset, group, "n", "s")
    return f"""
        WITH gone AS (
            SELECT s.* FROM state_before s ANTI JOIN {INCOMING} n ON {met} WHERE {_listed_before(dataset)}
        ),
        turned AS (
            SELECT DISTINCT {listed(group)} FROM (
                (SELECT {said} FROM {INCOMING} EXCEPT SELECT {said} FROM state_before)
                UNION ALL
                (SELECT {said} FROM state_before s SEMI JOIN {INCOMING} n ON {met} EXCEPT SELECT {said} FROM {INCOMING}))
        )
        SELECT n.* FROM {INCOMING} n SEMI JOIN turned s ON {met}
        UNION ALL BY NAME
        SELECT * REPLACE ({emptied(dataset)}, 'absent' AS status, 'no longer stated' AS note,
            $t AS known_at, 'capture' AS known_at_basis, $t AS captured_at, $sha AS capture_sha256, $seen AS first_seen_at)
        FROM gone QUALIFY row_number() OVER (PARTITION BY {listed(group)} ORDER BY locator) = 1"""


def _stated_again(dataset: Dataset) -> str:
    """What the next capture, already loaded, was compared with and found equal to: the state before, stated once more."""
    group = group_of(dataset)
    empty = (
        f"{emptied(dataset)}, 'absent' AS status, 'not stated' AS note, $n AS known_at, 'capture' AS known_at_basis,"
    )
    at = "$n AS captured_at, $n_sha AS capture_sha256, $seen AS first_seen_at"
    return f"""
        INSERT INTO {dataset.name} BY NAME
        WITH named AS (
            SELECT * FROM {dataset.name}
            WHERE source = $source AND scope = $scope AND captured_at = $n AND capture_sha256 = $n_sha
        ),
        open AS (SELECT c.* FROM changed c ANTI JOIN named n ON {equal(dataset, group, "c", "n")})
        SELECT s.* REPLACE ({at}) FROM state_before s SEMI JOIN open o ON {equal(dataset, group, "s", "o")}
        UNION ALL BY NAME
        SELECT o.* REPLACE ({empty} {at}) FROM open o ANTI JOIN state_before s ON {equal(dataset, group, "o", "s")}
        QUALIFY row_number() OVER (PARTITION BY {listed(tuple(f"o.{name}" for name in group))} ORDER BY o.locator) = 1"""


def emptied(dataset: Dataset) -> str:
    """What the row of a vanished key says: nothing, and that the list has no such row."""
    return ", ".join(
        f"'{UNLISTED}' AS {ABSENCE}" if name == ABSENCE else f"NULL AS {name}"
        for name in (*dataset.payload, "value_exact")
        if name != "status"
    )


def _listed_before(dataset: Dataset) -> str:
    if ABSENCE in dataset.payload:
        return f"s.{ABSENCE} IS DISTINCT FROM '{UNLISTED}'"
    return "s.status <> 'absent'"


def address_of(url: str) -> str | None:
    """The address of what was captured, where a person can open it: a file of ours or the analyst's has none."""
    return url if url.startswith(("https://", "http://")) else None


def loaded(rows: pl.DataFrame, capture: Capture, seen_at: datetime) -> pl.DataFrame:
    """The rows with the columns the warehouse adds."""
    instant = pl.Datetime("us")
    return rows.with_columns(
        pl.lit(capture.source).alias("source"),
        pl.lit(capture.scope).alias("scope"),
        pl.lit(capture.sha256).alias("capture_sha256"),
        pl.lit(capture.taken_at, instant).alias("captured_at"),
        pl.lit(seen_at, instant).alias("first_seen_at"),
        pl.coalesce("known_at", pl.lit(capture.taken_at, instant)).alias("known_at"),
        pl.coalesce("known_at_basis", pl.lit(capture.taken_at_basis)).alias("known_at_basis"),
        pl.coalesce("source_url", pl.lit(address_of(capture.url), pl.String)).alias("source_url"),
    )


def insert(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    query: str,
    rows: pl.DataFrame,
    parameters: dict[str, object],
) -> int:
    """Insert what a query over the incoming rows gives; returns how many rows that were."""
    with offered(connection, INCOMING, rows):
        return count(connection, f"INSERT INTO {dataset.name} BY NAME {query}", parameters)


def count(connection: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, object] | None = None) -> int:
    """Run a statement that inserts; returns how many rows it inserted."""
    return int(connection.execute(statement, parameters or {}).fetchall()[0][0])


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Column names as SQL lists them."""
    return ", ".join(names)


def equal(dataset: Dataset, names: tuple[str, ...] | list[str], left: str, right: str, *, every: bool = False) -> str:
    """Equality of the named columns; NULL equals NULL where the contract allows NULL (or `every`where)."""
    nullable = {column.name for column in dataset.columns if column.nullable or column.role is Role.PAYLOAD}
    return " AND ".join(
        f"{left}.{name} {'IS NOT DISTINCT FROM' if every or name in nullable else '='} {right}.{name}" for name in names
    )
