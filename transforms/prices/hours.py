"""Hours of the week in which a price holds: windows as lists state them, as text and as a count of hours.

Minutes are those of UTC. Windows of several days are written day group by day group: `01:00-04:00, 06:00-10:00` on
`Mon-Fri`; where groups differ both texts have the same number of parts, divided by `;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

DAY = 1440
WEEK = range(1, 8)
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = r"\s*([01]?[0-9]|2[0-4]):([0-5][0-9])(?::00)?\s*"
_WINDOW = re.compile(f"{_CLOCK}-{_CLOCK}")

Minutes = dict[int, frozenset[int]]  # weekday (1 Monday) -> minutes of the day


class Hours(NamedTuple):
    """`hours_utc` and `weekdays` as a row states them (weekdays None: every day)."""

    hours_utc: str | None
    weekdays: str | None


def minutes_of(windows: Iterable[tuple[str, Iterable[int]]]) -> Minutes | None:
    """The minutes of `HH:MM-HH:MM` windows on their weekdays; None where one is unreadable.

    A window that ends at 00:00 ends with its day; one that ends before it begins goes on into the same day's morning.
    """
    found: dict[int, set[int]] = {day: set() for day in WEEK}
    for text, days in windows:
        match = _WINDOW.fullmatch(text)
        if match is None or not set(days) <= set(WEEK):
            return None
        first, last = (int(match[part]) * 60 + int(match[part + 1]) for part in (1, 3))
        if max(first, last) > DAY:
            return None
        held = set(range(first, last)) if first < last else {*range(first, DAY), *range(last)}
        for day in days:
            found[day] |= held
    return {day: frozenset(held) for day, held in found.items()}


def rest_of(minutes: Minutes) -> Minutes:
    """Every other minute of the week."""
    return {day: frozenset(range(DAY)) - minutes[day] for day in WEEK}


def stated(minutes: Minutes) -> Hours:
    """The same as text."""
    by_hours: dict[str, list[int]] = {}
    for day in WEEK:
        if minutes[day]:
            by_hours.setdefault(_windows(minutes[day]), []).append(day)
    if not by_hours:
        return Hours(None, None)
    if len(by_hours) == 1 and len(next(iter(by_hours.values()))) == len(WEEK):
        return Hours(next(iter(by_hours)), None)
    return Hours("; ".join(by_hours), "; ".join(map(_days, by_hours.values())))


def hours_a_week(minutes: Minutes) -> float:
    """Hours of the week, of 168."""
    return sum(map(len, minutes.values())) / 60


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    ordered = sorted(numbers)
    runs = []
    for _, run in groupby(enumerate(ordered), lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        runs.append((members[0], members[-1]))
    return runs


def _windows(minutes: frozenset[int]) -> str:
    return ", ".join(f"{_clock(first)}-{_clock(last + 1)}" for first, last in _runs(minutes))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(days: list[int]) -> str:
    runs = _runs(days)
    return ",".join(
        _NAMES[first - 1] if first == last else f"{_NAMES[first - 1]}-{_NAMES[last - 1]}" for first, last in runs
    )
