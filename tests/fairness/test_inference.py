"""Intervals cover as often as they say, tests reject as rarely, and both agree with plain sums."""

from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, kstest

from fairprune.fairness.clusters import connected, effective_number, units_of
from fairprune.fairness.comparing.correction import benjamini_hochberg, holm
from fairprune.fairness.comparing.permutation import mcnemar_p_value, swap_p_values
from fairprune.fairness.inference import interval, percentile_interval, resample_counts, wilson
from fairprune.fairness.metrics.sof import deviations
from fairprune.fairness.shares import Terms, mean_over_groups

SIMULATIONS = 1000


def covered(low, high, truth):
    return ((low <= truth) & (truth <= high)).mean()


def test_bootstrap_interval_covers():
    """1,000 sets of 100 inputs, a skewed value in each: UER where one share of two is short."""
    generator = np.random.default_rng(1)
    values = np.maximum(generator.normal(0.1, 0.2, (SIMULATIONS, 100)), 0) / 2
    truth = np.maximum(np.random.default_rng(2).normal(0.1, 0.2, 4_000_000), 0).mean() / 2
    counts = resample_counts(np.arange(100), seed=3)
    assert 0.93 <= covered(*percentile_interval(counts @ values.T / 100, 100), truth) <= 0.97


def test_bootstrap_over_clusters_covers_where_inputs_hang_together():
    """60 clusters of 3 inputs with a common part; taking inputs as independent would fail."""
    generator = np.random.default_rng(4)
    common = generator.normal(0, 1, (SIMULATIONS, 60))
    values = np.repeat(common, 3, axis=1) + generator.normal(0, 0.5, (SIMULATIONS, 180))
    units = np.repeat(np.arange(60), 3)
    low, high = percentile_interval(resample_counts(units, seed=5) @ values.T / 180, 60)
    assert 0.93 <= covered(low, high, 0) <= 0.97
    low, high = percentile_interval(resample_counts(np.arange(180), seed=5) @ values.T / 180, 180)
    assert covered(low, high, 0) < 0.8


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_wilson_interval_covers(share):
    generator = np.random.default_rng(6)
    units = np.arange(120)
    samples = generator.random((SIMULATIONS, 120)) < share
    bounds = np.array([wilson(sample.astype(float), units) for sample in samples])
    assert 0.93 <= covered(*bounds.T, share) <= 0.97


def test_wilson_interval_covers_over_clusters():
    """80 clusters of 3 inputs of which two agree with the first three times out of four."""
    generator = np.random.default_rng(7)
    units = np.repeat(np.arange(80), 3)
    bounds = []
    for _ in range(SIMULATIONS):
        first = generator.random(80) < 0.4
        own = generator.random((80, 3)) < 0.4
        copied = generator.random((80, 3)) < 0.75
        values = np.where(copied, first[:, None], own).astype(float).ravel()
        bounds.append(wilson(values, units))
    assert 0.93 <= covered(*np.array(bounds).T, 0.4) <= 0.97


def test_wilson_by_hand():
    z, n, p = 1.959963984540054, 10, 0.3
    values = np.array([1.0] * 3 + [0.0] * 7)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    assert wilson(values, np.arange(10)) == pytest.approx((centre - half, centre + half))
    interval = binomtest(3, 10).proportion_ci(method="wilson")
    assert wilson(values, np.arange(10)) == pytest.approx((interval.low, interval.high))


def test_wilson_counts_units_once_where_nothing_varies():
    low, high = wilson(np.zeros(12), np.repeat(np.arange(4), 3))
    assert low == 0
    assert high == pytest.approx(binomtest(0, 4).proportion_ci(method="wilson").high)
    assert np.isnan(wilson(np.zeros(0), np.zeros(0, int))).all()


def test_resamples_depend_on_units_and_seed_alone():
    units = np.array([0, 0, 1, 2])
    counts = resample_counts(units, 9, 50)
    assert (counts == resample_counts(units, 9, 50)).all()
    assert (counts != resample_counts(units, 8, 50)).any()
    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 1:].sum(axis=1) == 3).all()


