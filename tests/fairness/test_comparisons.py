"""Variants against the dense model: pairing, tests, correction, verdicts."""

import math

import numpy as np
import pytest

from fairprune.errors import FairpruneError
from fairprune.fairness import compare, evaluate
from fairprune.fairness.comparing.correction import benjamini_hochberg, holm
from fairprune.fairness.comparing.verdicts import (
    BETTER,
    EQUIVALENT,
    NOT_JUDGED,
    SHIFTED,
    UNDECIDED,
    WORSE,
)

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


VERDICTS = (NOT_JUDGED, WORSE, BETTER, SHIFTED, EQUIVALENT, UNDECIDED)


def test_difference_is_between_the_values():
    task = inputs(30)
    dense, worse = (evaluate(task, summaries(task, share)) for share in (0.5, 0.95))
    found = compare(dense, {"v": worse, "same": dense})
    names = {figure.metric for figure in dense.figures}
    assert {one.metric for one in found} == {*names, "shift"}
    for metric in names:
        for stratum in ("all", "balanced", "A-heavy", "B-heavy"):
            one = row(found, metric=metric, stratum=stratum)
            if one.difference is None:
                assert (metric, one.verdict) == ("spd2", "not judged")
                continue
            values = [e.value(metric, stratum=stratum) for e in (worse, dense)]
            assert one.difference == pytest.approx(values[0] - values[1])
            assert (one.value, one.against_value) == pytest.approx(values)
            assert one.low <= one.difference <= one.high
    assert {one.against for one in found} == {"dense"}
    assert row(found, metric="uer_excess").verdict == "worse"
    assert row(found, metric="spd").verdict == "worse"
    same = row(found, "same", "uer_excess")
    assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1)
    assert row(compare(worse, {"v": dense}), metric="uer_excess").verdict == "better"


def test_length_bound_metrics_have_no_verdict_but_point_to_their_excess():
    task = inputs(24)
    dense, variant = (evaluate(task, summaries(task, share)) for share in (0.5, 0.95))
    found = compare(dense, {"v": variant})
    for metric in ("uer", "bur", "auc", "tv", "gap"):
        one = row(found, metric=metric)
        assert one.verdict is None and one.q_value is None and one.p_value is not None
        assert f"{metric}_excess" in one.reason
        assert row(found, metric=f"{metric}_excess").verdict in VERDICTS


def test_one_primary_result():
    """Level and direction under the first attribution, over all inputs; both carry one word."""
    task = inputs(24)
    names = ["nearest", "tokens"]
    dense, v = (
        evaluate(task, summaries(task, share, seed), attributions=names)
        for share, seed in ((0.5, 0), (0.9, 1))
    )
    found = compare(dense, {"v": v, "w": dense})
    primary = [one for one in found if one.primary]
    assert {(o.variant, o.attribution, o.metric, o.stratum) for o in primary} == {
        (name, "nearest", metric, "all") for name in "vw" for metric in ("uer_excess", "shift")
    }
    assert all(one.q_value is None for one in primary)
    p_values = [one.p_value for one in primary]
    assert [one.p_holm for one in primary] == pytest.approx(holm(p_values))
    for name in "vw":
        assert len({one.verdict for one in primary if one.variant == name}) == 1
    for one in found:
        if not one.primary and one.metric != "tv_excess":
            assert one.p_holm is None
    exploratory = [one for one in found if one.q_value is not None]
    family = [o for o in exploratory if (o.metric, o.attribution, o.stratum) !=
              ("tv_excess", "nearest", "all") and o.metric != "tv_excess"]  # fmt: skip
    expected = benjamini_hochberg([one.p_value for one in family])
    assert [one.q_value for one in family] == pytest.approx(expected)


def test_uer_and_tv_never_contradict_each_other():
    task = inputs(24)
    dense = evaluate(task, summaries(task, 0.5))
    variants = {f"v{n}": evaluate(task, summaries(task, 0.5 + n / 12, n)) for n in range(5)}
    found = compare(dense, variants)
    for name in variants:
        for stratum in ("all", "balanced", "A-heavy"):
            uer, tv = (row(found, name, m, stratum) for m in ("uer_excess", "tv_excess"))
            assert tv.difference == pytest.approx(2 * uer.difference, abs=1e-9)
            assert tv.margin == pytest.approx(2 * uer.margin)
            assert (tv.verdict, tv.p_value, tv.p_holm, tv.q_value) == (
                uer.verdict, uer.p_value, uer.p_holm, uer.q_value
            )  # fmt: skip


