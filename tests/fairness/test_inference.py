"""Intervals cover as often as they say, tests reject as rarely, and both agree with plain sums."""

from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, kstest

from fairprune.fairness.clusters import connected, effective_number, resampling_units
from fairprune.fairness.inference import (
    percentile_interval,
    resample_counts,
    stratified,
    wilson,
)
from fairprune.fairness.metrics.sof import mean_deviation
from fairprune.fairness.permutation import holm, mcnemar_p_value, swap_p_values
from fairprune.fairness.shares import Terms
from fairprune.fairness.verdicts import verdict

SIMULATIONS = 1000


def covered(low, high, truth):
    return ((low <= truth) & (truth <= high)).mean()


def test_bootstrap_interval_covers():
    """1,000 sets of 100 inputs, a skewed value in each: UER where one share of two is short."""
    generator = np.random.default_rng(1)
    values = np.maximum(generator.normal(0.1, 0.2, (SIMULATIONS, 100)), 0) / 2
    truth = np.maximum(np.random.default_rng(2).normal(0.1, 0.2, 4_000_000), 0).mean() / 2
    counts = resample_counts(np.arange(100), seed=3)
    assert 0.93 <= covered(*percentile_interval(counts @ values.T / 100), truth) <= 0.97


def test_bootstrap_over_clusters_covers_where_inputs_hang_together():
    """60 clusters of 3 inputs with a common part; taking inputs as independent would fail."""
    generator = np.random.default_rng(4)
    common = generator.normal(0, 1, (SIMULATIONS, 60))
    values = np.repeat(common, 3, axis=1) + generator.normal(0, 0.5, (SIMULATIONS, 180))
    units = np.repeat(np.arange(60), 3)
    low, high = percentile_interval(resample_counts(units, seed=5) @ values.T / 180)
    assert 0.93 <= covered(low, high, 0) <= 0.97
    low, high = percentile_interval(resample_counts(np.arange(180), seed=5) @ values.T / 180)
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


def test_strata_at_once_are_strata_one_by_one():
    generator = np.random.default_rng(0)
    losses = np.where(generator.random((30, 3)) < 0.2, np.nan, generator.random((30, 3)))
    masks = np.array([np.arange(30) < 30, np.arange(30) % 2 == 0, np.arange(30) > 40])
    counts = resample_counts(np.arange(30), 1, 20)
    every = stratified(Terms.of(losses, mean_deviation), masks).value(counts)
    for number, mask in enumerate(masks[:2]):
        alone = Terms.of(losses[mask], mean_deviation).value(counts[:, mask])
        np.testing.assert_allclose(every[:, number], alone)
    assert np.isnan(every[:, 2]).all()


def test_connected_inputs():
    inputs = [["a", "b"], ["c"], ["d", "b"], ["e"], ["c", "f"], ["d"]]
    assert connected(inputs).tolist() == [0, 1, 0, 2, 1, 0]
    assert effective_number(np.array([0, 0, 1, 1])) == 2
    assert resampling_units(inputs).tolist() == [0, 1, 0, 2, 1, 0]


def test_one_pool_of_opinions_leaves_inputs_as_units():
    assert resampling_units([["a", "b"], ["b", "c"], ["c", "a"]]).tolist() == [0, 1, 2]


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
        (Terms.of(first, mean_deviation), Terms.of(second, mean_deviation)),
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


@pytest.mark.parametrize(
    ("difference", "interval", "p", "away", "word"),
    [
        (0.1, (0.05, 0.15), 0.01, None, "worse"),
        (-0.1, (-0.15, -0.05), 0.01, None, "better"),
        (0.02, (0.01, 0.03), 0.01, None, "worse"),  # small, and yet significant
        (0.02, (0.01, 0.03), 0.2, None, "equivalent"),
        (0.02, (-0.05, 0.05), 0.2, None, "equivalent"),
        (0.02, (-0.05, 0.06), 0.2, None, "undecided"),
        (0.02, (None, None), 0.2, None, "undecided"),
        (None, (None, None), None, None, "undecided"),
        (-0.3, (-0.4, -0.2), 0.01, (0.1, 0.2), "worse"),  # further from 0, below it
        (0.3, (0.2, 0.4), 0.01, (-0.2, -0.1), "better"),
        (0.3, (0.2, 0.4), 0.01, (-0.1, 0.1), "undecided"),  # another sign, as far from 0
        (0.03, (0.02, 0.04), 0.01, (-0.01, 0.01), "equivalent"),
    ],
)
def test_verdicts(difference, interval, p, away, word):
    assert verdict(difference, interval, p, 0.05, away) == word
