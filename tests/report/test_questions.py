"""Answers to a grid's questions, on rows small enough to answer by hand."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from fairprune.fairness.comparing.missing import validity
from fairprune.fairness.decomposition import CONTRAST
from fairprune.io.tables import read_parquet
from fairprune.report.find import find_results
from fairprune.report.questions import agreement, agreement_points, first_differences, fronts
from fairprune.report.rows import variant_name
from fairprune.report.sources import sentence_sources
from fairprune.report.tables import tables
from fairprune.report.variance import variance_rows, variance_words


def row(method, sparsity, verdict, **more):
    return {
        **{"model": "m", "method": method, "calibration": "none", "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "metric": "uer_excess", "stratum": "all"},
        **{"verdict": verdict, "p_holm": 0.2, "difference": 0.1, "reason": "so", "primary": True},
        **more,
    }


def test_first_difference_is_of_the_primary_result():
    rows = [
        row("dense", "0.00", None, primary=None),
        row("wanda", "0.30", "equivalent"),
        row("wanda", "0.50", "worse"),
        row("wanda", "0.50", "worse", metric="shift"),
        row("wanda", "0.10", "worse", metric="spd", primary=False),
        row("hgla", "0.50", "not judged"),
    ]
    found = {r["method"]: r for r in first_differences(rows)}
    assert set(found) == {"wanda", "hgla"}
    wanda, hgla = found["wanda"], found["hgla"]
    assert (wanda["sparsity"], wanda["tested"], wanda["task"]) == ("0.50", 2, "t")
    assert (hgla["sparsity"], hgla["verdict"], hgla["not_judged"]) == (None, "not judged", 1)


def plain(results, attribution, targets):
    """UER of each target by hand, over the inputs valid in all of them; and how many those are."""
    rows = {t: read_parquet(t.path.with_suffix(".parquet")) for t in targets}
    kept = {
        t: {r["id"]: [] for r in found if r["attribution"] in attribution}
        for t, found in rows.items()
    }
    bad = {
        r["id"]
        for found in rows.values()
        for r in found
        if r["attribution"] in attribution and not r["valid"]
    }
    values = {}
    for target, found in rows.items():
        for name in attribution:
            losses: dict = {}
            for r in found:
                if r["attribution"] == name and r["id"] not in bad:
                    losses.setdefault(r["id"], []).append(max(0, r["p"] - r["q"]))
            values[target, name] = np.mean([np.mean(part) for part in losses.values()])
    return values, len(set(next(iter(kept.values()))) - bad), bad


def sound_targets(results, task, attribution):
    return [
        target
        for target, evaluation in results.evaluations.items()
        if target.task == task and all(validity(evaluation, name) >= 0.9 for name in attribution)
    ]


def test_the_front_is_of_sound_variants_on_the_same_inputs(results_folder):
    results = find_results(results_folder)
    targets = sound_targets(results, "reviews", ["tokens"])
    assert 3 < len(targets) < sum(t.task == "reviews" for t in results.evaluations)
    values, number, bad = plain(results, ["tokens"], targets)
    quality = {}
    for target in targets:
        table = results.folder / "quality" / str(target.variant) / "reviews.parquet"
        means = [r["rougeL"] for r in read_parquet(table) if r["id"] not in bad]
        quality[target] = np.mean(means)
    wanted = {"task": "reviews", "attribution": "tokens", "metric": "uer", "stratum": "all"}
    wanted["measure"] = "rougeL"
    found = [r for r in fronts(results) if wanted.items() <= r.items()]
    by_name = {str(target.variant): target for target in targets}
    assert {variant_name(r) for r in found} == set(by_name)
    for r in found:
        mine = by_name[variant_name(r)]
        point = values[mine, "tokens"], quality[mine]
        assert (r["value"], r["quality"]) == pytest.approx(point)
        assert r["n"] == number
        beaten = any(
            values[t, "tokens"] <= point[0] and quality[t] >= point[1] and t is not mine
            for t in targets
        )
        assert r["front"] == (not beaten)


def test_agreement_is_of_variants_sound_under_both_on_the_same_inputs(results_folder):
    results = find_results(results_folder)
    pair = ("tokens", "classifier")
    targets = sound_targets(results, "reviews", pair)
    values, number, _ = plain(results, pair, targets)
    wanted = {"task": "reviews", "metric": "uer", "stratum": "all"}
    (found,) = [r for r in agreement(results) if wanted.items() <= r.items()]
    first, second = ([values[t, name] for t in targets] for name in pair)
    assert found["rho"] == pytest.approx(spearmanr(first, second).statistic)
    assert (found["first"], found["second"]) == pair
    assert (found["variants"], found["n"]) == (len(targets), number)
    points = [r for r in agreement_points(results) if wanted.items() <= r.items()]
    assert sorted(r["x"] for r in points) == pytest.approx(sorted(first))


def test_sentences_find_their_opinions():
    opinions = ["The food was tasty.", "The waiter was rude."]
    summary = "Rude waiter!  The food is tasty. Aliens landed."
    found, none, again = sentence_sources([summary, "", "Rude."], opinions, "en")
    assert none == [] and again == [(0, 5, 1)]
    assert [(summary[a:b], n) for a, b, n in found] == [
        ("Rude waiter!", 1),
        ("The food is tasty.", 0),
        ("Aliens landed.", -1),
    ]


@pytest.mark.long("of large reports")
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


def moved(source, share, low, high, p_value=0.001):
    place = {"model": "m", "task": "t", "sparsity": "0.50", "attribution": "tokens"}
    figures = {"share": share, "share_low": low, "share_high": high, "p_value": p_value}
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


@pytest.mark.parametrize("contrast", [(0.5, 0.2, 0.7), (-0.5, -0.7, -0.2)])
def test_what_draws_alone_could_do_is_undecided(contrast):
    parts = [moved("method", 0.6, 0.4, 0.8, 0.03), moved("set", 0.1, 0, 0.3, 0.03)]
    rows = [*parts, moved("seed", 0.1, 0, 0.2), moved(CONTRAST, *contrast)]
    (found,) = variance_words(rows, {"uer": "UER"})
    assert "is undecided" in found["text"]


def test_nothing_moves_in_words():
    sources = ("method", "set", "seed", CONTRAST)
    (found,) = variance_words([moved(s, None, None, None) for s in sources], {"uer": "UER"})
    assert found["text"] == "m on t at 0.50 (UER, tokens): nothing moves it."
