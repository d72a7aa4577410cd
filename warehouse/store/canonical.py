"""The canonical view of the store: what it says, without when and in which order it was told.

Two stores are the same when their canonical views are equal: the digest that verdicts and published files carry is made of sums
over the rows of each table, so that their order is no part of it and rows that come later are added to what is summed already.
Left out: first_seen_at (load time), and locator and note, which for a carried-over snapshot state are those of the older capture
where the newer one's bytes are not at hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import duckdb

from config.contracts import COMPANY_FACT, DATASETS, LEADERBOARD_SCORE, Dataset
from config.specs import SourceSpec
from warehouse.store.statements import literal, statements, unbelieved

# A board that was captured later was published for its day, unless a newer day had been captured long before.
LATE_DAYS = 60
TOO_LATE = "capture, not the day"
LEFT_OUT = ("first_seen_at", "locator", "note")
# When a price list was looked at decides which list speaks, and what was kept out is told in a view of its own. Whether a
# capture counts as loaded or as unchanged depends on the order of loading, and so does how often an issue is told.
BESIDE = {
    # A list that is seen again unchanged is a sighting: the digest of a night that brings nothing new stays what it was.
    "capture": "SELECT source, scope, sha256, min(taken_at), outcome = 'refused' AS refused FROM {0}.capture "
    "WHERE source IN (SELECT source FROM {0}.token_price WHERE document_id = '') GROUP BY ALL",
    "issue": "SELECT source, scope, capture_sha256, severity, reason, locator, detail FROM {0}.issue",
}


@dataclass(frozen=True, slots=True)
class Kinds:
    """How sources speak, by name: in snapshots; in whole documents; in filings that a list names; of boards that grow."""

    snapshots: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    filed: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()

    @classmethod
    def of(cls, sources: Mapping[str, SourceSpec]) -> Kinds:
        """As the sources declare it."""
        specs = sources.values()
        return cls(
            tuple(spec.id for spec in specs if spec.kind == "snapshot"),
            tuple(spec.id for spec in specs if spec.whole_document),
            tuple(spec.id for spec in specs if spec.kind == "statement" and spec.known_at.proof == "filing_date"),
            tuple(spec.id for spec in specs if spec.grows),
        )


def canonical_query(dataset: Dataset, kinds: Kinds, table: str, since: datetime | None = None) -> str:
    """SELECT of the canonical rows of one base table, with the columns of its contract; of boards those captured after `since`.

    The days of boards: see `_boards`. Statements: see warehouse/store/statements.py. Snapshots: rows that change nothing are
    dropped, and so is an absence that nothing came before, save an end that the list states itself, often ahead.
    """
    if dataset is LEADERBOARD_SCORE:
        return _boards(dataset, table, kinds.growing, since)
    key = ", ".join(dataset.key)
    changed = " OR ".join(f"s.{name} IS DISTINCT FROM lag(s.{name}) OVER w" for name in dataset.payload)
    said = "s.status <> 'absent' OR s.absence = 'ended'" if "absence" in dataset.payload else "s.status <> 'absent'"
    return f"""
        SELECT * FROM ({statements(dataset, table, kinds.whole, kinds.filed, kinds.snapshots)})
        UNION ALL BY NAME
        SELECT * FROM (
            SELECT s.* FROM {table} s WHERE source IN {literal(kinds.snapshots)}
            WINDOW w AS (PARTITION BY source, scope, {key} ORDER BY captured_at, capture_sha256)
            QUALIFY CASE WHEN row_number() OVER w = 1 THEN {said} ELSE ({changed}) END
        )"""


def _boards(dataset: Dataset, table: str, grown: Sequence[str], since: datetime | None) -> str:
    """The rows that change the state of a board's day, each known from the capture that shows it.

    The first capture of a day proves it by the day itself. What a later capture restates, adds or leaves out was known
    from that capture on. Of a growing board every capture is one of all its days: a run that an earlier capture could
    have shown, and did not, was known only from the one that does.
    """
    series = ", ".join(["source", "scope", *dataset.key, "document_id"])
    clocks = ("known_at", "known_at_basis")
    names = ", ".join(f"said.{column.name}" for column in dataset.columns if column.name not in clocks)
    changed = " OR ".join(f"s.{name} IS DISTINCT FROM lag(s.{name}) OVER w" for name in dataset.payload)
    captures = f"{table.rpartition('.')[0]}.capture".lstrip(".")
    # What a row is rests on its own document alone, and on nothing that was captured later.
    later, shown = "", ""
    if since is not None:
        later = f"WHERE said.captured_at > TIMESTAMP '{since}'"
        shown = f"""WHERE (s.source, s.scope, s.document_id) IN (
                SELECT (source, scope, document_id) FROM {table} WHERE captured_at > TIMESTAMP '{since}')"""
    # Chosen by a few columns, and joined with the others afterwards: windows and joins in time hold every row that they order.
    return f"""
        SELECT {names}, dated.known_at, dated.known_at_basis FROM {table} said INNER JOIN (SELECT place,
            CASE WHEN captured_at > first_at OR too_late OR (source IN {literal(grown)} AND seen_before >= known_at)
            THEN greatest(known_at, captured_at) ELSE known_at END AS known_at,
            CASE WHEN too_late THEN '{TOO_LATE}' ELSE known_at_basis END AS known_at_basis
        FROM (SELECT s.*, before.taken_at AS seen_before,
            s.captured_at = s.first_at AND s.captured_at > s.known_at + INTERVAL {LATE_DAYS} DAY
                AND coalesce(newest.known_at > s.known_at, false) AS too_late
        FROM (
            SELECT s.rowid AS place, s.source, s.scope, s.board, s.known_at, s.known_at_basis, s.captured_at,
                min(s.captured_at) OVER (PARTITION BY source, scope, document_id) AS first_at FROM {table} s {shown}
            WINDOW w AS (PARTITION BY {series} ORDER BY captured_at, capture_sha256)
            QUALIFY CASE WHEN row_number() OVER w = 1 THEN s.status <> 'absent' ELSE ({changed}) END
        ) s ASOF LEFT JOIN (SELECT source, scope, taken_at FROM {captures} WHERE outcome <> 'refused') before
            ON before.source = s.source AND before.scope = s.scope AND before.taken_at < s.captured_at
        ASOF LEFT JOIN (
            SELECT source, board, captured_at, max(max(known_at)) OVER (
                PARTITION BY source, board ORDER BY captured_at ROWS UNBOUNDED PRECEDING) AS known_at
            FROM {table} WHERE status <> 'absent' GROUP BY source, board, captured_at
        ) newest ON newest.source = s.source AND newest.board = s.board AND newest.captured_at < s.captured_at))
        dated ON dated.place = said.rowid {later}"""


class RowSums(NamedTuple):
    """What some canonical rows come to, in any order: how many, and the sums of both halves of the md5 of each as text."""

    rows: int = 0
    low: int = 0
    high: int = 0

    def plus(self, more: RowSums) -> RowSums:
        """Those of these rows and of others."""
        return RowSums(self.rows + more.rows, self.low + more.low, self.high + more.high)


def row_sums(connection: duckdb.DuckDBPyConnection, dataset: Dataset, rows: str) -> RowSums:
    """Those of the canonical rows that the query `rows` gives."""
    columns = [column.name for column in dataset.columns if column.name not in LEFT_OUT]
    text = ", ".join(f"coalesce(CAST({column} AS VARCHAR), chr(0))" for column in columns)
    return _summed(connection, f"SELECT concat_ws(chr(31), {text}) AS line FROM ({rows})")


def digest(
    connection: duckdb.DuckDBPyConnection, schema: str = "history", summed: Mapping[str, RowSums] | None = None
) -> str:
    """sha256 over the sums of the canonical rows of every base table in `schema`, and of what stands BESIDE them.

    `summed`: those of a table whose rows have been gone through already.
    """
    total = hashlib.sha256()
    for name, dataset in DATASETS.items():
        sums = (summed or {}).get(name) or row_sums(connection, dataset, f"FROM {schema}.{name}")
        total.update(repr((name, *sums)).encode())
    there = {name for (name,) in connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [schema]
    ).fetchall()}  # fmt: skip
    for name in sorted(BESIDE.keys() & there):
        lines = f"SELECT DISTINCT CAST(s AS VARCHAR) AS line FROM ({BESIDE[name].format(schema)}) s"
        total.update(repr((name, *_summed(connection, lines))).encode())
    return total.hexdigest()


def _summed(connection: duckdb.DuckDBPyConnection, lines: str) -> RowSums:
    [found] = connection.execute(
        "SELECT count(*), coalesce(sum(md5_number_lower(line)), 0), coalesce(sum(md5_number_upper(line)), 0) "
        f"FROM ({lines})"
    ).fetchall()
    return RowSums(*map(int, found))


def unbelieved_query(kinds: Kinds, schema: str) -> str:
    """SELECT of one issue for each reason and document whose own date is not believed."""
    table = f"{schema}.{COMPANY_FACT.name}"
    return f"""
        SELECT t.source, t.scope, min(t.capture_sha256) AS capture_sha256, min(t.captured_at) AS captured_at,
            'notice' AS severity, u.reason, min(t.locator) AS locator,
            concat(t.document_id, ': ', count(*), ' figures count from their capture, e.g. ', min(t.concept), ' of ', min(t.period_end))
                AS detail, count(*) AS figures, min(t.first_seen_at) AS first_seen_at
        FROM ({unbelieved(COMPANY_FACT, table, kinds.whole, kinds.filed)}) u INNER JOIN {table} t ON t.rowid = u.place
        GROUP BY t.source, t.scope, t.document_id, u.reason"""


def late_days_query() -> str:
    """SELECT of one issue for each day of a board in schema history that came too late to be believed."""
    return f"""
        SELECT source, scope, min(capture_sha256) AS capture_sha256, captured_at, 'notice' AS severity,
            'a day of a board that came months late, after a newer one' AS reason, min(locator) AS locator,
            concat(board, ' of ', scored_on, ': its ', count(*), ' scores count from their capture') AS detail,
            min(first_seen_at) AS first_seen_at
        FROM history.{LEADERBOARD_SCORE.name} WHERE known_at_basis = '{TOO_LATE}'
        GROUP BY source, scope, board, scored_on, captured_at"""
