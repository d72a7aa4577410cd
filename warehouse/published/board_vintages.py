"""Every state a board's day has been in, for some boards at a time: all of them at once take several times their room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from warehouse.published.stage import Stage
from warehouse.store.frames import offered


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
    """All boards that are staged (temporary table staged_place), together until they have so many rows; one that has none where
    there are none."""
    counts = stage.frame(
        f"SELECT {NAME} AS name, count(*) AS n FROM history.leaderboard_score WHERE rowid IN (FROM staged_place) "
        "GROUP BY name ORDER BY name"
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
    """Every state a staged day of these boards has been in: its rows as known at each instant at which one of them became known.

    The day of a board that grows run by run (temporary table growing_sources) is every run up to it. Most days of the others
    have one state, whose rows are the newest of each series.
    """
    restated = SHOWN.format(scored_on="v.scored_on", vintage_at="v.vintage_at")
    return stage.frame(f"""
        WITH score AS (FROM history.board_score WHERE {of.rows} AND seq - 1 IN (FROM staged_place)),
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
                v.vintage_at ORDER BY b.known_at DESC, b.seq DESC) = 1),
        standing AS (FROM state WHERE {STANDS})
        SELECT * EXCLUDE (status, run_on, seq) FROM standing
        QUALIFY row_number() OVER (PARTITION BY source, board, category, scored_on, entrant, vintage_at
            ORDER BY run_on DESC, seq DESC) = 1
        UNION ALL
        SELECT {SHOWN.format(scored_on="b.scored_on", vintage_at="b.known_at")}
        FROM score b SEMI JOIN once USING (source, board, category, scored_on)
        WHERE b.known_until = 'infinity' AND {STANDS}""")


def stage_what_has_come(stage: Stage) -> None:
    """staged_place: where the canonical rows lie that the file did not begin with."""
    stage.connection.execute(
        f"CREATE TEMP TABLE staged_place AS SELECT rowid AS place FROM history.leaderboard_score WHERE rowid >= {stage.boards_before}"
    )


def broken_off(stage: Stage) -> pl.DataFrame:
    """board and category of the boards that the file began with and that cannot be gone on with, so that what they come to rests
    on nothing but the newest day of each source and on what has come since.

    They can where that day was told once and is believed, and what has come is of later days that were known later, of sources
    that had shown the board before and that show no run of it beside earlier ones.
    """
    return stage.frame(
        f"""
        WITH come AS (
            SELECT source, board, category, scored_on, known_at FROM history.leaderboard_score WHERE rowid >= $before),
        touched AS (
            SELECT board, category, min(scored_on) AS first_on, min(known_at) AS first_known,
                bool_or(source IN (FROM growing_sources)) AS grows
            FROM come GROUP BY ALL),
        told AS (
            SELECT source, board, category, scored_on, max(known_at) AS last_known,
                min(known_at) = max(known_at) AND bool_or(known_until = 'infinity' AND {STANDS}) AS once,
                bool_or(value IS NOT NULL) AS scored
            FROM history.board_score SEMI JOIN touched USING (board, category) GROUP BY ALL),
        held AS (
            SELECT source, board, category, max(scored_on) AS newest_on, arg_max(once, scored_on) AS once,
                max(last_known) AS last_known, max(scored_on) FILTER (scored) AS last_scored
            FROM told GROUP BY ALL)
        SELECT board, category FROM touched WHERE grows
        UNION
        SELECT board, category FROM touched INNER JOIN held USING (board, category)
        WHERE newest_on >= first_on OR last_known > first_known OR NOT once OR last_scored <> newest_on
        UNION
        SELECT h.board, h.category FROM held AS h SEMI JOIN history.board_doubt AS d
            ON d.source = h.source AND d.board = h.board AND d.category = h.category AND d.scored_on = h.newest_on
        UNION
        SELECT board, category FROM come ANTI JOIN held USING (source, board, category)""",
        {"before": stage.boards_before},
    )


def make_anew(stage: Stage, redone: pl.DataFrame) -> None:
    """All rows of these boards (board, category) are staged again, and what they came to before is taken out."""
    with offered(stage.connection, "redone", redone):
        stage.connection.execute(
            "INSERT INTO staged_place SELECT rowid FROM history.leaderboard_score SEMI JOIN redone USING (board, category) "
            "WHERE rowid < $before",
            {"before": stage.boards_before},
        )
        for rows, answers in (("board_score", "board_answer"), ("board_lead", "lead_answer")):
            of = f"SELECT seq FROM history.{rows} SEMI JOIN redone USING (board, category)"
            stage.connection.execute(f"DELETE FROM history.{answers} WHERE seq IN ({of})")
        for table in ("board_score", "board_doubt", "scale_shift", "board_lead"):
            stage.connection.execute(f"DELETE FROM history.{table} WHERE (board, category) IN (FROM redone)")


def newest_days(stage: Stage, of: Boards) -> pl.DataFrame:
    """The rows of the newest day of each source, of the boards among these that are gone on with; none where all are made anew."""
    return stage.frame(f"""
        WITH staged AS (
            SELECT DISTINCT board, category FROM history.leaderboard_score WHERE rowid IN (FROM staged_place) AND {of.rows}),
        held AS (
            SELECT source, board, category, scored_on, known_at, entrant, value AS score, method, scale_id,
                known_until = 'infinity' AND {STANDS} AS stands
            FROM history.board_score SEMI JOIN staged USING (board, category)
            WHERE seq - 1 NOT IN (FROM staged_place))
        FROM held SEMI JOIN (
            SELECT source, board, category, max(scored_on) AS scored_on FROM held GROUP BY ALL
        ) AS newest USING (source, board, category, scored_on)""")


def developers_before(stage: Stage) -> pl.DataFrame:
    """source, board, category and developer of all that have stood on the boards that the file began with."""
    return stage.frame("SELECT DISTINCT source, board, category, developer FROM history.board_lead")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
