"""Boards of one layout that do not say which they are: told apart by what is known of the boards.

One publisher's files differ by their address alone. A file is another board's where most of its scores are nearer to that
board's than to its own; where its own is not known yet, where most are the very scores of the other board's day; or where
hardly an entrant is one that other sources have on the board. What none of this shows cannot be known: two boards that come
exchanged at their first capture, before anybody's copy of either is held.
"""

from __future__ import annotations

import duckdb
import polars as pl

from config.contracts import Capture
from warehouse.store.frames import offered

COMING = "coming_board"
FEWEST = 10
LEAST_IN_COMMON = 0.2


def another_board(connection: duckdb.DuckDBPyConnection, capture: Capture, stated: pl.DataFrame) -> str:
    """What shows that the scores are not of the board they came as; empty where nothing does."""
    with offered(connection, COMING, stated.filter(pl.col("value").is_not_null())):
        at = {"source": capture.source, "scope": capture.scope, "t": capture.taken_at}
        for other, met, nearer, alone, same in connection.execute(_SCORES, {"t": capture.taken_at}).fetchall():
            if met >= FEWEST and 2 * nearer > met:
                return f"{nearer:,} of {met:,} scores are nearer to those of {other} than to its own: that board's"
            if alone >= FEWEST and 2 * same > alone:
                return f"{same:,} of {alone:,} scores are those that {other} has on the same day: that board's"
        if capture.origin != "fetched":  # copies that people collected write names in other ways
            return ""
        [(entrants, members, known, held)] = connection.execute(_ENTRANTS, at).fetchall()
    if not held and min(members, entrants) >= FEWEST and known < LEAST_IN_COMMON * min(members, entrants):
        return f"{entrants - known:,} of {entrants:,} entrants are not on this board as other sources have it: another board's"
    return ""


# Of each board that is captured by itself: how many entrants of the file it shares whose own score is held, and how many of
# these stand nearer to it; how many have none, and how many of these have the very score of its day.
_SCORES = f"""
    WITH now AS (
        SELECT board, category, lower(entrant) AS entrant, max(scored_on) AS day, arg_max(value, scored_on) AS value
        FROM {COMING} GROUP BY ALL
    ),
    held AS (
        SELECT board, category, lower(entrant) AS entrant, scope = board AS apart, max(scored_on) AS day,
            arg_max(value, scored_on) AS value
        FROM leaderboard_score
        WHERE captured_at < $t AND value IS NOT NULL AND lower(entrant) IN (SELECT entrant FROM now) GROUP BY ALL
    ),
    own AS (SELECT board, category, entrant, arg_max(value, day) AS value FROM held GROUP BY ALL),
    met AS (
        SELECT h.board AS other, n.value AS value, h.value AS theirs, o.value AS own, n.day = h.day AS same_day
        FROM now n INNER JOIN held h ON h.apart AND h.board <> n.board AND (h.category, h.entrant) = (n.category, n.entrant)
        LEFT JOIN own o ON (o.board, o.category, o.entrant) = (n.board, n.category, n.entrant)
    )
    SELECT other, count(own), count(*) FILTER (abs(value - theirs) < abs(value - own)), count(*) FILTER (own IS NULL),
        count(*) FILTER (own IS NULL AND same_day AND value = theirs)
    FROM met GROUP BY other ORDER BY other"""

_ENTRANTS = f"""
    WITH now AS (SELECT DISTINCT board, lower(entrant) AS entrant FROM {COMING}),
    held AS (
        SELECT DISTINCT board, lower(entrant) AS entrant, source = $source AND scope = $scope AS of_this FROM leaderboard_score
        WHERE captured_at < $t AND value IS NOT NULL AND board IN (SELECT board FROM now)
    ),
    members AS (SELECT DISTINCT board, entrant FROM held)
    SELECT (SELECT count(*) FROM now), (SELECT count(*) FROM members), (SELECT count(*) FROM now SEMI JOIN members USING (board, entrant)),
        (SELECT count(*) FROM held WHERE of_this)"""
