"""Several summaries an input: figures are means over them, and the unit stays the input."""

from dataclasses import replace

import numpy as np
import pytest
from test_evaluate import WORDS, rows

from fairprune.errors import FairpruneError
from fairprune.fairness import compare, evaluate
from fairprune.fairness.files import read_evaluation, write_evaluation
from fairprune.quality.evaluation import evaluate_quality

FIRST = "uer_excess"
INPUTS = rows(*["AAB", "ABB", "AB", "ABC", "BBC", "AABB"] * 4)
BROKEN = ""


def written(inputs, samples, seed=0, broken=()):
    """Summaries of random groups' words: id → a text a sample, some of them broken."""
    rng = np.random.default_rng(seed)
    found = {}
    for number, row in enumerate(inputs):
        texts = []
        for sample in range(samples):
            parts = rng.choice([*row["labels"]], size=1 + rng.integers(4))
            text = " and ".join(WORDS[group] for group in parts)
            texts.append(BROKEN if (number, sample) in broken else f"{text} of course, they say")
        found[row["id"]] = texts
    return found


def one(found, sample):
    """One sample of each input alone."""
    return {name: texts[sample] for name, texts in found.items()}


def by_input(evaluation, of_input):
    """Input → its value, from the shares of a single-sample evaluation."""
    found = {}
    for entry in evaluation.inputs:
        mine = [s for s in evaluation.shares if s.id == entry.id and s.valid]
        if mine and entry.stratum:
            p, q = (np.array([getattr(s, side) for s in mine]) for side in "pq")
            found[entry.id] = of_input(p, q)
    return found


METRICS = {
    "uer": lambda p, q: np.maximum(p - q, 0).sum() / len(p),
    "bur": lambda p, q: float((q < 0.8 * p - 1e-12).any()),
    "tv": lambda p, q: np.abs(p - q).sum() / 2,
    "gap": lambda p, q: q.max() - q.min(),
}


@pytest.mark.parametrize("metric", METRICS)
def test_an_inputs_value_is_the_mean_over_its_valid_samples(metric):
    texts = written(INPUTS, 3, broken={(0, 1), (5, 0), (5, 2)})
    result = evaluate(INPUTS, texts)
    singles = [
        by_input(evaluate(INPUTS, one(texts, sample)), METRICS[metric]) for sample in range(3)
    ]
    means = [
        np.mean([single[row["id"]] for single in singles if row["id"] in single]) for row in INPUTS
    ]
    (figure,) = (f for f in result.figures if (f.metric, f.stratum) == (metric, "all"))
    assert figure.value == pytest.approx(np.mean(means), abs=1e-11)
    assert (figure.n, figure.n_invalid) == (len(INPUTS), 0)
    assert result.attributions["tokens"]["validity"] == pytest.approx(1 - 3 / 72)
    assert len(result.inputs) == result.counts["inputs"] == len(INPUTS)


def test_an_input_without_a_valid_sample_is_left_out():
    texts = written(INPUTS, 2, broken={(3, 0), (3, 1)})
    result = evaluate(INPUTS, texts)
    (figure,) = (f for f in result.figures if (f.metric, f.stratum) == ("uer", "all"))
    assert (figure.n, figure.n_invalid) == (len(INPUTS) - 1, 1)


def test_the_same_summary_again_changes_no_figure():
    """Three groups, so that SOF's excess, which looks at the spread between inputs, counts."""
    texts = written(INPUTS, 1)
    single = evaluate(INPUTS, one(texts, 0))
    thrice = evaluate(INPUTS, {name: [*text] * 3 for name, text in texts.items()})
    of = {(f.metric, f.stratum): f for f in single.figures}
    assert ("sof_excess", "all") in of
    for found in thrice.figures:
        known = of[found.metric, found.stratum]
        assert found.value == pytest.approx(known.value, abs=1e-9, nan_ok=True)
        if found.metric != "bur":  # of a share of inputs Wilson's interval, else the bootstrap's
            assert found.low == pytest.approx(known.low, abs=1e-9, nan_ok=True)
    for ours, theirs in zip(thrice.group_shares, single.group_shares, strict=True):
        assert ours.summary == pytest.approx(theirs.summary, abs=1e-9)


