"""A board against the capture before it, entrant by entrant: scores and organisations that stand beside another entrant.

A column that slipped by a row, or was sorted apart from the others, moves each score by little and all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from config.contracts import Capture, Issue

TOLD_GONE = 0.25  # of what the capture before held, from which on it is told
FEWEST = 10
GONE = "much of a board is gone"


@dataclass(frozen=True, slots=True)
class Beside:
    """Of the entrants of both captures: how many, whose score moved, how many of the scores are some entrant's of before; how
    many stated an organisation, how many of these another one, and one of them; and of the newest day held, who is gone."""

    common: int
    moved: int
    others: int
    organized: int
    renamed: int
    example: str | None
    last: int
    gone: int


def beside_others(connection: duckdb.DuckDBPyConnection, coming: str, capture: Capture) -> Beside:
    """What `coming` says of entrants that the source had on the board before the capture."""
    at = {"source": capture.source, "scope": capture.scope, "t": capture.taken_at}
    [found] = connection.execute(_QUERY.format(coming=coming), at).fetchall()
    return Beside(*found)


def told_beside(found: Beside, *, grows: bool) -> tuple[Issue, ...]:
    """The notices of what is not enough to refuse the capture. Of a board that `grows` a run keeps its score."""
    told = []
    if grows and found.moved:
        told.append(
            Issue("scores of entrants seen before are others now", "", f"{found.moved:,} of {found.common:,}", "notice")
        )
    if found.renamed:
        words = f"{found.renamed:,} of {found.organized:,} entrants, e.g. {found.example}"
        told.append(Issue("another organisation than before", "", words, "notice"))
    if found.last >= FEWEST and found.gone >= TOLD_GONE * found.last:
        told.append(
            Issue(
                "much of a board is gone",
                "",
                f"{found.gone:,} of the {found.last:,} entrants of its newest day",
                "notice",
            )
        )
    return tuple(told)


_SAID = "arg_max(value, scored_on) AS value, arg_max(organization, scored_on) AS organization"
_QUERY = f"""
    WITH held AS (
        SELECT board, category, entrant, max(scored_on) AS day, {_SAID} FROM leaderboard_score
        WHERE source = $source AND scope = $scope AND captured_at < $t AND value IS NOT NULL GROUP BY ALL
    ),
    now AS (SELECT board, category, entrant, {_SAID} FROM {{coming}} WHERE value IS NOT NULL GROUP BY ALL),
    met AS (
        SELECT n.board, n.category, n.entrant, n.value AS value, h.value AS earlier, n.organization AS said, h.organization AS said_before
        FROM held h INNER JOIN now n USING (board, category, entrant)
    ),
    nth AS (
        SELECT board, category, value, earlier, row_number() OVER (PARTITION BY board, category, value) AS place,
            row_number() OVER (PARTITION BY board, category, earlier) AS place_before FROM met
    ),
    last AS (
        SELECT entrant, n.entrant IS NULL AS gone FROM held h LEFT JOIN now n USING (board, category, entrant)
        WHERE (board, category) IN (SELECT (board, category) FROM now)
        QUALIFY h.day = max(h.day) OVER (PARTITION BY board, category)
    )
    SELECT count(*), count(*) FILTER (value <> earlier),
        (SELECT count(*) FROM nth a INNER JOIN nth b
            ON a.board = b.board AND a.category = b.category AND a.value = b.earlier AND a.place = b.place_before),
        count(*) FILTER (said IS NOT NULL AND said_before IS NOT NULL), count(*) FILTER (said <> said_before),
        min(concat(entrant, ': ', said, ' after ', said_before)) FILTER (said <> said_before),
        (SELECT count(*) FROM last), (SELECT count(*) FROM last WHERE gone)
    FROM met"""
