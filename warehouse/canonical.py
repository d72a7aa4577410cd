"""The canonical view of the store: what it says, without when and in which order it was told.

Two stores are the same when their canonical views are equal; the sha256 of the sorted canonical export is
the digest that verdicts and published files carry. Left out: first_seen_at (load time), and locator and note,
which for a carried-over snapshot state are those of the older capture.
"""

from __future__ import annotations

import hashlib

import duckdb

from config.contracts import DATASETS, Dataset
from config.specs import SourceSpec

LEFT_OUT = ("first_seen_at", "locator", "note")


def canonical_query(dataset: Dataset, snapshot_sources: list[str], revisable_sources: list[str], table: str) -> str:
    """SELECT of the canonical rows of one base table, with the columns of its contract.

    Statements: one row for each distinct statement, the earliest capture's. Where a source proves its dates only
    by the document's own date (revisable), a value that a later capture found in place of another in the same
    document was known only from that capture on. Snapshots: rows that change nothing are dropped.
    """
    key = ", ".join(dataset.key)
    payload = ", ".join(dataset.payload)
    names = ", ".join(column.name for column in dataset.columns if column.name != "known_at")
    changed = " OR ".join(f"s.{name} IS DISTINCT FROM lag(s.{name}) OVER w" for name in dataset.payload)
    return f"""
        SELECT * FROM (
            SELECT {names}, CASE WHEN source IN {_literal(revisable_sources)} AND captured_at > min(captured_at) OVER (
                PARTITION BY source, {key}, document_id) THEN greatest(known_at, captured_at) ELSE known_at END AS known_at
            FROM (
                SELECT * FROM {table} WHERE source NOT IN {_literal(snapshot_sources)}
                QUALIFY row_number() OVER (PARTITION BY source, {key}, document_id, {payload}
                    ORDER BY captured_at, capture_sha256, locator) = 1)
            UNION ALL BY NAME
            SELECT s.* FROM {table} s WHERE source IN {_literal(snapshot_sources)}
            WINDOW w AS (PARTITION BY source, scope, {key} ORDER BY captured_at, capture_sha256)
            QUALIFY CASE WHEN row_number() OVER w = 1 THEN s.status <> 'absent' ELSE ({changed}) END
        )"""


def kinds(sources: dict[str, SourceSpec]) -> tuple[list[str], list[str]]:
    """(snapshot sources, sources whose documents may be revised in place)."""
    snapshots = [name for name, spec in sources.items() if spec.kind == "snapshot"]
    revisable = [
        name for name, spec in sources.items() if spec.kind == "statement" and spec.known_at.proof != "filing_date"
    ]
    return snapshots, revisable


def digest(connection: duckdb.DuckDBPyConnection, schema: str = "history") -> str:
    """sha256 over the sorted canonical rows of every base table in `schema`, as text."""
    total = hashlib.sha256()
    for name, dataset in DATASETS.items():
        columns = [column.name for column in dataset.columns if column.name not in LEFT_OUT]
        text = ", ".join(f"coalesce(CAST({column} AS VARCHAR), chr(0))" for column in columns)
        query = f"SELECT concat_ws(chr(31), {text}) AS line FROM {schema}.{name} ORDER BY line"
        total.update(name.encode())
        relation = connection.sql(query)
        while chunk := relation.fetchmany(50_000):
            total.update("\x1e".join(line for (line,) in chunk).encode())
    return total.hexdigest()


def _literal(names: list[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in [*names, ""]) + ")"
