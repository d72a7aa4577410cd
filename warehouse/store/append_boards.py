"""Append the days of boards: each day is a document that a capture shows whole, and that a later one may restate.

Like a list of prices, a day has a state at every capture that shows it: rows are added where it differs from the state
just before, so that A, B, A stays three statements, and an entrant that a later capture of the day no longer has is
`absent` from then on. The result does not depend on the order in which captures are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import polars as pl

from config.contracts import LEADERBOARD_SCORE, Capture
from config.specs import SourceSpec
from warehouse.store.append import INCOMING, address_of, count, emptied, equal, insert, listed, loaded, position_of
from warehouse.store.frames import offered

BOARDS = LEADERBOARD_SCORE
SERIES = (*BOARDS.key, "document_id")
SEEN = "document_seen"


def append_boards(
    connection: duckdb.DuckDBPyConnection,
    spec: SourceSpec,
    capture: Capture,
    parts: Iterable[pl.DataFrame],
    seen_at: datetime,
) -> int:
    """Append what one capture says of the days it shows, each part of it whole days; returns how many rows were added.

    Where the captures of a source tell the whole past each time (`retells`), they show every day known so far, also
    those they leave out. Where one board comes in pages, nothing is absent because a page does not have it.
    """
    held = connection.execute(
        f"SELECT 1 FROM {SEEN} WHERE source = $source AND scope = $scope LIMIT 1",
        {"source": capture.source, "scope": capture.scope},
    ).fetchall()
    added, no_rows = 0, None
    for rows in parts:
        incoming = loaded(rows, capture, seen_at)
        no_rows = incoming.clear()
        added += (
            _append_days(connection, spec, capture, incoming, seen_at) if held else _append_first(connection, incoming)
        )
    if held and spec.retells and no_rows is not None:
        added += _append_days(connection, spec, capture, no_rows, seen_at, shown=_left_out())
    return added


def _append_first(connection: duckdb.DuckDBPyConnection, incoming: pl.DataFrame) -> int:
    """Nothing was said before: everything is new."""
    added = insert(connection, BOARDS, f"SELECT * FROM {INCOMING}", incoming, {})
    shown = incoming.select("source", "scope", "document_id", "captured_at", "capture_sha256")
    with offered(connection, INCOMING, shown.unique("document_id", maintain_order=True)):
        count(connection, f"INSERT INTO {SEEN} BY NAME SELECT * FROM {INCOMING}")
    return added


def _append_days(
    connection: duckdb.DuckDBPyConnection,
    spec: SourceSpec,
    capture: Capture,
    incoming: pl.DataFrame,
    seen_at: datetime,
    *,
    shown: str = f"SELECT DISTINCT document_id FROM {INCOMING}",
) -> int:
    """Append what the rows say otherwise than what was said before of the days shown."""
    at = position_of(capture)
    with offered(connection, INCOMING, incoming):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE shown AS {shown}", at if "$" in shown else {})
        connection.execute(f"CREATE OR REPLACE TEMP TABLE state_before AS {_state_before()}", at)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {_changed()}")
        if not spec.paged:
            evidence = {"basis": capture.taken_at_basis, "url": address_of(capture.url), "seen": seen_at}
            count(
                connection,
                f"INSERT INTO changed BY NAME {_gone()}",
                {**evidence, "t": at["t"], "sha": at["sha"]},
            )
    added = count(connection, f"INSERT INTO {BOARDS.name} BY NAME SELECT * FROM changed")
    count(connection, f"INSERT INTO {SEEN} SELECT $source, $scope, document_id, $t, $sha FROM shown", at)
    added += _carry_over(connection, spec, at, seen_at)
    for table in ("shown", "state_before", "changed"):
        connection.execute(f"DROP TABLE {table}")
    return added


def note_starter(connection: duckdb.DuckDBPyConnection) -> None:
    """The starter series count as the captures that their rows come from."""
    connection.execute(
        f"INSERT INTO {SEEN} SELECT DISTINCT source, scope, document_id, captured_at, capture_sha256 FROM {BOARDS.name}"
    )


def note_repeated(connection: duckdb.DuckDBPyConnection, capture: Capture) -> None:
    """A capture with the bytes of an earlier one shows the same days."""
    at = position_of(capture)
    connection.execute(
        f"""
        INSERT INTO {SEEN} SELECT DISTINCT source, scope, document_id, $t, capture_sha256 FROM {SEEN}
        WHERE source = $source AND scope = $scope AND capture_sha256 = $sha AND captured_at <> $t""",
        at,
    )


def _left_out() -> str:
    """The days that earlier captures showed and this one, which tells the whole past, does not."""
    return f"""
        SELECT DISTINCT document_id FROM {SEEN}
        WHERE source = $source AND scope = $scope AND (captured_at, capture_sha256) < ($t, $sha)
            AND document_id NOT IN (
                SELECT document_id FROM {SEEN}
                WHERE source = $source AND scope = $scope AND captured_at = $t AND capture_sha256 = $sha)"""


def _state_before() -> str:
    return f"""
        SELECT * FROM {BOARDS.name}
        WHERE source = $source AND scope = $scope AND (captured_at, capture_sha256) < ($t, $sha)
            AND document_id IN (SELECT document_id FROM shown)
        QUALIFY row_number() OVER (
            PARTITION BY {listed(SERIES)} ORDER BY captured_at DESC, capture_sha256 DESC) = 1"""


def _changed() -> str:
    return f"""
        SELECT n.* FROM {INCOMING} n LEFT JOIN state_before s ON {equal(BOARDS, SERIES, "n", "s")}
        WHERE s.source IS NULL OR NOT ({equal(BOARDS, BOARDS.payload, "n", "s", every=True)})"""


def _gone() -> str:
    return f"""
        SELECT s.* REPLACE ({emptied(BOARDS)}, 'absent' AS status, 'no longer on the board of that day' AS note,
            $t AS known_at, $basis AS known_at_basis, $t AS captured_at, $sha AS capture_sha256, $url AS source_url,
            $seen AS first_seen_at)
        FROM state_before s ANTI JOIN {INCOMING} n ON {equal(BOARDS, SERIES, "n", "s")}
        WHERE s.status <> 'absent'"""


def _carry_over(
    connection: duckdb.DuckDBPyConnection, spec: SourceSpec, at: dict[str, object], seen_at: datetime
) -> int:
    """Where the next capture of a day is loaded already and says what was said before this one, it says it again."""
    states = [name for name in (*BOARDS.payload, "value_exact") if name != "status"]
    payload = ", ".join(f"s.{name} AS {name}" for name in states)
    same_day = "true" if spec.retells else "n.document_id = c.document_id"
    unlisted = "AND s.source IS NOT NULL" if spec.paged else ""
    return count(
        connection,
        f"""
        INSERT INTO {BOARDS.name} BY NAME
        WITH following AS (
            SELECT c.document_id, min(ROW(n.captured_at, n.capture_sha256)) AS n
            FROM (SELECT DISTINCT document_id FROM changed) c
            INNER JOIN {SEEN} n ON n.source = $source AND n.scope = $scope AND {same_day}
            WHERE (n.captured_at, n.capture_sha256) > ($t, $sha) GROUP BY c.document_id)
        SELECT c.* REPLACE ({payload}, coalesce(s.status, 'absent') AS status, f.n[1] AS known_at,
            'fetched' AS known_at_basis, f.n[1] AS captured_at, f.n[2] AS capture_sha256, $seen AS first_seen_at,
            CASE WHEN s.source IS NULL THEN 'not on the board of that day' ELSE s.note END AS note,
            coalesce(s.locator, c.locator) AS locator)
        FROM changed c INNER JOIN following f USING (document_id)
        LEFT JOIN state_before s ON {equal(BOARDS, SERIES, "c", "s")}
        WHERE NOT EXISTS (
            SELECT 1 FROM {BOARDS.name} x WHERE x.source = $source AND x.scope = $scope AND x.captured_at = f.n[1]
                AND x.capture_sha256 = f.n[2] AND {equal(BOARDS, SERIES, "c", "x")}) {unlisted}""",
        {**at, "seen": seen_at},
    )