def test_margins_are_share_points_as_the_instrument_sees_them():
    task = inputs(24)
    for r in task:
        r["opinions"] = [f"{text} sofa table chair" for text in r["opinions"]]
    dense = evaluate(task, summaries(task, 0.5))
    j = dense.attributions["tokens"]["sensitivity"]["J"]
    assert 0.2 < j < 0.8  # three words of nine tell nothing
    found = compare(dense, {"v": dense}, margin=0.08, margin_rate=0.3)
    points = {"shift": 1, "tv": 1, "uer": 1 / 2, "sof": 1 / 2, "gap": 1, "spd": 2, "spd2": 2}
    for name, factor in points.items():
        for metric in (name, f"{name}_excess"):
            if any(one.metric == metric for one in found):
                assert row(found, metric=metric).margin == pytest.approx(0.08 * factor * j)
    for metric in ("bur", "bur_excess", "auc", "auc_excess"):
        assert row(found, metric=metric).margin == 0.3
    assert {one.sensitivity for one in found} == {j}
    rate = row(found, metric="bur_excess")
    assert rate.verdict == "not judged" and "J = " in rate.reason


def test_who_is_heard_changes_and_the_level_does_not():
    """Dense 6 A and 2 B, the variant 2 A and 6 B: as unfair, and never equivalent."""
    task = inputs(24, mixes=((8, 8),))
    for r in task:
        r["opinions"] = [f"{label}x{n}a {label}x{n}b" for n, label in enumerate(r["labels"])]
    said = [
        {r["id"]: " ".join(r["opinions"][:a] + r["opinions"][8 : 8 + 8 - a]) for r in task}
        for a in (6, 2)
    ]
    dense, variant = (evaluate(task, texts) for texts in said)
    found = compare(dense, {"v": variant})
    for metric in ("uer_excess", "shift", "tv_excess", "gap_excess"):
        assert row(found, metric=metric).verdict == "shifted"
    shift = row(found, metric="shift")
    assert shift.difference < 0 and shift.group == "A"
    assert "A is heard less" in shift.reason
    assert not [one for one in found if one.verdict == "equivalent"]


def test_two_inputs_say_nothing_whatever_they_say():
    """Just the opposite, from two inputs: today not judged, in every row that has a word."""
    task = inputs(2, mixes=((2, 2),))
    dense, variant = (evaluate(task, {r["id"]: kind for r in task}) for kind in (APPLES, KNIVES))
    found = compare(dense, {"v": variant})
    assert {one.verdict for one in found} == {None, "not judged"}
    assert "6 are the least" in row(found, metric="uer_excess").reason


def test_the_same_texts_are_certain_from_sixty_units():
    for number, words in ((5, "not judged"), (12, "undecided"), (60, "equivalent")):
        task = inputs(number, mixes=((2, 2),))
        dense = evaluate(task, summaries(task, 0.5))
        one = row(compare(dense, {"v": dense}), metric="uer_excess")
        assert one.verdict == words, one.reason


def test_undecided_says_what_would_decide():
    task = inputs(12)
    dense, variant = (evaluate(task, summaries(task, 0.5, seed)) for seed in (0, 1))
    one = row(compare(dense, {"v": variant}), metric="uer_excess")
    assert one.verdict == "undecided"
    assert "12 units could have shown a change of" in one.reason
    assert "would decide" in one.reason


def test_a_small_difference_is_marked():
    """Significant, and its whole interval inside the margin."""
    task = inputs(60, mixes=((4, 4),))
    for r in task:
        r["opinions"] = [f"{label}x{n}a {label}x{n}b" for n, label in enumerate(r["labels"])]
    whole, part = (
        evaluate(task, {r["id"]: " ".join(r["opinions"][:number]) for r in task})
        for number in (8, 5)
    )
    found = compare(whole, {"v": part}, margin=0.5)
    one = row(found, metric="uer_excess")
    assert one.verdict in ("worse", "better") and "small" in one.marks


def test_broken_summaries_are_not_judged():
    task = inputs(20)
    said = summaries(task, 0.5)
    dense = evaluate(task, said)
    for lost, word in ((3, "not judged"), (2, None)):
        broken = said | {f"i{n}": "" for n in range(lost)}
        found = compare(dense, {"v": evaluate(task, broken)})
        one = row(found, metric="uer_excess")
        assert f"invalid {lost}" in one.marks
        assert (one.verdict == "not judged") == (word == "not judged")
        if word:
            assert "85% of the variant's summaries are valid" in one.reason
            assert all(o.verdict == "not judged" for o in found if o.primary)
    found = compare(evaluate(task, said | {f"i{n}": "" for n in range(3)}), {"v": dense})
    assert "85% of the dense model's" in row(found, metric="uer_excess").reason
    assert all("invalid" not in one.marks for one in found)


