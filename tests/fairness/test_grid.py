"""Questions to a grid of variants: decomposition, first significant sparsity, front, agreement."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from fairprune.errors import FairpruneError
from fairprune.fairness import evaluate
from fairprune.fairness.agreement import rank_correlation
from fairprune.fairness.decomposition import (
    CONTRAST,
    SOURCES,
    complete_grid,
    decompose,
    decompose_evaluations,
    variance_components,
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
    methods, found = decompose_evaluations(cells, "uer")
    assert methods == ["a", "b", "c"]
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


def compared(variant, p_holm, word="worse"):
    figures = {"difference": 0.1, "p_holm": p_holm, "verdict": word}
    return {
        "variant": variant,
        "attribution": "tokens",
        "metric": "uer",
        "stratum": "all",
    } | figures


def test_first_significant_sparsity():
    rows = [
        compared("m/wanda/left/0.50", 0.001),
        compared("m/wanda/left/0.30", 0.04, "better"),
        compared("m/wanda/left/0.10", 0.2, "equivalent"),
        compared("m/wanda/left/2of4", 0.01),
        compared("m/wanda/right/2of4", 0.01),
        compared("m/wanda/right/0.50", 0.05, "undecided"),
        compared("m/magnitude/none/0.50", None, "undecided"),
    ]
    found = {(r["method"], r["calibration"]): r for r in first_significant(rows)}
    assert found["wanda", "left"]["sparsity"] == "0.30"
    assert found["wanda", "left"]["verdict"] == "better"
    assert found["wanda", "left"]["tested"] == 4
    assert found["wanda", "right"]["sparsity"] == "2of4"
    assert found["magnitude", "none"]["sparsity"] is None
    assert found["magnitude", "none"]["verdict"] is None


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
