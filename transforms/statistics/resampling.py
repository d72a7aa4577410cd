"""Moving-block bootstrap (Künsch 1989): an interval for statistics of series whose neighbours resemble each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from transforms.statistics.interval import Interval

Floats = NDArray[np.float64]


def moving_block_samples(
    values: Sequence[float], block: int, replications: int, generator: np.random.Generator
) -> Floats:
    """`replications` resampled series, one a row, each as long as `values` (which stand in order of time).

    Blocks of `block` neighbours are drawn with replacement from the n - block + 1 overlapping ones and
    laid end to end; the surplus of the last block is cut off. block = 1 is the ordinary bootstrap.
    Raises ValueError when there is no value, or the block does not fit into the series.
    """
    series = np.asarray(values, dtype=np.float64)
    if not 1 <= block <= series.size:
        raise ValueError(f"a block of {block} does not fit into {series.size} values")
    blocks = -(-series.size // block)
    starts = generator.integers(0, series.size - block + 1, size=(replications, blocks))
    positions = (starts[:, :, None] + np.arange(block)).reshape(replications, -1)[:, : series.size]
    samples: Floats = series[positions]
    return samples


def median_difference(
    later: Sequence[float],
    earlier: Sequence[float],
    *,
    block: int,
    seed: int,
    replications: int = 2000,
    confidence: float = 0.9,
) -> Interval:
    """median(later) - median(earlier) with a percentile interval; both series in order of time, same unit.

    The two windows are resampled on their own, in blocks no longer than the window. The same arguments give
    the same bits: the generator is PCG64 with the seed given.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    medians = [
        np.median(moving_block_samples(window, min(block, len(window)), replications, generator), axis=1)
        for window in (later, earlier)
    ]
    tail = (1 - confidence) / 2
    low, high = np.quantile(medians[0] - medians[1], [tail, 1 - tail])
    estimate = float(np.median(np.asarray(later)) - np.median(np.asarray(earlier)))
    return Interval(estimate, float(low), float(high), confidence)
