"""The canonical view of the store: what it says, without when and in which order it was told.

Two stores are the same when their canonical views are equal; the sha256 of the sorted canonical export is
the digest that verdicts and published files carry. Left out: first_seen_at (load time), and locator and note,
which for a carried-over snapshot state are those of the older capture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb

from config.contracts import DATASETS, LEADERBOARD_SCORE, Dataset
from config.specs import SourceSpec

LEFT_OUT = ("first_seen_at", "locator", "note")


def canonical_query(
    dataset: Dataset, snapshot_sources: list[str], revisable_sources: list[str], table: str, grown: Sequence[str] = ()
) -> str:
    """SELECT of the canonical rows of one base table, with the columns of its contract.

    The days of boards: see `_boards`; `grown` are the sources whose boards grow run by run.
    Statements: one row for each distinct statement, the earliest capture's. Where a source proves its dates only
    by the document's own date (revisable), a value that a later capture found in place of another in the same
    document was known only from that capture on: not so a person's correction, which says so by its rank (form_rank).
    Snapshots: rows that change nothing are dropped.
    """
    if dataset is LEADERBOARD_SCORE:
        return _boards(dataset, table, grown)
    key = ", ".join(dataset.key)
    payload = ", ".join(dataset.payload)
    names = ", ".join(column.name for column in dataset.columns if column.name != "known_at")
    changed = " OR ".join(f"s.{name} IS DISTINCT FROM lag(s.{name}) OVER w" for name in dataset.payload)
    return f"""
        WITH stated AS (
            SELECT * FROM {table} WHERE rowid IN (
                SELECT arg_min(rowid, (captured_at, capture_sha256, locator)) FROM {table}
                WHERE source NOT IN {_literal(snapshot_sources)} GROUP BY source, {key}, document_id, form_rank, {payload}))
        SELECT * FROM (
            SELECT {names}, known_at FROM stated WHERE source NOT IN {_literal(revisable_sources)}
            UNION ALL BY NAME
            SELECT {names}, CASE WHEN captured_at > min(captured_at) OVER (PARTITION BY source, {key}, document_id, form_rank)
                THEN greatest(known_at, captured_at) ELSE known_at END AS known_at
            FROM stated WHERE source IN {_literal(revisable_sources)}
            UNION ALL BY NAME
            SELECT s.* FROM {table} s WHERE source IN {_literal(snapshot_sources)}
            WINDOW w AS (PARTITION BY source, scope, {key} ORDER BY captured_at, capture_sha256)
            QUALIFY CASE WHEN row_number() OVER w = 1 THEN s.status <> 'absent' ELSE ({changed}) END
        )"""


def _boards(dataset: Dataset, table: str, grown: Sequence[str]) -> str:
    """The rows that change the state of a board's day, each known from the capture that shows it.

    The first capture of a day proves it by the day itself. What a later capture restates, adds or leaves out was known
    from that capture on. Of a growing board every capture is one of all its days: a run that an earlier capture could
    have shown, and did not, was known only from the one that does.
    """
    series = ", ".join(["source", "scope", *dataset.key, "document_id"])
    names = ", ".join(f"s.{column.name}" for column in dataset.columns if column.name != "known_at")
    changed = " OR ".join(f"s.{name} IS DISTINCT FROM lag(s.{name}) OVER w" for name in dataset.payload)
    captures = f"{table.rpartition('.')[0]}.capture".lstrip(".")
    return f"""
        SELECT {names}, CASE WHEN s.captured_at > s.first_at
            OR (s.source IN {_literal(grown)} AND before.taken_at >= s.known_at)
            THEN greatest(s.known_at, s.captured_at) ELSE s.known_at END AS known_at
        FROM (
            SELECT s.*, min(s.captured_at) OVER (PARTITION BY source, scope, document_id) AS first_at FROM {table} s
            WINDOW w AS (PARTITION BY {series} ORDER BY captured_at, capture_sha256)
            QUALIFY CASE WHEN row_number() OVER w = 1 THEN s.status <> 'absent' ELSE ({changed}) END
        ) s ASOF LEFT JOIN (SELECT source, scope, taken_at FROM {captures} WHERE outcome <> 'refused') before
            ON before.source = s.source AND before.scope = s.scope AND before.taken_at < s.captured_at"""


def kinds(sources: dict[str, SourceSpec]) -> tuple[list[str], list[str]]:
    """(snapshot sources, sources whose documents may be revised in place)."""
    snapshots = [name for name, spec in sources.items() if spec.kind == "snapshot"]
    revisable = [
        name for name, spec in sources.items() if spec.kind == "statement" and spec.known_at.proof != "filing_date"
    ]
    return snapshots, revisable


def growing(sources: dict[str, SourceSpec]) -> list[str]:
    """Sources whose boards grow run by run."""
    return [name for name, spec in sources.items() if spec.grows]


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


def _literal(names: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in [*names, ""]) + ")"
