"""Answers to a grid's questions, on rows small enough to answer by hand."""

import pytest

from fairprune.fairness.decomposition import CONTRAST
from fairprune.report.find import find_results
from fairprune.report.questions import agreement, first_differences, fronts
from fairprune.report.sources import sentence_sources
from fairprune.report.tables import tables
from fairprune.report.variance import variance_rows, variance_words


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
    assert found["wanda"]["broken"] is False and "broken" not in found["magnitude"]
    rows[2]["broken"] = True
    found = {r["method"]: r for r in first_differences(rows)}
    assert (found["wanda"]["sparsity"], found["wanda"]["broken"]) == ("0.50", True)


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
    found = fronts(fairness, quality)
    assert [(r["method"], r["sparsity"], r["value"], r["quality"]) for r in found] == [
        ("dense", "0.00", 0.10, 0.5),
        ("wanda", "0.30", 0.05, 0.4),
    ]
    assert {(r["measure"], r["stratum"]) for r in found} == {("rougeL", "all")}


def test_a_signed_metric_is_fair_near_zero():
    fairness = [row(m, "0.50", v, metric="spd") for m, v in (("a", -0.30), ("b", 0.10))]
    quality = [{**row(m, "0.50", 0.5), "metric": "rougeL"} for m in "ab"]
    (found,) = fronts(fairness, quality)
    assert found["method"] == "b"


def test_what_is_no_measure_of_quality_makes_no_front():
    quality = [{**row("a", "0.50", 0.5), "metric": "length"}]
    assert fronts([row("a", "0.50", 0.1)], quality) == []


def test_agreement_leaves_out_what_cannot_be_ranked():
    rows = [
        row("wanda", f"0.{n}0", value, attribution=name)
        for name, values in (("tokens", (1, 2, 3, 9)), ("nearest", (3, 2, 1, None)))
        for n, value in enumerate(values, 1)
    ]
    rows += [row("hgla", "0.50", 0, attribution=a, broken=True) for a in ("tokens", "nearest")]
    rows += [{**r, "stratum": "balanced", "value": 1} for r in rows[:3]]
    (found,) = agreement(rows)
    assert (found["first"], found["second"], found["rho"], found["n"]) == (
        *("tokens", "nearest", -1.0),
        3,
    )


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


def test_variance_needs_a_full_grid_of_three_seeds(results_folder):
    results = find_results(results_folder)
    fairness = tables(results)["fairness"]
    every = variance_rows(results.evaluations, fairness)
    rows = [r for r in every if (r["metric"], r["attribution"]) == ("uer", "tokens")]
    assert {(r["task"], r["sparsity"]) for r in rows} == {
        (task, sparsity) for task in ("politics", "reviews") for sparsity in ("0.30", "0.50")
    }
    assert {(r["methods"], r["sets"], r["seeds"], r["broken"]) for r in rows} == {(2, 2, 3, 0)}
    reviews = [r for r in rows if (r["task"], r["sparsity"]) == ("reviews", "0.50")]
    assert [r["source"] for r in reviews] == [
        *("method", "set", "method × set", "seed", "method × seed", CONTRAST),
    ]
    assert sum(r["share"] for r in reviews[:-1]) == pytest.approx(1)
    assert reviews[-1]["share"] == pytest.approx(reviews[0]["share"] - reviews[1]["share"])
    two = {t: e for t, e in results.evaluations.items() if "-s43" not in t.variant.calibration}
    assert variance_rows(two, fairness) == []


def moved(source, share, low, high):
    place = {"model": "m", "task": "t", "sparsity": "0.50", "attribution": "tokens"}
    figures = {"share": share, "share_low": low, "share_high": high}
    return {**place, "metric": "uer", "source": source, **figures}


@pytest.mark.parametrize(
    ("contrast", "words"),
    [
        ((0.5, 0.2, 0.7), "the method moves it more than the calibration set"),
        ((-0.5, -0.7, -0.2), "the calibration set moves it more than the method"),
        ((0.5, -0.1, 0.7), "whether the method or the calibration set moves it more is undecided"),
    ],
)
def test_what_moves_fairness_in_words(contrast, words):
    rows = [moved("method", 0.62, 0.4, 0.8), moved("set", 0.12, 0, 0.3), moved("seed", 0.1, 0, 0.2)]
    (found,) = variance_words([*rows, moved(CONTRAST, *contrast)], {"uer": "UER"})
    assert found["text"] == (
        f"m on t at 0.50 (UER, tokens): {words}. Of its variance: method 62 % [40, 80], "
        "calibration set 12 % [0, 30], draw of the set 10 % [0, 20]."
    )


def test_nothing_moves_in_words():
    sources = ("method", "set", "seed", CONTRAST)
    (found,) = variance_words([moved(s, None, None, None) for s in sources], {"uer": "UER"})
    assert found["text"] == "m on t at 0.50 (UER, tokens): nothing moves it."
