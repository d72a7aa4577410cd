"""The statistics against published and textbook values, never against their own output."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import norm

from transforms.statistics.proportion import share, sign_test
from transforms.statistics.resampling import median_difference, moving_block_samples
from transforms.statistics.trend import hamed_rao_factor, mann_kendall, theil_sen

# Hollander and Wolfe, Nonparametric Statistical Methods, Example 9.1: the effect of cloud seeding over five years.
CLOUD_SEEDING = [1.26, 1.27, 1.12, 1.16, 1.03]

# Efron and Tibshirani, An Introduction to the Bootstrap, Table 2.1: survival of seven treated mice, in days.
MICE = [94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0]

# Annual flow of the Nile at Aswan 1871-1970 (10^8 m3), as printed by Cobb (1978).
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


def test_theil_slope_of_the_cloud_seeding_example_is_the_published_one() -> None:
    # Published: -0.056; by hand the two middle slopes of ten are -0.0575 and -0.0550.
    assert theil_sen([1, 2, 3, 4, 5], CLOUD_SEEDING).estimate == pytest.approx(-0.05625, abs=1e-12)


def test_exact_mann_kendall_of_the_cloud_seeding_example_is_the_published_one() -> None:
    trend = mann_kendall(CLOUD_SEEDING)
    assert trend.score == -6  # published K
    assert trend.p == pytest.approx(2 * 0.117, abs=0.001)  # published one-sided P(K >= 6) = .117 for n = 5


def test_mann_kendall_with_ties_uses_the_tie_corrected_variance() -> None:
    # By hand: S = 4 of the six pairs of 1 1 2 2, variance (4*3*13 - 2*(2*1*9))/18 = 120/18; z = 3/2.5820 = 1.1619.
    trend = mann_kendall([1.0, 1.0, 2.0, 2.0])
    assert trend.score == 4
    assert trend.p == pytest.approx(2 * norm.sf(1.1619), abs=1e-4)


def test_hamed_rao_agrees_with_an_independent_implementation_on_the_nile() -> None:
    reference = pytest.importorskip("pymannkendall")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = reference.hamed_rao_modification_test(NILE)
    ours = mann_kendall([float(flow) for flow in NILE])
    assert ours.score == expected.s
    assert ours.p == pytest.approx(expected.p, rel=1e-9)
    assert ours.variance_factor > 1.5  # the Nile's level shift makes neighbours alike


def test_negative_autocorrelation_never_makes_the_variance_vanish() -> None:
    saw = [1.0, 3, 2, 5, 4, 7, 6, 9, 8, 12, 10, 11]
    assert hamed_rao_factor(np.array(saw)) <= 0  # the case in which a square root of a negative number lurks
    trend = mann_kendall(saw)
    assert trend.variance_factor == 1.0
    # By hand: 66 pairs, 6 of them discordant (3>2, 5>4, 7>6, 9>8, 12>10, 12>11): S = 54.
    assert trend.score == 54
    assert trend.p == pytest.approx(2 * norm.sf(53 / np.sqrt(12 * 11 * 29 / 18)), rel=1e-12)


def test_flat_and_straight_series_give_plain_answers() -> None:
    assert mann_kendall([5.0] * 12).p == 1.0
    straight = mann_kendall([float(step) for step in range(12)])
    assert (straight.score, straight.variance_factor) == (66, 1.0)
    with pytest.raises(ValueError, match="at least 3"):
        mann_kendall([1.0, 2.0])


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
