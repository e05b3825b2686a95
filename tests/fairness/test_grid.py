"""Questions to a grid of variants: decomposition, first significant sparsity, front, agreement."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f_oneway, spearmanr
from scipy.stats import t as student

from fairprune.errors import FairpruneError
from fairprune.fairness import evaluate
from fairprune.fairness.agreement import rank_correlation
from fairprune.fairness.components import SOURCES, f_tests, variance_components
from fairprune.fairness.decomposition import (
    CONTRAST,
    complete_grid,
    decompose,
    decompose_evaluations,
)
from fairprune.fairness.grid import first_significant, pareto_front


def test_variance_components_by_hand():
    """2 methods × 2 sets × 2 seeds: method ±2, set ±1, nothing else.

    SS_m = 8·4 = 32, MS_m = 32, component 32/4 = 8 = variance of (−2, 2); set 8·1/4 = 2.
    """
    values = np.array([[[a + b] * 2 for b in (-1, 1)] for a in (-2, 2)], dtype=float)
    assert variance_components(values).tolist() == [8, 2, 0, 0, 0]


def test_seeds_are_draws_of_a_set_shared_by_methods():
    """Draws move both methods alike by ±1 within each set: variance 2, none of it the set's."""
    values = np.array([[[0, 2], [0, 2]], [[5, 7], [5, 7]]], dtype=float)
    # MS_s = 2·(4·1)/(2·1) = 4, MS_ms = 0: seed 4/2 = 2. MS_c = 0: set (0 − 4)/4 → 0.
    assert variance_components(values) == pytest.approx([12.5, 0, 0, 2, 0])


def test_interaction_by_hand():
    """Each method likes its own set: ±1 by (method, set); MS_mc = 8, component 8/2 = 4."""
    values = np.array([[[1, 1], [-1, -1]], [[-1, -1], [1, 1]]], dtype=float)
    assert variance_components(values) == pytest.approx([0, 0, 4, 0, 0])


def test_components_are_unbiased_and_intervals_cover():
    """Effects of known size, noise in draws and inputs: 150 experiments."""
    generator = np.random.default_rng(0)
    m, c, s, n, r = 5, 3, 3, 60, 200
    hits, estimates, truths = np.zeros(3), [], []
    for trial in range(150):
        method = generator.normal(0, 0.03, (m, 1, 1))
        calibration = generator.normal(0, 0.015, (1, c, 1))
        draws = generator.normal(0, 0.008, (1, c, s)) + generator.normal(0, 0.008, (m, c, s))
        noise = generator.normal(0, 0.1, n) + generator.normal(0, 0.06, (m, c, s, n))
        outputs = (method + calibration + draws)[..., None] + noise
        weights = generator.multinomial(n, [1 / n] * n, size=r) / n
        found = decompose(
            outputs.mean(axis=-1), np.moveaxis(outputs @ weights.T, -1, 0), seed=trial
        )
        truth = [method.var(ddof=1), calibration.var(ddof=1), 0]
        hits += [one.low <= t <= one.high for one, t in zip(found, truth, strict=False)]
        estimates.append([one.variance for one in found[:2]])
        truths.append(truth[:2])
    assert (hits / 150 >= [0.9, 0.9, 0.85]).all()  # 0 is at the edge of what can be estimated
    np.testing.assert_allclose(np.mean(estimates, axis=0), np.mean(truths, axis=0), rtol=0.15)


WORDS = {"A": "apple banana cherry plum", "B": "knife fork spoon bowl"}


def evaluation(share, seed):
    generator = np.random.default_rng(seed)
    inputs = [
        {
            "id": f"i{n}",
            "opinions": [f"{WORDS['A']} {n}a", f"{WORDS['B']} {n}b"],
            "labels": ["A", "B"],
        }
        for n in range(30)
    ]
    said = {
        row["id"]: " ".join(
            WORDS["A" if generator.random() < share else "B"].split()[n % 4] for n in range(12)
        )
        for row in inputs
    }
    return evaluate(inputs, said)


def test_decomposition_of_evaluations():
    """Methods from fair to one-sided, sets and seeds that do nothing: it is the method."""
    cells = {
        (method, calibration, seed): evaluation(
            share, ord(method) * 1000 + len(calibration) * 100 + int(seed)
        )
        for method, share in (("a", 0.5), ("b", 0.75), ("c", 1.0))
        for calibration in ("left", "right")
        for seed in ("42", "43", "44")
    }
    cells["magnitude", "none", "42"] = evaluation(0.5, 1)
    methods, inputs, found = decompose_evaluations(cells, "uer")
    assert (methods, inputs) == (["a", "b", "c"], len(next(iter(cells.values())).inputs))
    *found, contrast = found
    assert [one.source for one in found] == list(SOURCES)
    assert sum(one.share for one in found) == pytest.approx(1)
    assert found[0].share_low > 0.8
    assert (contrast.source, contrast.share) == (
        CONTRAST,
        pytest.approx(found[0].share - found[1].share),
    )
    assert 0.8 < contrast.share_low <= contrast.share <= contrast.share_high
    assert all(one.low <= one.high for one in found)
    tests = {one.source: one.p_value for one in found}
    assert tests["method"] < 0.001 < 0.05 < tests["set"]
    assert {s for s, p in tests.items() if p is not None} == {"method", "set"}
    with pytest.raises(FairpruneError, match="two methods, two calibration sets and 3 seeds"):
        decompose_evaluations({k: v for k, v in cells.items() if k[0] == "a"}, "uer")


