"""Counts out of n: shares with their interval, and the exact sign test for a handful of quarters."""

from __future__ import annotations

from transforms.statistics.interval import Interval


def share(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """successes / n with the Clopper-Pearson interval (exact, never too narrow). Raises ValueError when n is 0."""
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no share")
    # Of scipy the special functions alone, and where they are needed: they take a third of a second to import, its statistics one.
    from scipy.special import betaincinv  # noqa: PLC0415

    tail = (1 - confidence) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Interval(successes / n, low, high, confidence)


def sign_test(positive: int, negative: int) -> float:
    """One-sided exact p: how often at least `positive` of the signs are plus when plus and minus are equally likely.

    Zeros are left out by the caller. Without any sign there is no evidence either way: p = 1.
    """
    from scipy.special import bdtrc  # noqa: PLC0415

    return float(bdtrc(positive - 1, positive + negative, 0.5)) if positive else 1.0