SPREAD = {"parts": deviations, "size": mean_over_groups}


def mean_deviation(means):
    return np.abs(means - means.mean(axis=-1, keepdims=True)).mean(axis=-1)


@pytest.mark.parametrize("truth", [0.0, 0.02, 0.2])
@pytest.mark.parametrize("groups", [2, 3])
def test_interval_of_absolute_values_covers_zero_too(truth, groups):
    """Second-order fairness: the groups' u are equal, or the first is `truth` above the others."""
    generator = np.random.default_rng(15)
    counts = resample_counts(np.arange(60), seed=16)
    expected = mean_deviation(np.array([truth] + [0.0] * (groups - 1)))
    hits = []
    for _ in range(400):
        values = generator.normal(0, 0.2, (60, groups))
        values[:, 0] += truth
        low, high = interval(Terms.of(values, **SPREAD), counts, np.arange(60))
        hits.append(low - 1e-12 <= expected <= high)
    assert np.mean(hits) >= 0.93


def test_interval_of_an_undefined_metric_is_none():
    nothing = Terms.of(np.full((4, 2), np.nan), **SPREAD)
    counts = resample_counts(np.arange(4), seed=1)
    assert np.isnan(interval(nothing, counts, np.arange(4))).all()
    assert np.isnan(interval(Terms.of(np.ones(4)), counts, np.zeros(4, int))).all()


@pytest.mark.parametrize("number", [8, 20, 60])
def test_percentiles_of_few_units_reach_further(number):
    generator = np.random.default_rng(17)
    values = generator.normal(0, 1, (1000, number))
    counts = resample_counts(np.arange(number), seed=18)
    low, high = percentile_interval(counts @ values.T / number, number)
    assert 0.93 <= covered(low, high, 0) <= 0.975


def test_connected_inputs():
    inputs = [["a", "b"], ["c"], ["d", "b"], ["e"], ["c", "f"], ["d"]]
    assert connected(inputs).tolist() == [0, 1, 0, 2, 1, 0]
    assert effective_number(np.array([0, 0, 1, 1])) == 2


def test_clusters_are_units_where_they_are_enough():
    """Six clusters of two; five, however many inputs they hold, are a pool."""
    six = [[f"{n}"] for n in range(6)] * 2
    found = units_of(six)
    assert (found.numbers.tolist(), found.pool, found.clusters) == (
        [0, 1, 2, 3, 4, 5] * 2,
        False,
        6,
    )
    pool = units_of([[f"{n}"] for n in range(5)] * 4)
    assert (pool.numbers.tolist(), pool.pool, pool.clusters) == (list(range(20)), True, 5)


def test_few_independent_inputs_are_no_pool():
    found = units_of([["a"], ["b"], ["c"]])
    assert (found.numbers.tolist(), found.pool) == ([0, 1, 2], False)


@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=3), min_size=1, max_size=12))
def test_connected_is_the_transitive_closure(drawn):
    inputs = [set(map(str, one)) for one in drawn]
    n = len(inputs)
    reach = np.array([[bool(a & b) for b in inputs] for a in inputs])
    for _ in range(n):
        reach = reach @ reach
    numbers = connected([sorted(one) for one in inputs])
    assert (reach == (numbers[:, None] == numbers)).all()


def plain_p(first, second, units, metric):
    """All swaps, one after the other, the metric computed from scratch."""
    names = sorted(set(units))
    seen = abs(metric(second) - metric(first))
    extreme = 0
    for swaps in product([False, True], repeat=len(names)):
        swapped = np.array([swaps[names.index(unit)] for unit in units])[:, None]
        one, two = np.where(swapped, second, first), np.where(swapped, first, second)
        extreme += abs(metric(two) - metric(one)) >= seen - 1e-12
    return extreme / 2 ** len(names)


