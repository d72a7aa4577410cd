"""Append only what is new. Nothing is ever updated or deleted.

A statement source keeps every statement: a row is new unless the same document, in the same revision of it, has been seen
to say the same thing at that time or before. A snapshot source keeps changes of state: see `append_snapshot`, whose
result does not depend on the order in which captures are loaded.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import polars as pl

from config.contracts import DATASETS, Capture, Dataset, Role
from config.specs import SourceSpec
from warehouse.frames import offered

INCOMING = "incoming_rows"


def append_rows(
    connection: duckdb.DuckDBPyConnection, spec: SourceSpec, capture: Capture, rows: pl.DataFrame, seen_at: datetime
) -> int:
    """Append one capture's rows as its source declares; returns how many were added."""
    dataset = DATASETS[spec.dataset]
    if spec.kind == "snapshot":
        dated = spec.known_at.proof == "statement"
        return append_snapshot(connection, dataset, capture, rows, seen_at, dated=dated)
    return append_statements(connection, dataset, capture, rows, seen_at)


def append_statements(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, capture: Capture, rows: pl.DataFrame, seen_at: datetime
) -> int:
    """Append the statements of one capture; returns how many were new."""
    same = [*dataset.key, "document_id", "form_rank", *dataset.payload]
    first = dataset.key[0]  # the company: what was loaded of the others need not be looked at
    parameters = {"source": capture.source, "taken_at": capture.taken_at}
    held = f"""FROM {dataset.name} WHERE source = $source AND captured_at <= $taken_at
        AND {first} IN (SELECT DISTINCT {first} FROM {INCOMING})"""
    with offered(connection, INCOMING, loaded(rows, capture, seen_at)):
        new = f"SELECT * FROM {INCOMING}"
        if connection.execute(f"SELECT 1 {held} LIMIT 1", parameters).fetchall():
            among = equal(dataset, same, "n", "s")
            new = f"SELECT n.* FROM {INCOMING} n ANTI JOIN (SELECT {listed(same)} {held}) s ON {among}"
        else:
            parameters = {}
        return count(connection, f"INSERT INTO {dataset.name} BY NAME {new}", parameters)


def append_snapshot(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    capture: Capture,
    rows: pl.DataFrame,
    seen_at: datetime,
    *,
    dated: bool = False,
) -> int:
    """Append what a capture taken at t changes; returns how many rows were added.

    For each key whose state differs from the state just before t: the row (t, state), a vanished key being
    `absent`. And where the next capture n that is already loaded holds no row for that key, also (n, the state
    before t): n was compared with that older state and found equal, so the change at t must not outlive n.
    A row is known from its capture on. Where each row says its own day (`dated`: a file that a person keeps), it is known
    from that day, and so is what corrects it or takes it back.
    """
    position = {"source": capture.source, "scope": capture.scope, "t": capture.taken_at, "sha": capture.sha256}
    incoming = loaded(rows, capture, seen_at)
    if not dated:
        incoming = incoming.with_columns(
            pl.lit(capture.taken_at, pl.Datetime("us")).alias("known_at"),
            pl.lit(capture.taken_at_basis).alias("known_at_basis"),
        )
    evidence = {"t": capture.taken_at, "sha": capture.sha256, "url": capture.url, "seen": seen_at}
    if not dated:
        evidence["basis"] = capture.taken_at_basis
    with offered(connection, INCOMING, incoming):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE state_before AS {_state_before(dataset)}", position)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {_changed(dataset, dated=dated)}", evidence)
    added = count(connection, f"INSERT INTO {dataset.name} BY NAME SELECT * FROM changed")
    if following := _next_capture(connection, position):
        added += _carry_over(connection, dataset, position, following, seen_at, dated=dated)
    connection.execute("DROP TABLE state_before")
    connection.execute("DROP TABLE changed")
    return added


def _state_before(dataset: Dataset) -> str:
    """The newest row of each key. By row id: the rows are wide, and sorting them would take three times as long."""
    return f"""
        SELECT * FROM {dataset.name} WHERE rowid IN (
            SELECT arg_max(rowid, (captured_at, capture_sha256)) FROM {dataset.name}
            WHERE source = $source AND scope = $scope AND (captured_at, capture_sha256) < ($t, $sha)
            GROUP BY {listed(dataset.key)})"""


def _changed(dataset: Dataset, *, dated: bool) -> str:
    clock = "" if dated else "$t AS known_at, $basis AS known_at_basis, "
    return f"""
        SELECT n.* FROM {INCOMING} n LEFT JOIN state_before s ON {equal(dataset, dataset.key, "n", "s")}
        WHERE CASE WHEN s.source IS NULL THEN n.status <> 'absent'
                   ELSE NOT ({equal(dataset, dataset.payload, "n", "s", every=True)}) END
        UNION ALL BY NAME
        SELECT s.* REPLACE ({emptied(dataset)}, 'absent' AS status, 'no longer listed' AS note, {clock}
            $t AS captured_at, $sha AS capture_sha256, $url AS source_url, $seen AS first_seen_at)
        FROM state_before s ANTI JOIN {INCOMING} n ON {equal(dataset, dataset.key, "n", "s")}
        WHERE s.status <> 'absent'"""


def _next_capture(
    connection: duckdb.DuckDBPyConnection, position: dict[str, object]
) -> tuple[datetime, str, str, str] | None:
    found = connection.execute(
        """
        SELECT taken_at, sha256, url, taken_at_basis FROM capture
        WHERE source = $source AND scope = $scope AND (taken_at, sha256) > ($t, $sha) AND outcome IN ('loaded', 'unchanged')
        ORDER BY taken_at, sha256 LIMIT 1""",
        position,
    ).fetchall()
    return (found[0][0], found[0][1], found[0][2], found[0][3]) if found else None


def _carry_over(
    connection: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    position: dict[str, object],
    following: tuple[datetime, str, str, str],
    seen_at: datetime,
    *,
    dated: bool,
) -> int:
    states = [name for name in (*dataset.payload, "value_exact") if name != "status"]
    payload = ", ".join(f"s.{name} AS {name}" for name in states)
    clock = "" if dated else "$n AS known_at, $basis AS known_at_basis, "
    return count(
        connection,
        f"""
        INSERT INTO {dataset.name} BY NAME
        SELECT c.* REPLACE ({payload}, coalesce(s.status, 'absent') AS status, {clock}
            $n AS captured_at, $n_sha AS capture_sha256, $url AS source_url, $seen AS first_seen_at,
            CASE WHEN s.source IS NULL THEN 'not listed' ELSE s.note END AS note,
            coalesce(s.locator, c.locator) AS locator)
        FROM changed c LEFT JOIN state_before s ON {equal(dataset, dataset.key, "c", "s")}
        ANTI JOIN (
            SELECT {listed(dataset.key)} FROM {dataset.name}
            WHERE source = $source AND scope = $scope AND captured_at = $n AND capture_sha256 = $n_sha
        ) x ON {equal(dataset, dataset.key, "c", "x")}""",
        {
            "source": position["source"], "scope": position["scope"], "n": following[0], "n_sha": following[1],
            "url": following[2], **({} if dated else {"basis": following[3]}), "seen": seen_at,
        },
    )  # fmt: skip


def emptied(dataset: Dataset) -> str:
    """What an absent row says: nothing."""
    return ", ".join(f"NULL AS {name}" for name in (*dataset.payload, "value_exact") if name != "status")


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
        pl.coalesce("source_url", pl.lit(capture.url)).alias("source_url"),
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
