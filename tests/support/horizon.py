"""The lead in time: how long ago the one that leads stood where the other stands now (Epoch's horizontal distance)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from transforms.statistics.interval import Interval

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class TimeLead:
    """Months by which own leads on the last day (negative: by which it is behind), with the interval; open: at least."""

    months: Interval
    open: bool


def horizontal_lead(days: Sequence[date], own: Sequence[Interval], other: Sequence[Interval]) -> TimeLead:
    """The lead in time on the last of `days` (in order), from the best of both sides on each, on one scale.

    Ahead: the time since own first had what the other has now. Behind: minus the time since the other first had what
    own has now. The interval takes both sides at their unfavourable and at their favourable ends throughout, as
    the mart does. `open` says that the first day already had it, so that the distance may be longer. The mart
    openai_lead computes the same in SQL. Raises ValueError without days, or for series of other lengths.
    """
    if not days or not len(days) == len(own) == len(other):
        raise ValueError(f"{len(days)} days, {len(own)} and {len(other)} scores do not make a series")
    months, is_open = _months(days, [one.estimate for one in own], [one.estimate for one in other])
    low, _ = _months(days, [one.low for one in own], [one.high for one in other])
    high, _ = _months(days, [one.high for one in own], [one.low for one in other])
    return TimeLead(Interval(months, low, high, own[-1].confidence), is_open)


def _months(days: Sequence[date], own: Sequence[float], other: Sequence[float]) -> tuple[float, bool]:
    ahead = own[-1] >= other[-1]
    leading, level = (own, other[-1]) if ahead else (other, own[-1])
    since = next(day for day, score in zip(days, leading, strict=True) if score >= level)
    months = (days[-1] - since).days / DAYS_A_MONTH
    return (months if ahead else -months), own[-1] != other[-1] and since == days[0]