def test_every_row_says_how_many_are_left_out_and_that_all_may_rest_on_them():
    """The dense model's own summaries, emptied where they are worst: it is not known better."""
    task = inputs(60)
    said = summaries(task, 0.5)
    dense = evaluate(task, said)
    shares = {share.id: abs(share.p - share.q) for share in dense.shares if share.group == "A"}
    worst = sorted(shares, key=shares.get)[-6:]
    variant = evaluate(task, said | dict.fromkeys(worst, ""))
    assert variant.value("uer") < dense.value("uer")  # which flatters
    found = compare(dense, {"v": variant})
    for one in found:
        assert ("invalid 6" in one.marks) == (one.verdict != "x")
    one = row(found, metric="uer_excess")
    assert one.difference == 0  # on the same inputs
    assert one.value == one.against_value
    assert "rests" in one.marks


def test_what_is_missing_on_the_other_side_may_be_what_all_rests_on():
    task = inputs(60)
    said = summaries(task, 0.5)
    gaps = dict.fromkeys([entry["id"] for entry in task][:6], "")
    found = compare(evaluate(task, said | gaps), {"v": evaluate(task, said)})
    one = row(found, metric="uer_excess")
    assert one.verdict == "equivalent" and one.n == 54
    assert "rests" in one.marks and "invalid" not in one.marks


@pytest.mark.parametrize("margin", [-0.1, 2, float("nan"), "x"])
def test_a_margin_is_a_share(margin):
    task = inputs(6)
    dense = evaluate(task, summaries(task, 0.5))
    with pytest.raises(FairpruneError, match="a share from 0 to 1 is expected"):
        compare(dense, {"v": dense}, margin=margin)


def test_inputs_of_one_pool_are_marked():
    task = inputs(24)
    for entry in task:
        entry["opinions"][0] = f"{APPLES} everywhere"
    dense, variant = (evaluate(task, summaries(task, share, 3)) for share in (0.5, 0.9))
    assert dense.counts["pool"] and dense.counts["clusters"] == 1
    found = compare(dense, {"v": variant})
    assert all(("pool" in one.marks) == (one.verdict is not None) for one in found)


def test_an_instrument_that_sees_too_little_does_not_judge():
    """Both groups say the same words: which of them a summary quotes cannot be seen."""
    task = inputs(24)
    for entry in task:
        entry["opinions"] = [f"{APPLES} same" for _ in entry["opinions"]]
        entry["opinions"] = [f"{text} {n}" for n, text in enumerate(entry["opinions"])]
    dense, variant = (
        evaluate(task, {r["id"]: f"{APPLES} {more}" for r in task}) for more in ("same", "same 0")
    )
    one = row(compare(dense, {"v": variant}), metric="uer_excess")
    assert one.verdict == "not judged"
    assert "sees too little" in one.reason and "sentences of" in one.reason


def test_against_another_variant():
    """Paired like any other two, in a family of its own."""
    task = inputs(30)
    dense, v, w = (evaluate(task, summaries(task, s, n)) for n, s in enumerate((0.5, 0.6, 0.95)))
    found = compare(dense, {"v": v, "w": w}, against={"wanda": {"v": "w"}})
    primary = {(o.variant, o.against): o for o in found if o.primary and o.metric != "shift"}
    one, other = primary["v", "wanda"], primary["v", "dense"]
    assert one.difference == pytest.approx(v.value("uer_excess") - w.value("uer_excess"))
    assert one.verdict == "better" and one.primary
    alone = row(compare(w, {"v": v}), metric="uer_excess")
    assert (one.p_value, one.p_holm) == (alone.p_value, alone.p_holm)
    assert other.p_holm == row(compare(dense, {"v": v, "w": w}), metric="uer_excess").p_holm
    with pytest.raises(FairpruneError, match="'x' is to be compared"):
        compare(dense, {"v": v}, against={"wanda": {"v": "x"}})