def test_nothing_varies():
    found = decompose(np.ones((2, 2, 2)), np.ones((5, 2, 2, 2)))
    assert [(one.variance, one.share) for one in found] == [(0.0, None)] * 6


def test_complete_grid():
    cells = [(m, c, s) for m in "xy" for c in ("l", "r") for s in ("42", "43")]
    cells += [("z", "l", "42"), ("magnitude", "none", "42")]
    assert complete_grid(cells) == (["x", "y"], ["l", "r"], ["42", "43"])
    assert complete_grid([]) == ([], [], [])


def compared(variant, word="worse"):
    figures = {"difference": 0.1, "p_holm": 0.01, "verdict": word, "reason": f"it is {word}"}
    return {"variant": variant, "attribution": "tokens", "metric": "uer_excess"} | figures


def test_first_significant_sparsity():
    rows = [
        compared("m/wanda/left/0.50"),
        compared("m/wanda/left/0.30", "shifted"),
        compared("m/wanda/left/0.10", "equivalent"),
        compared("m/wanda/left/2of4"),
        compared("m/wanda/right/2of4", "better"),
        compared("m/wanda/right/0.50", "undecided"),
        compared("m/hgla/left/0.50", "not judged"),
        compared("m/hgla/left/0.30", "equivalent"),
        compared("m/hgla/right/0.30", "equivalent"),
        compared("m/magnitude/none/0.50", "undecided"),
        compared("m/magnitude/none/0.30", "equivalent"),
    ]
    found = {(r["method"], r["calibration"]): r for r in first_significant(rows)}
    said = {
        key: (r["sparsity"], r["verdict"], r["tested"], r["not_judged"]) for key, r in found.items()
    }
    assert said == {
        ("wanda", "left"): ("0.30", "shifted", 4, 0),
        ("wanda", "right"): ("2of4", "better", 2, 0),
        ("hgla", "left"): (None, "not judged", 2, 1),
        ("hgla", "right"): (None, "equivalent", 1, 0),
        ("magnitude", "none"): (None, "undecided", 2, 0),
    }
    assert found["wanda", "left"]["reason"] == "it is shifted"


def test_draws_alone_look_like_no_set():
    """Large draws, no effect of method or set: a set is said to move it in 5 of 100 at most."""
    generator = np.random.default_rng(5)
    said = 0
    for _ in range(400):
        values = np.broadcast_to(generator.normal(0, 1, (1, 3, 3)), (4, 3, 3))
        values = values + generator.normal(0, 0.1, (4, 3, 3))
        resampled = values + generator.normal(0, 0.05, (50, 4, 3, 3))
        found = {one.source: one for one in decompose(values, resampled)}
        said += found[CONTRAST].share_high < 0 and found["set"].p_value < 0.025
    assert said <= 0.05 * 400


def test_f_tests_are_an_analysis_of_variance():
    """Against scipy: of the set by the means of its draws, of the method within sets and draws."""
    values = np.random.default_rng(6).normal(size=(2, 3, 4)) + np.arange(3)[:, None]
    means = values.mean(axis=0)
    assert f_tests(values)["set"] == pytest.approx(f_oneway(*means).pvalue)
    apart = (values[1] - values[0]).reshape(3, 4)
    within = apart - apart.mean(axis=1, keepdims=True)
    t = apart.mean() / np.sqrt((within**2).sum() / 9 / 12)
    assert f_tests(values)["method"] == pytest.approx(2 * student.sf(abs(t), 9))


def test_pareto_front_by_hand():
    points = [(0.1, 0.3), (0.2, 0.3), (0.2, 0.4), (0.1, 0.3), (None, 0.9), (0.05, 0.1)]
    assert pareto_front(points) == [True, False, True, True, False, True]
    assert pareto_front([]) == []


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_pareto_front_is_what_nothing_beats(points):
    front = pareto_front(points)
    assert not points or any(front)
    for on_front, (unfair, quality) in zip(front, points, strict=True):
        others = [point for point in points if point != (unfair, quality)]
        better = [(u, q) for u, q in others if u <= unfair and q >= quality]
        assert on_front == (not better)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=9))
def test_rank_correlation_is_spearmans(pairs):
    first, second = zip(*pairs, strict=True)
    found = rank_correlation(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic)


def test_rank_correlation_needs_three():
    assert rank_correlation([1, 2], [1, 2]) is None
