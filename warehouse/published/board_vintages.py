"""Every state a board's day has been in, for some boards at a time: all of them at once take several times their room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from warehouse.published.stage import Stage


class Boards(NamedTuple):
    """The boards with their categories from a first to a last one, by NAME. No figure rests on two of them."""

    first: str = ""
    last: str = ""

    @property
    def rows(self) -> str:
        """The condition that a row is of one of them."""
        return f"{NAME} BETWEEN {_literal(self.first)} AND {_literal(self.last)}"


NAME = "(board || chr(31) || category)"


def boards(stage: Stage, at_a_time: int) -> Iterator[Boards]:
    """All boards, together until they have so many rows; one that has none where there are no boards."""
    counts = stage.frame(
        f"SELECT {NAME} AS name, count(*) AS n FROM history.leaderboard_score GROUP BY name ORDER BY name"
    )
    first, rows = "", 0
    for name, count in counts.iter_rows():
        first, rows = first or name, rows + count
        if rows >= at_a_time or name == counts["name"][-1]:
            yield Boards(first, name)
            first, rows = "", 0
    if counts.is_empty():
        yield Boards()


SHOWN = """b.source, b.board, b.scale_id, b.category, {scored_on} AS scored_on, {vintage_at} AS vintage_at, b.entrant, b.organization,
    b.value AS score, b.value_low AS low, b.value_high AS high, b.rank, b.known_at, b.first_seen_at,
    b.evidence_tier, b.capture_sha256, b.locator, b.source_url"""
STANDS = "status NOT IN ('absent', 'withdrawn')"


def board_vintages(stage: Stage, of: Boards) -> pl.DataFrame:
    """Every state a day of these boards has been in: its rows as known at each instant at which one of them became known.

    The day of a board that grows run by run (temporary table growing_sources) is every run up to it. Most days of the others
    have one state, whose rows are the newest of each series.
    """
    restated = SHOWN.format(scored_on="v.scored_on", vintage_at="v.vintage_at")
    return stage.frame(f"""
        WITH score AS (FROM history.board_score WHERE {of.rows}),
        told AS (
            SELECT source, board, category, scored_on, min(known_at) AS first_known, max(known_at) AS last_known
            FROM score WHERE source NOT IN (FROM growing_sources) GROUP BY ALL),
        once AS (SELECT source, board, category, scored_on FROM told WHERE first_known = last_known),
        vintage AS (
            SELECT DISTINCT source, board, category, scored_on, known_at AS vintage_at
            FROM score WHERE source NOT IN (FROM growing_sources)
                AND (source, board, category, scored_on) NOT IN (SELECT (source, board, category, scored_on) FROM once)
            UNION
            SELECT d.source, d.board, d.category, d.scored_on, b.known_at
            FROM (SELECT source, board, category, scored_on, min(known_at) AS known_at
                FROM score WHERE source IN (FROM growing_sources) GROUP BY ALL) d
            INNER JOIN score b USING (source, board, category)
            WHERE b.scored_on <= d.scored_on AND b.known_at >= d.known_at),
        state AS (
            SELECT {restated}, b.status, b.scored_on AS run_on, b.seq
            FROM vintage v INNER JOIN score b USING (source, board, category)
            WHERE b.known_at <= v.vintage_at AND CASE WHEN b.source IN (FROM growing_sources)
                THEN b.scored_on <= v.scored_on ELSE b.scored_on = v.scored_on END
            QUALIFY row_number() OVER (PARTITION BY b.source, b.board, b.category, v.scored_on, b.scored_on, b.entrant,
                v.vintage_at ORDER BY b.seq DESC) = 1),
        standing AS (FROM state WHERE {STANDS})
        SELECT * EXCLUDE (status, run_on, seq) FROM standing
        QUALIFY row_number() OVER (PARTITION BY source, board, category, scored_on, entrant, vintage_at
            ORDER BY run_on DESC, seq DESC) = 1
        UNION ALL
        SELECT {SHOWN.format(scored_on="b.scored_on", vintage_at="b.known_at")}
        FROM score b SEMI JOIN once USING (source, board, category, scored_on)
        WHERE b.seq IN (SELECT max(seq) FROM score GROUP BY series_id) AND {STANDS}""")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