def test_draws_are_pooled():
    task = inputs(30)
    dense = evaluate(task, summaries(task, 0.5))
    draws = {f"v{n}": evaluate(task, summaries(task, 0.85, n)) for n in (1, 2, 3)}
    other = evaluate(task, summaries(task, 0.5, 9))
    pooled = {name: ("v", n) for n, name in enumerate(draws)}
    found = compare(dense, {**draws, "o": other}, draws=pooled)
    assert {(o.variant, o.metric) for o in found if o.primary} == {
        (name, metric) for name in "vo" for metric in ("uer_excess", "shift")
    }
    one = row(found, "v", "uer_excess")
    singles = [row(found, name, "uer_excess") for name in draws]
    assert one.difference == pytest.approx(np.mean([single.difference for single in singles]))
    assert one.verdict == "worse"
    assert all("this draw" in single.marks and not single.primary for single in singles)
    assert "this draw" not in one.marks + row(found, "o", "uer_excess").marks
    family = [o for o in found if o.primary]
    assert [o.p_holm for o in family] == pytest.approx(holm([o.p_value for o in family]))
    two = compare(dense, {name: draws[name] for name in ("v1", "v2")},
                  draws={name: pooled[name] for name in ("v1", "v2")})  # fmt: skip
    assert {(o.variant, o.marks) for o in two if o.primary} == {
        ("v1", "this draw"), ("v2", "this draw")
    }  # fmt: skip


@pytest.mark.parametrize("valid", [0, 1, 4])
def test_draws_that_write_nothing_valid_together_are_not_judged(valid):
    """The method stands there all the same: what is broken most must not be what is not seen."""
    task = inputs(30)
    dense, draws = evaluate(task, summaries(task, 0.5)), {}
    for n in range(3):
        said = summaries(task, 0.85, n)
        kept = list(said)[n * valid : (n + 1) * valid]  # others in each draw
        draws[f"v{n}"] = evaluate(task, {key: said[key] if key in kept else "" for key in said})
    found = compare(dense, draws, draws={name: ("v", n) for n, name in enumerate(draws)})
    primary = [o for o in found if o.primary]
    assert {(o.variant, o.metric) for o in primary} == {("v", "uer_excess"), ("v", "shift")}
    for one in primary:
        assert (one.verdict, one.difference, one.units) == ("not judged", None, 0)
        assert one.reason.endswith("of the variant's summaries are valid")


def test_draws_that_differ_are_no_method():
    """One draw of three is far worse: the method is not known to be."""
    task = inputs(60)
    dense = evaluate(task, summaries(task, 0.5))
    draws = {f"v{n}": evaluate(task, summaries(task, share, n))
             for n, share in enumerate((0.5, 0.5, 0.9))}  # fmt: skip
    found = compare(dense, draws, draws={name: ("v", n) for n, name in enumerate(draws)})
    assert row(found, "v2", "uer_excess").verdict == "worse"
    assert row(found, "v", "uer_excess").verdict == "undecided"


def test_the_primary_metric_can_be_another():
    task = inputs(24)
    dense, v = (evaluate(task, summaries(task, share)) for share in (0.5, 0.9))
    found = compare(dense, {"v": v}, primary="spd")
    assert {one.metric for one in found if one.primary} == {"spd", "shift"}
    assert row(found, metric="spd").verdict == "worse"
    for name in ("uer", "sof_excess", "shift", "tv_excess"):
        with pytest.raises(FairpruneError, match="is no mean over inputs"):
            compare(dense, {"v": v}, primary=name)
    with pytest.raises(FairpruneError, match="did you mean 'uer_excess'"):
        compare(dense, {"v": v}, primary="uer_exces")


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
    """Six pairs of inputs with the same opinions are six units, and BUR is no binomial then."""
    task = inputs(12, mixes=((2, 2),))
    for n in range(0, 12, 2):
        task[n + 1]["opinions"] = task[n]["opinions"]
    fair, unfair = "apple knife banana fork cherry spoon", APPLES
    dense = evaluate(task, {r["id"]: fair for r in task})
    variant = evaluate(task, {r["id"]: unfair for r in task})
    found = compare(dense, {"v": variant})
    assert dense.counts["units"] == 6
    for metric in ("bur", "uer", "tv"):
        one = row(found, metric=metric)
        assert one.p_value == pytest.approx(2 / 2**6)
        assert (one.n, one.units) == (12, 6)


def test_a_change_of_sign_alone_is_shifted():
    """From favouring A to favouring B as much: significant, and no further from 0."""
    task = inputs(60, mixes=((2, 2),))
    towards = [
        {r["id"]: f"{kind} {kind} {other}" for r in task}
        for kind, other in ((APPLES, KNIVES), (KNIVES, APPLES))
    ]
    dense, variant = (evaluate(task, said) for said in towards)
    one = row(compare(dense, {"v": variant}), metric="spd")
    assert one.difference == pytest.approx(-2 / 3)
    assert one.q_value < 0.05
    assert one.verdict == "shifted"


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
