"""The statistics against published and textbook values, never against their own output."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from transforms.statistics.breaks import _critical, segmented_trend, unknown_break
from transforms.statistics.difference import gap_interval, widest_gap
from transforms.statistics.horizon import horizontal_lead
from transforms.statistics.interval import Interval
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


def test_the_factor_of_hamed_and_rao_by_hand() -> None:
    # Three low, six high, three low: no slope, and the ranks lie 3 below and above their mean. Of 11 neighbours 2 differ:
    # r(1) = (9 - 2) / 12, above 1.96 / sqrt(12) = 0.566; the next, r(6) = -6 / 12, is not. By their formula the factor is
    # 1 + 2 / (12 * 11 * 10) * 11 * 10 * 9 * 7 / 12 = 1.875.
    hill = [0.0] * 3 + [1.0] * 6 + [0.0] * 3
    assert hamed_rao_factor(np.array(hill)) == pytest.approx(1.875, abs=1e-12)
    found = mann_kendall(hill)
    assert (found.score, found.variance_factor) == (0, pytest.approx(1.875, abs=1e-12))


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


# NIST StRD, linear regression, data set Norris: certified values of the slope and its standard deviation.
NORRIS_X = [
    0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6, 775.5, 666.9, 338.0, 447.5,
    11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8, 339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1,
    448.9, 0.5,
]  # fmt: skip
NORRIS_Y = [
    0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1, 778.1, 668.8, 339.3, 448.9,
    10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6, 339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4,
    449.2, 0.2,
]  # fmt: skip
NORRIS_SLOPE, NORRIS_ERROR, NORRIS_LEVEL = 1.00211681802045, 0.429796848199937e-03, -0.262323073774029


def test_both_lines_of_a_segmented_trend_are_the_certified_one() -> None:
    """The data set on either side of a named time: each side has the certified line, so nothing changes."""
    shifted = [*(x - 2000 for x in NORRIS_X), *NORRIS_X]
    found = segmented_trend(shifted, [*NORRIS_Y, *NORRIS_Y], at=0.0, confidence=0.95)
    assert (found.n_before, found.n_after) == (36, 36)
    for side in (found.before, found.after):
        assert side.estimate == pytest.approx(NORRIS_SLOPE, abs=1e-12)
        assert side.high - side.estimate == pytest.approx(student.ppf(0.975, 34) * NORRIS_ERROR, rel=1e-9)
    assert found.change.estimate == pytest.approx(0, abs=1e-12)
    # Welch: two equal errors of 34 degrees of freedom make 68.
    reach = student.ppf(0.975, 68) * NORRIS_ERROR * np.sqrt(2)
    assert found.change.high == pytest.approx(reach, rel=1e-6)
    # The second line at 0 is the certified level; the first is 2000 slopes above it.
    assert found.jump == pytest.approx(-2000 * NORRIS_SLOPE, rel=1e-9)


def test_a_segmented_trend_by_hand() -> None:
    # Before: 0, 1, 2 (slope 1). From 3 on: 5, 4, 3 (slope -1). The first line is 3 at the named time, the second 5.
    found = segmented_trend([0, 1, 2, 3, 4, 5], [0, 1, 2, 5, 4, 3], at=3)
    assert (found.before.estimate, found.after.estimate, found.change.estimate, found.jump) == (1, -1, -2, 2)
    assert (found.change.low, found.change.high) == (-2, -2)  # on the lines exactly: no error at all
    with pytest.raises(ValueError, match="at least 3"):
        segmented_trend([0, 1, 2, 3], [0, 1, 2, 3], at=2)


def test_the_break_of_the_nile_is_the_published_one() -> None:
    # Cobb (1978) and everyone since: the level falls after 1898, the 28th year, from 1098 to 850.
    found = unknown_break([float(flow) for flow in NILE], confidence=0.95)
    assert 1870 + found.last == 1898
    assert (found.before, found.after) == (pytest.approx(1097.75), pytest.approx(849.9722, abs=1e-4))
    assert found.shift == pytest.approx(-247.78, abs=0.01)
    # By hand (Bai 1997): variance 15,974.6 around the two means, L = 247.78^2 / 15,974.6 = 3.843, 11.03 / L = 2.87.
    assert (1870 + found.low, 1870 + found.high) == (1895, 1901)


@pytest.mark.parametrize(("confidence", "published"), [(0.90, 7.7), (0.95, 11.0)])
def test_critical_values_of_the_place_of_a_break_are_the_published_ones(confidence: float, published: float) -> None:
    """Bai (1997), the table used by everyone for a mean shift: 7.7 and 11.0."""
    assert _critical(confidence) == pytest.approx(published, abs=0.05)


def test_a_clean_step_is_found_where_it_is_and_a_flat_series_says_nothing() -> None:
    step = unknown_break([1.0, 1.1, 0.9, 1.0, 5.0, 5.1, 4.9, 5.0])
    assert (step.last, step.low, step.high) == (4, 3, 5)
    flat = unknown_break([2.0] * 10)
    assert (flat.low, flat.high) == (1, 9)
    with pytest.raises(ValueError, match="two sides"):
        unknown_break([1.0, 2.0, 3.0])


def wilson(successes: int, n: int) -> Interval:
    ends = binomtest(successes, n).proportion_ci(0.95, method="wilson")
    return Interval(successes / n, float(ends.low), float(ends.high), 0.95)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0000)],
)
def test_the_gap_interval_is_newcombes(first: Any, second: Any, low: float, high: float) -> None:
    """Newcombe (1998), Interval estimation for the difference between independent proportions, Table II, method 10."""
    found = gap_interval(wilson(*first), wilson(*second))
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_widest_gap_holds_the_recovered_one() -> None:
    own, other = Interval(1377, 1372, 1382, 0.95), Interval(1403, 1397, 1409, 0.95)
    wide, narrow = widest_gap(own, other), gap_interval(own, other)
    assert (wide.low, wide.high) == (-37, -15)
    # By hand: sqrt(5^2 + 6^2) = 7.81.
    assert (narrow.low, narrow.high) == (pytest.approx(-33.81, abs=0.005), pytest.approx(-18.19, abs=0.005))
    with pytest.raises(ValueError, match="do not go together"):
        gap_interval(own, Interval(1, 0, 2, 0.9))


def scores(*numbers: float, width: float = 0.0) -> list[Interval]:
    return [Interval(number, number - width, number + width, 0.95) for number in numbers]


def test_the_lead_in_time_by_hand() -> None:
    days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)]
    # Own has 1300 now; the others have had it since 1 February: 59 days behind.
    behind = horizontal_lead(days, scores(1250, 1260, 1270, 1300), scores(1290, 1310, 1320, 1330))
    assert behind.months.estimate == pytest.approx(-59 / 30.4375)
    assert behind.open is False
    # The same from the other side: the others are 59 days ahead of 1300 and own reached nothing of it.
    ahead = horizontal_lead(days, scores(1290, 1310, 1320, 1330), scores(1250, 1260, 1270, 1300))
    assert ahead.months.estimate == pytest.approx(59 / 30.4375)
    # What the first day already had may have been there for longer.
    assert horizontal_lead(days, scores(1250, 1250, 1250, 1250), scores(1290, 1290, 1290, 1290)).open is True
    level = horizontal_lead(days[:1], scores(1300), scores(1300))
    assert (level.months.estimate, level.open) == (0, False)


def test_the_interval_of_the_lead_in_time_by_hand() -> None:
    days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)]
    own, other = scores(1250, 1260, 1270, 1300, width=10), scores(1290, 1310, 1320, 1330, width=10)
    found = horizontal_lead(days, own, other)
    # Low: own at 1290 against the others at 1300, 1320, ...: since 1 January. High: 1310 against 1280, 1300, 1310: March.
    assert found.months.low == pytest.approx(-90 / 30.4375)
    assert found.months.high == pytest.approx(-31 / 30.4375)
    with pytest.raises(ValueError, match="do not make a series"):
        horizontal_lead(days, own, other[:2])