@pytest.mark.parametrize("units", [range(8), [0, 0, 1, 1, 2, 3, 4, 5]])
def test_swaps_against_plain_enumeration(units):
    generator = np.random.default_rng(11)
    first, second = generator.random((2, 8, 2))
    units = np.array(units)
    pairs = [
        (Terms.of(first[:, 0]), Terms.of(second[:, 0])),
        (Terms.of(first, **SPREAD), Terms.of(second, **SPREAD)),
    ]
    plain = [
        plain_p(first[:, :1], second[:, :1], units, lambda x: x.mean()),
        plain_p(first, second, units, lambda x: mean_deviation(x.mean(axis=0))),
    ]
    assert swap_p_values(pairs, units, seed=1) == pytest.approx(plain)


def test_random_swaps_are_near_all_swaps():
    """18 units are too many to enumerate; 16 that differ and 2 that do not are not."""
    generator = np.random.default_rng(12)
    first = generator.random(18)
    second = first + generator.normal(0.05, 0.15, 18)
    (random,) = swap_p_values([(Terms.of(first), Terms.of(second))], np.arange(18), seed=1)
    apart = second - first
    signs = 1 - 2 * (np.arange(2**18)[:, None] >> np.arange(18) & 1)
    exact = (np.abs(signs @ apart) >= abs(apart.sum()) - 1e-12).mean()
    assert random == pytest.approx(exact, abs=4 * sqrt(exact * (1 - exact) / 100_000))
    second[16:] = first[16:]
    (exact_16,) = swap_p_values([(Terms.of(first), Terms.of(second))], np.arange(18), seed=1)
    assert exact_16 * 2**16 == pytest.approx(round(exact_16 * 2**16))


def test_swaps_of_one_unit_move_together():
    """One unit can only be swapped or not: every difference is as large as the one seen."""
    first, second = np.random.default_rng(3).random((2, 6))
    terms = Terms.of(first), Terms.of(second)
    assert swap_p_values([terms], np.zeros(6, int), seed=1) == [1.0]


def test_equal_outputs_have_p_one_and_undefined_metrics_none():
    values = np.random.default_rng(3).random(6)
    nothing = Terms.of(np.full(6, np.nan))
    p = swap_p_values(
        [(Terms.of(values), Terms.of(values)), (nothing, nothing)], np.arange(6), seed=1
    )
    assert p[0] == 1.0
    assert np.isnan(p[1])
    assert np.isnan(swap_p_values([(nothing, nothing)], np.arange(6), seed=1)).all()


def test_p_is_uniform_under_the_null():
    """300 pairs of models that are the same in truth, 14 inputs each, all swaps."""
    generator = np.random.default_rng(13)
    found = [
        swap_p_values([tuple(map(Terms.of, generator.random((2, 14))))], np.arange(14), seed=1)[0]
        for _ in range(300)
    ]
    assert kstest(found, "uniform").pvalue > 0.01
    assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.08


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 5))
def test_mcnemar_is_the_binomial_test(wins, losses, ties):
    first = np.array([1.0] * wins + [0.0] * losses + [1.0] * ties)
    second = np.array([0.0] * wins + [1.0] * losses + [1.0] * ties)
    number = wins + losses
    expected = binomtest(wins, number, 0.5).pvalue if number else 1.0
    assert mcnemar_p_value(first, second) == pytest.approx(expected)


def test_mcnemar_is_the_swap_test():
    generator = np.random.default_rng(14)
    first, second = (generator.random((2, 14)) < 0.5).astype(float)
    (swapped,) = swap_p_values([(Terms.of(first), Terms.of(second))], np.arange(14), seed=1)
    assert mcnemar_p_value(first, second) == pytest.approx(swapped)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.01, None, 0.02]) == [0.02, None, 0.02]
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_only_raises_and_keeps_the_order(values):
    adjusted = holm(values)
    assert all(a >= p for a, p in zip(adjusted, values, strict=True))
    assert all(a <= 1 for a in adjusted)
    order = np.argsort(values, kind="stable")
    assert (np.diff([adjusted[i] for i in order]) >= 0).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_benjamini_hochberg_is_the_published_one(values):
    """Against scipy's implementation; None is no member of the family."""
    expected = false_discovery_control(values)
    assert benjamini_hochberg(values) == pytest.approx(expected)
    assert benjamini_hochberg([None, *values, None])[1:-1] == pytest.approx(expected)
