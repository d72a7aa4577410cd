"""Breaks in a series: a change of slope at a day that is named, and a change of level at a day that is not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm, t

from transforms.statistics.interval import Interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Segments:
    """Two lines: the slopes before and from the named time on (values per unit of time), and after minus before."""

    before: Interval
    after: Interval
    change: Interval
    jump: float
    n_before: int
    n_after: int


@dataclass(frozen=True, slots=True)
class Break:
    """A change of level after observation `last` (counted from 1), with the interval of `last`, and both means."""

    last: int
    low: int
    high: int
    confidence: float
    before: float
    after: float

    @property
    def shift(self) -> float:
        return self.after - self.before


def segmented_trend(times: Sequence[float], values: Sequence[float], at: float, confidence: float = 0.9) -> Segments:
    """One least-squares line before time `at`, one from it on; their slopes, and the change, with t intervals.

    The lines need not meet: `jump` is the second at `at` less the first there. The interval of the change is
    Welch's. Residuals are taken as independent: on series of neighbouring snapshots the intervals are too narrow,
    and theil_sen with mann_kendall says more. Raises ValueError where a side has fewer than three values.
    """
    x, y = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    earlier, later = _line(x[x < at], y[x < at], at), _line(x[x >= at], y[x >= at], at)
    variances = (earlier.error**2, later.error**2)
    total = sum(variances)
    parts = sum(
        variance**2 / side.freedom for variance, side in zip(variances, (earlier, later), strict=True) if variance
    )
    freedom = total**2 / parts if parts else math.inf
    change = _interval(later.slope - earlier.slope, math.sqrt(total), freedom, confidence)
    return Segments(
        _interval(earlier.slope, earlier.error, earlier.freedom, confidence),
        _interval(later.slope, later.error, later.freedom, confidence),
        change,
        later.level - earlier.level,
        int((x < at).sum()),
        int((x >= at).sum()),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    slope: float
    error: float
    level: float
    freedom: int


def _line(x: Floats, y: Floats, at: float) -> _Line:
    if x.size < 3 or np.ptp(x) == 0:
        raise ValueError(f"a line needs at least 3 values at different times on each side of {at}, not {x.size}")
    centred = x - x.mean()
    energy = float(centred @ centred)
    slope = float(centred @ y) / energy
    residuals = y - y.mean() - slope * centred
    freedom = x.size - 2
    error = math.sqrt(float(residuals @ residuals) / freedom / energy)
    return _Line(slope, error, float(y.mean()) + slope * (at - float(x.mean())), freedom)


def _interval(estimate: float, error: float, freedom: float, confidence: float) -> Interval:
    reach = error * float(t.ppf((1 + confidence) / 2, freedom)) if error else 0.0
    return Interval(estimate, estimate - reach, estimate + reach, confidence)


def unknown_break(values: Sequence[float], confidence: float = 0.9, trim: float = 0.15) -> Break:
    """The most likely single change of level by least squares, and the interval of its place (Bai 1997).

    Neither side is shorter than `trim` of the series. The interval is L = shift^2 / variance, [last - c/L - 1,
    last + c/L + 1] with c from the distribution of the place of the maximum (11.03 for 95 %), cut at the ends
    of the series; the variance is the one around both means. It says where a break lies if there is one; whether there
    is one it does not say. Raises ValueError for a series too short to have two sides of two.
    """
    series = np.asarray(values, dtype=np.float64)
    n = series.size
    shortest = max(2, math.ceil(trim * n))
    if n < 2 * shortest:
        raise ValueError(f"{n} values do not make two sides of at least {shortest}")
    places = range(shortest, n - shortest + 1)
    last = min(places, key=lambda place: _scatter(series[:place]) + _scatter(series[place:]))
    before, after = float(series[:last].mean()), float(series[last:].mean())
    variance = (_scatter(series[:last]) + _scatter(series[last:])) / n
    reach = n if before == after else math.floor(_critical(confidence) * variance / (after - before) ** 2) + 1
    return Break(last, max(1, last - reach), min(n - 1, last + reach), confidence, before, after)


def _scatter(part: Floats) -> float:
    centred = part - part.mean()
    return float(centred @ centred)


def _critical(confidence: float) -> float:
    """c with P(|V| <= c) = confidence, V being where a two-sided Brownian motion less |v| / 2 is highest."""
    return float(brentq(lambda c: 2 * _place_of_maximum(c) - 1 - confidence, 1e-6, 200))


def _place_of_maximum(v: float) -> float:
    """P(V <= v) for v > 0: Yao's closed form. Large terms meet small ones: taken as exp of a sum of logarithms."""
    root = math.sqrt(v)
    return float(
        1
        + root / math.sqrt(2 * math.pi) * math.exp(-v / 8)
        - (v + 5) / 2 * norm.cdf(-root / 2)
        + 1.5 * math.exp(v + norm.logcdf(-1.5 * root))
    )
