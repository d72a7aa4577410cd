"""Days of a board that should not be believed: a copy that lost half of its entrants since the one before.

Boards drop old entrants now and then, by some per cent. A copy with fewer than half of the entrants of the last whole
one has most likely broken off, and the leader may be among those that are missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

SHRUNK_BELOW = 0.5
DAY = ("source", "board", "category", "scored_on", "vintage_at")


def with_doubts(rows: pl.DataFrame, tops: Collection[str] = ()) -> pl.DataFrame:
    """The rows of boards with `doubt`: why their day is not to be believed, or NULL.

    Takes source, board, category, scored_on, vintage_at. `tops` are sources that copy only the top of a board.
    """
    days = rows.filter(~pl.col("source").is_in(list(tops))).group_by(DAY).agg(n=pl.len()).sort(DAY)
    doubts = pl.DataFrame(
        list(_shrunk(days)), orient="row", schema={name: rows.schema[name] for name in DAY} | {"doubt": pl.String}
    )
    return rows.join(doubts, on=DAY, how="left")


def _shrunk(days: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """Each day compared with the last one that was believed; a board that stays small is believed from the third on."""
    board, whole, small = None, 0, 0
    for *day, n in days.select(*DAY, "n").iter_rows():
        if day[:3] != board:
            board, whole, small = day[:3], n, 0
        if n >= SHRUNK_BELOW * whole or small >= 2:
            whole, small = n, 0
            continue
        small += 1
        yield (*day, f"the board has shrunk from {whole} to {n} entrants")
