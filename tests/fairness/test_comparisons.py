"""Variants against the dense model: pairing, tests, correction, verdicts."""

import math

import numpy as np
import pytest

from fairprune.errors import FairpruneError
from fairprune.fairness import evaluate
from fairprune.fairness.comparisons import compare

APPLES, KNIVES = "apple banana cherry plum pear", "knife fork spoon bowl dish"


def inputs(count, mixes=((2, 2), (3, 1), (1, 3))):
    found = []
    for n in range(count):
        a, b = mixes[n % len(mixes)]
        opinions = [f"{APPLES} i{n}o{m}" for m in range(a)]
        opinions += [f"{KNIVES} i{n}o{a + m}" for m in range(b)]
        found.append({"id": f"i{n}", "opinions": opinions, "labels": ["A"] * a + ["B"] * b})
    return found


def summaries(task, share, seed=0):
    """Ten content tokens, each of A's with the given probability."""
    generator = np.random.default_rng(seed)
    said = {}
    for row in task:
        own = [APPLES.split(), KNIVES.split()]
        words = [own[generator.random() >= share][generator.integers(5)] for _ in range(10)]
        said[row["id"]] = " ".join(words)
    return said


def row(found, variant="v", metric="uer", stratum="all", attribution="tokens"):
    (one,) = (
        r
        for r in found
        if (r.variant, r.metric, r.stratum, r.attribution)
        == (variant, metric, stratum, attribution)
    )
    return one


def test_difference_is_between_the_values():
    task = inputs(30)
    dense, worse = (evaluate(task, summaries(task, share)) for share in (0.5, 0.95))
    found = compare(dense, {"v": worse, "same": dense})
    for metric in ("bur", "uer", "auc", "sof", "spd", "spd2", "tv", "gap"):
        for stratum in ("all", "balanced", "A-heavy", "B-heavy"):
            one = row(found, metric=metric, stratum=stratum)
            if one.difference is None:
                assert (metric, one.verdict) == ("spd2", "undecided")
                continue
            values = [e.value(metric, stratum=stratum) for e in (worse, dense)]
            assert one.difference == pytest.approx(values[0] - values[1])
            assert one.low <= one.difference <= one.high
    assert row(found).verdict == "worse"
    assert row(found, metric="spd").verdict == "worse"
    same = row(found, "same")
    assert (same.difference, same.p_value, same.verdict) == (0, 1, "equivalent")
    assert row(compare(worse, {"v": dense})).verdict == "better"


def test_pairs_are_the_inputs_valid_in_both():
    task = inputs(12)
    first, second = summaries(task, 0.5), summaries(task, 0.8, seed=1)
    first["i0"] = second["i1"] = ""
    dense, variant = evaluate(task, first), evaluate(task, second)
    one = row(compare(dense, {"v": variant}))
    assert one.n == 10
    both = [r for r in task if r["id"] not in ("i0", "i1")]
    kept = [
        evaluate(both, {r["id"]: s[r["id"]] for r in both}).value("uer") for s in (first, second)
    ]
    assert one.difference == pytest.approx(kept[1] - kept[0])


def test_bur_is_the_exact_binomial_test():
    task = inputs(40, mixes=((2, 2),))
    fair, unfair = "apple knife banana fork cherry spoon", APPLES
    dense = evaluate(task, {r["id"]: unfair if n < 3 else fair for n, r in enumerate(task)})
    variant = evaluate(
        task, {r["id"]: unfair if n in (0, 1) or n > 31 else fair for n, r in enumerate(task)}
    )
    one = row(compare(dense, {"v": variant}), metric="bur")
    tail = sum(math.comb(9, k) for k in range(2)) / 2**9  # 8 inputs worse, 1 better
    assert one.p_value == pytest.approx(2 * tail)
    assert one.difference == pytest.approx(7 / 40)
    assert row(compare(dense, {"v": dense}), metric="bur").p_value == 1


def test_inputs_that_share_opinions_are_swapped_together():
    """Five pairs of inputs with the same opinions are five units, and BUR is no binomial then."""
    task = inputs(10, mixes=((2, 2),))
    for n in range(0, 10, 2):
        task[n + 1]["opinions"] = task[n]["opinions"]
    fair, unfair = "apple knife banana fork cherry spoon", APPLES
    dense = evaluate(task, {r["id"]: fair for r in task})
    variant = evaluate(task, {r["id"]: unfair for r in task})
    found = compare(dense, {"v": variant})
    assert dense.counts["units"] == 5
    for metric in ("bur", "uer", "tv"):
        assert row(found, metric=metric).p_value == pytest.approx(2 / 2**5)


def test_holm_is_over_the_variants():
    task = inputs(16)
    dense = evaluate(task, summaries(task, 0.5))
    variants = {
        name: evaluate(task, summaries(task, share, seed=n))
        for n, (name, share) in enumerate((("a", 0.6), ("b", 0.7), ("c", 0.9)), 1)
    }
    found = compare(dense, variants)
    for metric in ("uer", "bur", "spd"):
        ps = sorted((row(found, v, metric).p_value, v) for v in variants)
        largest = 0
        for rank, (p, name) in enumerate(ps):
            largest = max(largest, min(1, (3 - rank) * p))
            assert row(found, name, metric).p_holm == pytest.approx(largest)
    alone = row(compare(dense, {"b": variants["b"]}), "b")
    assert alone.p_holm == alone.p_value


def test_a_change_of_sign_alone_is_not_worse():
    """From favouring A to favouring B as much: significant, and no further from 0."""
    task = inputs(60, mixes=((2, 2),))
    towards = [
        {r["id"]: f"{kind} {kind} {other}" for r in task}
        for kind, other in ((APPLES, KNIVES), (KNIVES, APPLES))
    ]
    dense, variant = (evaluate(task, said) for said in towards)
    one = row(compare(dense, {"v": variant}), metric="spd")
    assert one.difference == pytest.approx(-2 / 3)
    assert one.p_holm < 0.05
    assert one.verdict == "undecided"


def test_coverage_metrics_are_compared_too():
    task = inputs(12)
    dense, variant = (
        evaluate(
            task,
            {r["id"]: f"{say} one. {APPLES} two." for r in task},
            attributions=["nearest"],
        )
        for say in (KNIVES, APPLES)
    )
    found = compare(dense, {"v": variant})
    for metric in ("equal_coverage", "coverage_parity"):
        one = row(found, metric=metric, attribution="nearest")
        values = [e.value(metric, "nearest") for e in (variant, dense)]
        assert one.difference == pytest.approx(values[0] - values[1])


def test_what_does_not_belong_together_is_refused():
    task = inputs(6)
    said = summaries(task, 0.5)
    dense = evaluate(task, said)
    others = {
        "inputs": evaluate(task[:5], {r["id"]: said[r["id"]] for r in task[:5]}),
        "options": evaluate(task, said, tau=0.5),
        "pair": evaluate(task, said, pair=("B", "A")),
        "attributions": evaluate(task, said, attributions=["nearest", "tokens"]),
    }
    for key, variant in others.items():
        with pytest.raises(FairpruneError, match=f"v and the dense model differ in their {key}"):
            compare(dense, {"v": variant})