def test_files_keep_the_samples_and_a_comparison_of_them(tmp_path):
    dense = evaluate(INPUTS, written(INPUTS, 2, 1, broken={(2, 1)}))
    variant = evaluate(INPUTS, written(INPUTS, 2, 2, broken={(4, 0)}))
    read = {}
    for name, found in (("dense", dense), ("variant", variant)):
        write_evaluation(tmp_path / f"{name}.json", found, name, "t")
        read[name] = read_evaluation(tmp_path / f"{name}.json").evaluation
    assert {share.sample for share in read["dense"].shares} == {0, 1}
    expected = compare(dense, {"v": variant})
    assert compare(read["dense"], {"v": read["variant"]}) == expected
    (level,) = (r for r in expected if r.primary and r.metric == FIRST)
    assert level.n == len(INPUTS)
    assert level.units <= len(INPUTS)


def test_a_models_own_samples_are_no_difference():
    texts = written(INPUTS, 4)
    dense = evaluate(INPUTS, texts)
    same = evaluate(INPUTS, {name: of[::-1] for name, of in texts.items()})
    for row in compare(dense, {"v": same}):
        if row.difference is not None:
            assert row.difference == pytest.approx(0, abs=1e-9)
            assert row.verdict in (None, "equivalent", "undecided", "not judged")


def test_models_with_other_numbers_of_samples_are_not_compared():
    dense, variant = (evaluate(INPUTS, written(INPUTS, number)) for number in (2, 3))
    with pytest.raises(FairpruneError, match="differ in their samples"):
        compare(dense, {"v": variant})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:-1], "has not as many summaries as others"),
        (lambda rows: [*rows, rows[0]], "stands there twice"),
        (lambda rows: [{**rows[0], "sample": "0"}, *rows[1:]], "'sample' must be a whole number"),
    ],
)
def test_samples_that_do_not_fit_are_refused(change, message):
    texts = written(INPUTS, 2)
    table = [
        {"id": name, "sample": sample, "summary": text}
        for name, of in texts.items()
        for sample, text in enumerate(of)
    ]
    assert evaluate(INPUTS, table).figures == evaluate(INPUTS, texts).figures
    with pytest.raises(FairpruneError, match=message):
        evaluate(INPUTS, change(table))


def test_more_samples_of_as_many_inputs_are_no_certainty():
    """Where all inputs agree, resamples do: the interval is that of one sample an input."""
    one_each, both = (evaluate_quality(INPUTS, written(INPUTS, number)) for number in (1, 2))
    for name, end in (("validity", 1.0), ("empty", 0.0)):
        first, second = (
            next(f for f in quality.figures if f["metric"] == name) for quality in (one_each, both)
        )
        assert first["value"] == second["value"] == end
        assert (second["low"], second["high"]) == (first["low"], first["high"])
        assert second["high"] - second["low"] > 0.1
    fair = [{"id": r["id"], "sample": n, "summary": " ".join(r["opinions"])}
            for r in INPUTS for n in (0, 1)]  # fmt: skip
    (bur,) = (f for f in evaluate(INPUTS, fair).figures
              if (f.metric, f.stratum) == ("bur", "all"))  # fmt: skip
    assert bur.value == 0 and bur.high > 0.1


def test_quality_is_the_mean_over_samples():
    texts = written(INPUTS, 2, broken={(0, 1)})
    both = evaluate_quality(INPUTS, texts)
    singles = [evaluate_quality(INPUTS, one(texts, sample)) for sample in (0, 1)]
    assert [row["id"] for row in both.rows] == [row["id"] for row in INPUTS]
    for name in ("length", "validity"):
        values = np.array([[row[name] for row in single.rows] for single in singles], dtype=float)
        (figure,) = (f for f in both.figures if f["metric"] == name)
        assert figure["value"] == pytest.approx(values.mean())
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_too_few_valid_dense_summaries_say_what_to_try():
    texts = written(INPUTS, 1)
    loop = "round and round we go again " * 9
    broken = {name: [loop] if n % 3 == 0 else of for n, (name, of) in enumerate(texts.items())}
    dense, variant = evaluate(INPUTS, broken), evaluate(INPUTS, texts)
    rows_of = compare(dense, {"v": variant})
    (level,) = (r for r in rows_of if r.primary and r.metric == FIRST)
    assert level.verdict == "not judged"
    assert "of the dense model's summaries are valid" in level.reason
    assert "repetition_penalty" in level.reason
    whole = compare(variant, {"v": replace(variant)})
    assert not any("repetition_penalty" in row.reason for row in whole)
    (level,) = (r for r in compare(dense, {"v": replace(dense)}) if r.primary and r.metric == FIRST)
    assert "of the dense model's summaries are valid" in level.reason
