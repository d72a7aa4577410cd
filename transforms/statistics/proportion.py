"""Counts out of n: shares with their interval, and the exact sign test for a handful of quarters."""

from __future__ import annotations

from scipy.stats import binom, binomtest

from transforms.statistics.interval import Interval


def share(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """successes / n with the Clopper-Pearson interval (exact, never too narrow). Raises ValueError when n is 0."""
    ends = binomtest(successes, n).proportion_ci(confidence_level=confidence, method="exact")
    return Interval(successes / n, float(ends.low), float(ends.high), confidence)


def sign_test(positive: int, negative: int) -> float:
    """One-sided exact p: how often at least `positive` of the signs are plus when plus and minus are equally likely.

    Zeros are left out by the caller. Without any sign there is no evidence either way: p = 1.
    """
    return float(binom.sf(positive - 1, positive + negative, 0.5))
