"""Every metric against values worked by hand (cases/METRIC.json), identities, properties."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fairprune.fairness.declare import find_metric, metric_names
from fairprune.fairness.metrics.auc import area
from fairprune.fairness.metrics.bur import unfair
from fairprune.fairness.metrics.sof import deviations
from fairprune.fairness.metrics.spd import parity_difference
from fairprune.fairness.metrics.tv import total_variation
from fairprune.fairness.metrics.uer import unfair_error
from fairprune.fairness.results import Input, Share, coverage_of, shares_of

CASES = Path(__file__).parent / "cases"
FILES = [path for path in sorted(CASES.glob("*.json")) if path.stem in metric_names()]


def cases():
    for path in FILES:
        content = json.loads(path.read_text(encoding="utf-8"))
        for case in content["cases"]:
            yield pytest.param(content["metric"], case, id=f"{content['metric']}: {case['name']}")


def shares(case):
    rows, inputs = [], []
    for number, entry in enumerate(case["inputs"]):
        name = str(number)
        groups = entry["p"]
        heavy = f"{entry['heavy']}-heavy" if "heavy" in entry else "balanced"
        inputs.append(Input(name, heavy if len(groups) > 1 else None, number))
        q = entry["q"] or dict.fromkeys(groups)
        chance = entry.get("chance", {})
        rows += [
            Share(name, "", "x", g, groups[g], q[g], q[g] is not None, _of(chance, g))
            for g in groups
        ]
    groups = sorted({row.group for row in rows})
    pair = case.get("pair", ["A", "B"] if {"A", "B"} <= set(groups) else None)
    return shares_of(rows, inputs, groups, pair)


def _of(chance, group):
    """The chance of a group: the same for all, or by group."""
    return {m: v[group] if isinstance(v, dict) else v for m, v in chance.items()}


def coverage(case):
    labels = [entry["labels"] for entry in case["inputs"]]
    groups = [sorted({label for label in one if label}) for one in labels]
    inputs = [
        Input(str(n), "balanced" if len(present) > 1 else None, n)
        for n, present in enumerate(groups)
    ]
    values = [entry["coverage"] for entry in case["inputs"]]
    return coverage_of(values, labels, inputs, sorted(set().union(*groups)))


@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_by_hand(name, case):
    metric = find_metric(name)
    arrays = coverage(case) if metric.needs == "coverage" else shares(case)
    value = float(metric.terms(arrays, **case.get("options", {})).value())
    if case["expected"] is None:
        assert np.isnan(value)
    else:
        assert value == pytest.approx(case["expected"], abs=case.get("tolerance", 1e-12))


def test_every_metric_has_cases():
    alone = [name for name in metric_names() if find_metric(name).alone]
    assert [path.stem for path in FILES] == alone


@st.composite
def pairs_of_shares(draw, groups=None):
    """p and q of up to six inputs over 2 to 5 groups, every p above 0."""
    k = groups or draw(st.integers(2, 5))
    n = draw(st.integers(1, 6))
    numbers = arrays(np.float64, (n, k), elements=st.integers(1, 50).map(float))
    p, q = draw(numbers), draw(numbers) - 1
    q[q.sum(axis=1) == 0] = 1
    return p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)


@given(pairs_of_shares())
def test_uer_is_tv_over_k(both):
    p, q = both
    np.testing.assert_allclose(unfair_error(p, q), total_variation(p, q) / p.shape[1], atol=1e-12)


@given(pairs_of_shares(groups=2))
def test_sof_of_two_groups_is_half_their_distance(both):
    p, q = both
    u = np.maximum(p - q, 0).mean(axis=0)
    sizes = np.abs(deviations(u))
    assert sizes.mean() == pytest.approx(abs(u[0] - u[1]) / 2, abs=1e-12)


@given(pairs_of_shares())
def test_auc_is_the_integral_of_bur(both):
    """Against a midpoint sum over τ: each input's step is missed by half a slice at most."""
    p, q = both
    slices = (np.arange(2000) + 0.5) / 2000
    curve = np.mean([unfair(p, q, tau) for tau in slices], axis=0)
    np.testing.assert_allclose(area(p, q), curve, atol=1 / 2000)


@given(pairs_of_shares())
def test_fair_is_zero_everywhere(both):
    p, _ = both
    for metric in (unfair, unfair_error, area, total_variation, parity_difference):
        np.testing.assert_allclose(metric(p, p), 0, atol=1e-12)


@given(pairs_of_shares(), st.randoms())
def test_permuting_groups_permutes_results(both, random):
    p, q = both
    order = list(range(p.shape[1]))
    random.shuffle(order)
    for metric in (unfair, unfair_error, area, total_variation):
        np.testing.assert_allclose(metric(p[:, order], q[:, order]), metric(p, q), atol=1e-12)
    moved = parity_difference(p[:, order], q[:, order], (order.index(0), order.index(1)))
    np.testing.assert_allclose(moved, parity_difference(p, q), atol=1e-12)


@given(pairs_of_shares())
def test_ranges(both):
    p, q = both
    k = p.shape[1]
    assert set(unfair(p, q)) <= {0, 1}
    assert ((unfair_error(p, q) >= 0) & (unfair_error(p, q) < 1 / k)).all()
    assert ((area(p, q) >= 0) & (area(p, q) <= 1)).all()
    assert (np.abs(parity_difference(p, q)) <= 2).all()
    assert ((total_variation(p, q) >= 0) & (total_variation(p, q) <= 1)).all()


@given(pairs_of_shares())
def test_an_absent_group_changes_nothing(both):
    p, q = both
    nothing = np.full((len(p), 1), np.nan)
    for metric in (unfair, unfair_error, area, total_variation):
        np.testing.assert_allclose(
            metric(np.hstack([p, nothing]), np.hstack([q, nothing])), metric(p, q), atol=1e-15
        )
