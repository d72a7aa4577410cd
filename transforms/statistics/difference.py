"""The difference of two published estimates, with an interval from theirs."""

from __future__ import annotations

from math import hypot

from transforms.statistics.interval import Interval


def gap_interval(own: Interval, other: Interval) -> Interval:
    """own - other with the interval by variance recovery (Zou and Donner 2008; for shares Newcombe's method 10).

    Takes two intervals of one confidence, of independent estimates; each may be lopsided. Narrower than the widest gap
    (`widest_gap`), because both ends rarely come true at once. Scores of one board are fitted together and neighbours
    on it move together, so independence is cautious. Raises ValueError for two confidences.
    """
    estimate = own.estimate - other.estimate
    below = hypot(own.estimate - own.low, other.high - other.estimate)
    above = hypot(own.high - own.estimate, other.estimate - other.low)
    return Interval(estimate, estimate - below, estimate + above, _shared(own, other))


def widest_gap(own: Interval, other: Interval) -> Interval:
    """own - other between the ends that the two intervals allow at most: what openai_lead gives as gap_low, gap_high."""
    return Interval(own.estimate - other.estimate, own.low - other.high, own.high - other.low, _shared(own, other))


def _shared(own: Interval, other: Interval) -> float:
    if own.confidence != other.confidence:
        raise ValueError(f"intervals of {own.confidence} and {other.confidence} do not go together")
    return own.confidence
