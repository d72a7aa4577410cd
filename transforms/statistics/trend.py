"""Monotone trend in a short series: Theil-Sen slope, Mann-Kendall test, and its correction for autocorrelation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau, norm, rankdata, theilslopes

from transforms.statistics.interval import Interval

Floats = NDArray[np.float64]

# Below this the normal approximation of Mann-Kendall and any estimate of autocorrelation are too rough.
SMALL = 10


@dataclass(frozen=True, slots=True)
class Trend:
    """A Mann-Kendall test: score S, two-sided p, and the factor by which the variance was corrected (1: not)."""

    score: int
    p: float
    n: int
    variance_factor: float


def theil_sen(times: Sequence[float], values: Sequence[float], confidence: float = 0.9) -> Interval:
    """Median of the slopes of all pairs, in units of `values` per unit of `times` (Sen 1968), with Sen's interval."""
    slope, _, low, high = theilslopes(values, times, alpha=confidence)
    return Interval(float(slope), float(low), float(high), confidence)


def mann_kendall(values: Sequence[float]) -> Trend:
    """Two-sided test for a monotone trend of `values` in order of time. Raises ValueError below three values.

    Up to SMALL values without ties the p is exact; above, it follows Hamed and Rao (1998): the variance of the
    score is multiplied by a factor from the significant autocorrelations of the detrended ranks. Where these are
    so negative that the factor is not positive, the plain variance stands, which errs towards "no trend".
    """
    series = np.asarray(values, dtype=np.float64)
    if series.size < 3:
        raise ValueError(f"a trend needs at least 3 values, not {series.size}")
    score = _score(series)
    if series.size <= SMALL and np.unique(series).size == series.size:
        exact = kendalltau(np.arange(series.size), series, method="exact")
        return Trend(score, float(exact.pvalue), series.size, 1.0)
    factor = hamed_rao_factor(series) if series.size > SMALL else 1.0
    factor = factor if factor > 0 else 1.0
    deviation = math.sqrt(_variance(series) * factor)
    z = (score - np.sign(score)) / deviation if deviation else 0.0
    return Trend(score, float(2 * norm.sf(abs(z))), series.size, factor)


def hamed_rao_factor(series: Floats) -> float:
    """n / n*: one plus the weighted sum of those rank autocorrelations that are significant at 95 %."""
    n = series.size
    slope = theilslopes(series, np.arange(n)).slope
    ranks = rankdata(series - slope * np.arange(n))
    centred = ranks - ranks.mean()
    energy = float(centred @ centred)
    if not energy:  # a perfect line leaves nothing to correlate
        return 1.0
    lags = np.arange(1, n)
    correlations = np.array([centred[:-lag] @ centred[lag:] for lag in lags]) / energy
    significant = np.abs(correlations) > norm.ppf(0.975) / math.sqrt(n)
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    return float(1 + 2 / (n * (n - 1) * (n - 2)) * (weights * correlations)[significant].sum())


def _score(series: Floats) -> int:
    return int(np.sign(series[None, :] - series[:, None])[np.triu_indices(series.size, 1)].sum())


def _variance(series: Floats) -> float:
    n = series.size
    _, ties = np.unique(series, return_counts=True)
    return float((n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18)
