"""Which days of a board are not believed: those that lost half of its entrants, by what was known when they came."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from transforms.boards.doubts import doubts

ONE, TWO, THREE, FOUR = (date(2025, 5, number) for number in range(1, 5))


def doubted(*states: tuple[date, int, int], tops: tuple[str, ...] = ()) -> list[str | None]:
    """The doubts of states (day, day of June on which it was known, entrants), in that order."""
    rows = pl.concat([
        pl.DataFrame({"source": "a", "board": "b", "category": "c", "scored_on": on, "vintage_at": datetime(2025, 6, at), "n": range(n)})
        for on, at, n in states
    ])  # fmt: skip
    found = doubts(rows, tops)
    told = {(on, at.day): doubt for on, at, doubt in found.select("scored_on", "vintage_at", "doubt").iter_rows()}
    return [told[on, at] for on, at, _ in states]


def shrunk(whole: int, n: int) -> str:
    return f"the board has shrunk from {whole} to {n} entrants"


def test_half_is_believed_and_less_is_not():
    assert doubted((ONE, 1, 100), (TWO, 2, 50), (THREE, 3, 24)) == [None, None, shrunk(50, 24)]
    assert doubted((ONE, 1, 100), (TWO, 2, 24), tops=("a",)) == [None, None]


def test_a_small_board_is_believed_from_the_third_day_on():
    days = (ONE, 1, 100), (TWO, 2, 30), (THREE, 3, 30), (FOUR, 4, 30)
    assert doubted(*days) == [None, shrunk(100, 30), shrunk(100, 30), None]


def test_a_restated_day_is_held_against_itself_and_a_whole_one_ends_the_doubt():
    assert doubted((ONE, 1, 20), (TWO, 2, 100), (TWO, 3, 30)) == [None, None, shrunk(100, 30)]
    assert doubted((ONE, 1, 100), (TWO, 2, 30), (TWO, 3, 99), (THREE, 4, 60)) == [None, shrunk(100, 30), None, None]
