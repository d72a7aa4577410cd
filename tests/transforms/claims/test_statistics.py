"""The statistics against published and textbook values, never against their own output."""

from __future__ import annotations

import numpy as np
import pytest

from transforms.statistics.proportion import share, sign_test
from transforms.statistics.resampling import median_difference, moving_block_samples

# Hollander and Wolfe, Nonparametric Statistical Methods, Example 9.1: the effect of cloud seeding over five years.
CLOUD_SEEDING = [1.26, 1.27, 1.12, 1.16, 1.03]

# Efron and Tibshirani, An Introduction to the Bootstrap, Table 2.1: survival of seven treated mice, in days.
MICE = [94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0]


def test_bootstrap_standard_error_of_the_median_is_the_published_one() -> None:
    # Efron and Tibshirani, Table 2.2: ideal bootstrap standard error 37.83 for the median, 23.36 for the mean.
    samples = moving_block_samples(MICE, 1, 40_000, np.random.Generator(np.random.PCG64(1)))
    assert np.median(samples, axis=1).std() == pytest.approx(37.83, rel=0.01)
    assert samples.mean(axis=1).std() == pytest.approx(23.36, rel=0.01)


def test_blocks_keep_neighbours_together() -> None:
    samples = moving_block_samples([0.0, 1, 2, 3, 4, 5], 3, 200, np.random.Generator(np.random.PCG64(1)))
    steps = np.diff(samples, axis=1)
    assert samples.shape == (200, 6)
    assert (np.delete(steps, 2, axis=1) == 1).all()
    with pytest.raises(ValueError, match="does not fit"):
        moving_block_samples([1.0], 2, 10, np.random.Generator(np.random.PCG64(1)))


def test_the_error_of_the_mean_by_blocks_is_kuenschs() -> None:
    # Kuensch (1989): of n = 6 values in blocks of 3 the mean is that of two block means drawn at random. They are 1, 2, 3
    # and 4: variance 1.25, so its standard error is sqrt(1.25 / 2); in blocks of 1 it would be sqrt(35 / 12 / 6) = 0.697.
    samples = moving_block_samples([0.0, 1, 2, 3, 4, 5], 3, 40_000, np.random.Generator(np.random.PCG64(1)))
    assert samples.mean(axis=1).std() == pytest.approx(np.sqrt(1.25 / 2), rel=0.01)


def test_a_block_as_long_as_the_window_can_only_repeat_it() -> None:
    interval = median_difference([1.0, 2, 3], [10.0, 20, 60], block=3, seed=7)
    assert (interval.estimate, interval.low, interval.high) == (-18.0, -18.0, -18.0)


def test_median_difference_repeats_bit_for_bit_and_follows_its_seed() -> None:
    def interval(seed: int) -> tuple[float, float]:
        found = median_difference(MICE, CLOUD_SEEDING, block=2, seed=seed, replications=500)
        return found.low, found.high

    assert interval(3) == interval(3)
    assert len({interval(seed) for seed in range(8)}) > 1


def test_median_difference_percentiles_are_those_of_three_values() -> None:
    # Of 27 ordinary resamples of (0, 1, 5) the median is 0 in 7, 1 in 13 and 5 in 7 (Efron's counting), so the
    # 25.9 % tails lie outside a 40 % interval and inside a 90 % one.
    wide = median_difference([0.0, 1, 5], [0.0], block=1, seed=1, confidence=0.9)
    narrow = median_difference([0.0, 1, 5], [0.0], block=1, seed=1, confidence=0.4)
    assert (wide.low, wide.high) == (0.0, 5.0)
    assert (narrow.low, narrow.high) == (1.0, 1.0)
    assert wide.contains(0.0)
    assert not narrow.contains(0.0)


def test_share_is_newcombes_exact_interval() -> None:
    # Newcombe (1998), Table I, method 5 (Clopper-Pearson): 81 of 263 and 0 of 20.
    found = share(81, 263)
    assert found.low == pytest.approx(0.2527, abs=5e-5)
    assert found.high == pytest.approx(0.3676, abs=5e-5)
    assert share(0, 20).high == pytest.approx(0.1684, abs=5e-5)


def test_sign_test_counts_coins() -> None:
    assert sign_test(4, 0) == pytest.approx(1 / 16)
    assert sign_test(8, 2) == pytest.approx(56 / 1024)  # (45 + 10 + 1) of 1024 ways
    assert sign_test(0, 0) == 1.0
