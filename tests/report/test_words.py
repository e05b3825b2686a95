"""The sentences of the first screen, by hand."""

from fairprune.report.sentences import sentences


def row(method, sparsity, verdict=None, **more):
    return {
        **{"model": "m", "method": method, "calibration": "none", "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "metric": "uer_excess", "stratum": "all"},
        **{"verdict": verdict, "broken": False, "primary": verdict is not None},
        **{"reason": "so it is", "marks": "", "value": 0.1, "low": 0.02, "high": 0.18},
        **more,
    }


def share(method, sparsity, group, summary, **more):
    place = {"model": "m", "method": method, "calibration": "none", "sparsity": sparsity}
    figures = {"input": 0.38, "summary": summary, "low": summary - 0.07, "high": summary + 0.08}
    return {**place, "task": "t", "attribution": "tokens", "group": group, **figures, **more}


DENSE = row("dense", "0.00")
SHARES = [
    share("dense", "0.00", "angry", 0.21),
    share("dense", "0.00", "glad", 0.79, input=0.62),
    share("wanda", "0.50", "angry", 0.2),
]


def texts(fairness, shares=(), quality=(), measure=None, kind="answer", instruments=()):
    found = sentences(fairness, shares, instruments, quality, measure)
    return [entry["text"] for entry in found if entry["kind"] == kind]


def test_the_unpruned_models_own_level_comes_first():
    said = texts([DENSE, row("wanda", "0.50", "undecided")], SHARES, kind="level")
    assert said == [
        "m as it is, on t (tokens): angry 38 % of the opinions and 21 % [14, 29] of the summaries; "
        "glad 62 % of the opinions and 79 % [72, 87] of the summaries.",
        "m as it is already takes more from some groups than a fair writer of its length would "
        "(uer_excess 0.100 [0.020, 0.180]).",
    ]
    for low, words in ((-0.1, "takes no more from groups than chance would"), (-0.3, "takes less")):
        level = row("dense", "0.00", low=low, high=low + 0.15)
        assert words in texts([level, row("wanda", "0.50", "worse")], SHARES, kind="level")[1]


def test_how_well_the_attribution_sees_stands_beside_its_name():
    seen = {"model": "m", "task": "t", "attribution": "tokens", "J": 0.834, "language": "th"}
    fairness = [DENSE, row("wanda", "0.50", "undecided")]
    said = texts(fairness, SHARES, kind="level", instruments=[{**seen, "without": "stop words"}])
    assert said[0].startswith("m as it is, on t (tokens, J 0.83): angry 38 %")
    assert said[2] == "t: its language, th, is one with no stop words known."
    assert len(texts(fairness, SHARES, kind="level", instruments=[{**seen, "without": ""}])) == 2


def test_the_answer_counts_every_word():
    fairness = [
        DENSE,
        row("wanda", "0.30", "equivalent"),
        row("wanda", "0.50", "better"),
        row("gblm", "2of4", "worse"),
        row("gblm", "0.70", "not judged"),
        row("hgla", "0.50", "shifted"),
        row("hgla", "0.60", "undecided"),
        row("hgla", "0.50", "shifted", metric="shift"),
        row("hgla", "0.30", "worse", stratum="balanced"),
        row("hgla", "0.20", "worse", primary=False),
    ]
    quality = [row("wanda", "0.30", "equivalent"), row("wanda", "0.50", "worse")]
    counts, furthest = texts(fairness, SHARES, quality, "ROUGE-L")
    assert counts == (
        "m on t, against the model as it is (uer_excess with shift, tokens): of 6 variants "
        "1 not judged, 1 worse, 1 better, 1 shifted, 1 equivalent, 1 undecided."
    )
    assert furthest == "The sparsest that keeps fairness and ROUGE-L: wanda at 0.30."
    assert texts(fairness)[1] == "The sparsest that keeps fairness: wanda at 0.50."
    both = [row("wanda", "0.50", "better"), row("hgla", "0.50", "better")]
    assert texts(both)[1].endswith("wanda at 0.50, and 1 other as sparse.")
    assert texts([row("wanda", "0.50", "worse")])[1] == "None is known to keep fairness."


def test_each_variant_says_who_is_heard():
    fairness = [DENSE, row("wanda", "0.50", "undecided", marks="pool")]
    assert texts(fairness, SHARES, kind="variant") == [
        "wanda at 0.50: undecided, so it is (pool). Heard: angry 20 % [13, 28]."
    ]
    unjudged = [DENSE, row("wanda", "0.50", "not judged")]
    assert texts(unjudged, SHARES, kind="variant") == ["wanda at 0.50: not judged, so it is."]


def test_without_comparisons_only_the_level_is_told():
    found = sentences([DENSE], SHARES, [], [], None)
    assert {entry["kind"] for entry in found} == {"level"}
    assert sentences([], [], [], [], None) == []
