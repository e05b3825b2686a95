"""Answers to a grid's questions, on rows small enough to answer by hand."""

import pytest

from fairprune.fairness.files import read_evaluation
from fairprune.report.questions import first_differences, fronts, sources
from fairprune.report.results import find_results
from fairprune.report.sources import sentence_sources


def row(method, sparsity, value=None, *, verdict=None, p_holm=None, broken=False, **more):
    return {
        **{"model": "m", "method": method, "calibration": "none", "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "metric": "uer", "stratum": "all"},
        **{"value": value, "broken": broken, "verdict": verdict, "p_holm": p_holm},
        **{"difference": value, **more},
    }


def test_first_difference():
    rows = [
        row("dense", "0.00", 0.1),
        row("wanda", "0.30", 0.01, verdict="equivalent", p_holm=0.4),
        row("wanda", "0.50", 0.20, verdict="worse", p_holm=0.01),
        row("wanda", "0.70", 0.40, verdict="worse", p_holm=0.001),
        row("magnitude", "0.50", 0.10, verdict="undecided", p_holm=0.2),
    ]
    found = {r["method"]: r for r in first_differences(rows)}
    assert (found["wanda"]["sparsity"], found["wanda"]["tested"]) == ("0.50", 3)
    assert (found["wanda"]["task"], found["wanda"]["verdict"]) == ("t", "worse")
    assert found["magnitude"]["sparsity"] is None


def test_the_front_leaves_out_what_is_beaten_or_broken():
    fairness = [
        row("dense", "0.00", 0.10),
        row("wanda", "0.30", 0.05),
        row("wanda", "0.50", 0.20),
        row("hgla", "0.50", 0.00, broken=True),
    ]
    quality = [
        {**row(m, s, q), "metric": "rougeL"}
        for m, s, q in (
            ("dense", "0.00", 0.5),
            ("wanda", "0.30", 0.4),
            ("wanda", "0.50", 0.3),
            ("hgla", "0.50", 0.9),
        )
    ]
    (found,) = fronts(fairness, quality, set(), ["rougeL"])
    assert found["variants"] == ["m/dense/none/0.00", "m/wanda/none/0.30"]
    assert (found["quality"], found["stratum"]) == ("rougeL", "all")


def test_a_signed_metric_is_fair_near_zero():
    fairness = [row("a", "0.50", -0.30), row("b", "0.50", 0.10)]
    quality = [{**row(m, "0.50", 0.5), "metric": "rougeL"} for m in "ab"]
    (found,) = fronts(fairness, quality, {"uer"}, ["rougeL"])
    assert found["variants"] == ["m/b/none/0.50"]


def test_sentences_find_their_opinions():
    opinions = ["The food was tasty.", "The waiter was rude."]
    summary = "Rude waiter!  The food is tasty. Aliens landed."
    found, none, again = sentence_sources([summary, "", "Rude."], opinions)
    assert none == [] and again == [(0, 5, 1)]
    assert [(summary[a:b], n) for a, b, n in found] == [
        ("Rude waiter!", 1),
        ("The food is tasty.", 0),
        ("Aliens landed.", -1),
    ]


def test_sources_need_a_full_grid(results_folder):
    targets = find_results(results_folder).fairness
    evaluations = {t: read_evaluation(t.path).evaluation for t in targets}
    rows = [r for r in sources(evaluations) if (r["metric"], r["attribution"]) == ("uer", "tokens")]
    assert {(r["task"], r["sparsity"], r["methods"]) for r in rows} == {
        (task, sparsity, 2) for task in ("politics", "reviews") for sparsity in ("0.30", "0.50")
    }
    reviews = [r for r in rows if (r["task"], r["sparsity"]) == ("reviews", "0.50")]
    assert [r["source"] for r in reviews][:2] == ["method", "set"]
    assert sum(r["share"] for r in reviews) == pytest.approx(1)
    one_seed = {t: e for t, e in evaluations.items() if "-s43" not in t.variant.calibration}
    assert sources(one_seed) == []
