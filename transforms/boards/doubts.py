"""Days of a board that should not be believed: a copy that lost half of its entrants since the one before.

Boards drop old entrants now and then, by some per cent. A copy with fewer than half of the entrants of the last whole
one has most likely broken off, and the leader may be among those that are missing. A copy is compared with what was
known when it came: with what its own day had shown before, else with the newest day before it that was believed.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from datetime import date

import polars as pl

SHRUNK_BELOW = 0.5
BELIEVED_FROM = 2  # so many small days just before make a small board: it is believed from the third on
BOARD = ("source", "board", "category")
DAY = (*BOARD, "scored_on", "vintage_at")


def doubts(rows: pl.DataFrame, tops: Collection[str] = (), before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Each state of each day of `rows` (source, board, category, scored_on, vintage_at) with `doubt`: why not, or NULL.

    `tops` are sources that copy only the top of a board, which may be of any length. first_seen_at is the latest.
    `before`: of boards that are gone on with each source's newest day, which is believed (source, board, category, scored_on, n
    entrants); every day of `rows` is later.
    """
    seen = pl.col("first_seen_at").max() if "first_seen_at" in rows.columns else pl.lit(None).alias("first_seen_at")
    days = rows.group_by(DAY).agg(seen, n=pl.len()).sort(*BOARD, "vintage_at", "scored_on")
    judged = days.filter(~pl.col("source").is_in(list(tops)))
    held = (
        {tuple(key): (on, n) for *key, on, n in before.select(*BOARD, "scored_on", "n").iter_rows()}
        if before is not None
        else {}
    )
    said = [
        (*key, *line)
        for key, board in judged.group_by(BOARD, maintain_order=True)
        for line in _shrunk(board, held.get(key))
    ]
    schema = {name: rows.schema[name] for name in DAY} | {"doubt": pl.String}
    return days.drop("n").join(pl.DataFrame(said, orient="row", schema=schema), on=DAY, how="left").sort(DAY)


def _shrunk(board: pl.DataFrame, before: tuple[date, int] | None = None) -> Iterator[tuple[object, ...]]:
    """(scored_on, vintage_at, doubt) of the doubtful states of one board, from its states in the order they were known."""
    days: list[date] = [before[0]] if before else []
    # day -> how many entrants it has, and whether that is believed
    state: dict[date, tuple[int, bool]] = {before[0]: (before[1], True)} if before else {}
    for on, at, n in board.select("scored_on", "vintage_at", "n").iter_rows():
        whole, small = _expected(days, state, on)
        believed = n >= SHRUNK_BELOW * whole or small >= BELIEVED_FROM
        if not believed:
            yield on, at, f"the board has shrunk from {whole} to {n} entrants"
        if on not in state:
            insort(days, on)
        state[on] = (n, believed)


def _expected(days: list[date], state: dict[date, tuple[int, bool]], on: date) -> tuple[int, int]:
    """How many entrants the last believed state had, and how many days just before `on` were not believed."""
    if state.get(on, (0, False))[1]:
        return state[on][0], 0
    small = 0
    for day in reversed(days[: bisect_left(days, on)]):
        n, believed = state[day]
        if believed:
            return n, small
        small += 1
    return 0, small
