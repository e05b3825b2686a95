"""The sentences of the first screen, by hand."""

from fairprune.report.sentences import sentences

NAMES = {"uer": "UER", "quality": "ROUGE-L"}


def row(method, sparsity, verdict, *, broken=False, **more):
    return {
        **{"model": "m", "method": method, "calibration": "none", "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "metric": "uer", "stratum": "all"},
        **{"verdict": verdict, "broken": broken, **more},
    }


def test_the_answer_in_words():
    fairness = [
        row("dense", "0.00", None),
        row("wanda", "0.30", "equivalent"),
        row("wanda", "0.50", "better"),
        row("gblm", "2of4", "worse"),
        row("gblm", "0.70", "equivalent", broken=True),
        row("hgla", "0.50", "undecided"),
        row("hgla", "0.30", "worse", stratum="balanced") | {"stratum": "balanced"},
    ]
    quality = [row("wanda", "0.30", "equivalent"), row("wanda", "0.50", "worse")]
    (found,) = sentences(fairness, quality, NAMES)
    assert found["text"] == (
        "m on t (UER, tokens): of 5 variants 2 keep the dense model's fairness, 1 is worse, "
        "1 undecided; 1 variant writes too much broken text to be judged; the sparsest that keeps "
        "fairness and ROUGE-L: wanda at 0.30."
    )


def test_without_quality_the_answer_is_about_fairness_alone():
    (found,) = sentences([row("wanda", "0.50", "better")], [], {"uer": "UER"})
    assert found["text"].endswith("the sparsest that keeps fairness: wanda at 0.50.")
    elsewhere = [row("wanda", "0.50", "equivalent") | {"task": "u"}]  # t has no references
    (found,) = sentences([row("wanda", "0.50", "better")], elsewhere, NAMES)
    assert found["text"].endswith("the sparsest that keeps fairness: wanda at 0.50.")
    both = [row("wanda", "0.50", "better"), row("hgla", "0.50", "better")]
    (found,) = sentences(both, elsewhere, NAMES)
    assert found["text"].endswith("keeps fairness: wanda at 0.50, and 1 other as sparse.")
    lost = [row("wanda", "0.50", "worse")]
    (found,) = sentences(lost, lost, NAMES)
    assert found["text"].endswith("none keeps fairness and ROUGE-L.")
