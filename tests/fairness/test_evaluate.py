"""`fairness.evaluate` as a library: what counts, in which stratum, with which errors."""

from dataclasses import dataclass

import numpy as np
import pytest

from fairprune.errors import FairpruneError
from fairprune.fairness import evaluate

WORDS = {"A": "apple banana cherry", "B": "knife fork spoon", "C": "red green blue"}


def rows(*labels, same=False):
    """Inputs of the given labels; each opinion's text is its group's words and its own."""
    return [
        {
            "id": f"i{n}",
            "labels": list(one),
            "opinions": [
                f"{WORDS.get(label, 'other')} {'' if same else f'word{n}x{m}'}"
                for m, label in enumerate(one)
            ],
        }
        for n, one in enumerate(labels)
    ]


def say(inputs, **parts):
    """Summaries that hold a group's words the given number of times."""
    text = " and ".join(WORDS[group] for group, times in parts.items() for _ in range(times))
    return {row["id"]: text for row in inputs}


def figure(result, metric, stratum="all", attribution="tokens"):
    (found,) = (
        f
        for f in result.figures
        if (f.metric, f.stratum, f.attribution) == (metric, stratum, attribution)
    )
    return found


def test_copying_all_opinions_is_fair():
    inputs = rows("AAB", "ABB", "AB", "ABC")
    copies = [{"id": r["id"], "summary": ". ".join(r["opinions"])} for r in inputs]
    result = evaluate(inputs, copies)
    for metric in ("bur", "uer", "auc", "tv", "sof"):
        assert result.value(metric) == 0


def test_quoting_the_smaller_group():
    """Disjoint vocabularies, two opinions of A and one of B: (1 − p_min)/K."""
    inputs = rows("AAB", "AAB", same=True)
    result = evaluate(inputs, say(inputs, B=2))
    assert result.value("uer") == pytest.approx((1 - 1 / 3) / 2)
    assert result.value("bur") == 1
    assert result.value("auc") == 1
    assert result.value("spd") == pytest.approx(-4 / 3)


def test_strata_and_counts():
    inputs = rows("AAB", "ABB", "AB", "AA", "AAB")
    summaries = say(inputs, A=1, B=1)
    summaries["i4"] = "no"
    result = evaluate(inputs, summaries)
    counted = {(f.stratum, f.n, f.n_invalid) for f in result.figures if f.metric == "uer"}
    assert counted == {("all", 3, 1), ("balanced", 1, 0), ("A-heavy", 1, 1), ("B-heavy", 1, 0)}
    assert result.counts["inputs"] == 5
    assert result.counts["one_group"] == 1
    assert result.counts["short"] == 1
    one = figure(result, "uer", "balanced")
    assert (one.low, one.high) == (None, None)  # one input: nothing to resample
    assert figure(result, "spd2", "A-heavy").value is None
    assert figure(result, "spd2").value is not None


def test_heavy_is_over_055():
    result = evaluate(rows("A" * 11 + "B" * 9), say(rows("AB"), A=2))
    assert result.inputs[0].stratum == "balanced"
    result = evaluate(rows("A" * 14 + "B" * 11), say(rows("AB"), A=2))
    assert result.inputs[0].stratum == "A-heavy"  # 0.56


def test_three_groups_have_a_stratum_each():
    inputs = rows("AAABC", "ABBBC", "ABCCC", "AABBC")
    result = evaluate(inputs, say(inputs, A=2), pair=("C", "A"))
    strata = {f.stratum for f in result.figures}
    assert strata == {"all", "balanced", "A-heavy", "B-heavy", "C-heavy"}
    assert [entry.stratum for entry in result.inputs] == [
        "A-heavy",
        "B-heavy",
        "C-heavy",
        "balanced",
    ]
    assert result.value("spd") < 0  # A gains, C loses
    assert result.settings["pair"] == ["C", "A"]
    assert figure(result, "spd2").n == 2
    assert evaluate(inputs, say(inputs, A=2)).value("spd") is None


def test_shares_are_over_what_the_model_saw():
    inputs = rows("AABBB")
    seen = [{"id": "i0", "summary": say(inputs, A=2)["i0"], "opinions_seen": 3}]
    result = evaluate(inputs, seen)
    assert result.shares[0].p == pytest.approx(8 / 12)
    assert result.counts["opinions_dropped"] == 2
    assert result.inputs[0].stratum == "A-heavy"
    seen[0]["opinions_seen"] = 2
    assert evaluate(inputs, seen).inputs[0].stratum is None


def test_ignored_labels_are_no_group():
    inputs = rows("ABC", "ACC")
    result = evaluate(inputs, say(inputs, A=1, B=1), ignore=["C"])
    assert result.groups == ("A", "B")
    assert result.counts["one_group"] == 1
    assert {row.group for row in result.shares} == {"A", "B"}


@pytest.mark.parametrize(
    "summary", ["", "a", "one two three four", "go on and on " * 6, "zzz yyy xxx www vvv"]
)
def test_what_is_no_summary_has_no_q(summary):
    inputs = rows("AB", "AAB")
    summaries = say(inputs, A=1, B=1) | {"i0": summary}
    result = evaluate(inputs, summaries)
    assert [(r.id, r.q, r.valid) for r in result.shares if r.id == "i0"] == [
        ("i0", None, False),
        ("i0", None, False),
    ]
    assert figure(result, "uer").n == 1
    assert figure(result, "uer").n_invalid == 1


def test_all_invalid_is_undefined_not_fair():
    inputs = rows("AB", "AAB")
    result = evaluate(inputs, dict.fromkeys(("i0", "i1"), ""))
    assert {f.value for f in result.figures} == {None}
    assert {f.n for f in result.figures} == {0}
    assert result.attributions["tokens"]["valid"] == 0


def test_sentences_say_what_went_to_whom():
    inputs = rows("AB", "AAB")
    summaries = {"i0": "Apple banana knife. Green of no group.", "i1": "one two"}
    result = evaluate(inputs, summaries, attributions=["tokens", "nearest"])
    assert result.sentences["tokens"] == [[[0.67, 0.33], None], []]  # the second is too short
    assert result.sentences["nearest"] == [[[1.0, 0.0], None], []]


@dataclass
class Row:
    """An input as an object, as a task table gives it."""

    id: str
    opinions: list
    labels: list
    mix: str = "mine"


def test_inputs_may_be_objects_and_carry_their_mix():
    inputs = rows("AB", "AAB")
    objects = [Row(**row) for row in inputs]
    summaries = say(inputs, A=2, B=1)
    assert evaluate(objects, summaries).figures == evaluate(inputs, summaries).figures
    texts = [summaries[row["id"]] for row in inputs]
    assert evaluate(inputs, texts).figures == evaluate(inputs, summaries).figures
    assert {row.mix for row in evaluate(objects, summaries).shares} == {"mine"}
    assert {row.mix for row in evaluate(inputs, summaries).shares} == {"balanced", "A-heavy"}


def test_interval_depends_on_seed_and_ids_alone():
    generator = np.random.default_rng(0)
    inputs = rows(*["AB", "AAB", "ABB", "AAAB", "AABBB"] * 4)
    one, two = (
        {
            f"i{n}": " ".join(WORDS["A" if generator.random() < 0.5 else "B"] for _ in range(3))
            for n in range(20)
        }
        for _ in range(2)
    )
    assert evaluate(inputs, one).figures == evaluate(inputs, one).figures
    assert evaluate(inputs, one).figures != evaluate(inputs, one, seed=1).figures
    mixed = {f"i{n}": (one if n < 10 else two)[f"i{n}"] for n in range(20)}
    for summaries in (one, mixed):
        found = figure(evaluate(inputs, summaries), "tv")
        assert found.low <= found.value <= found.high


def test_options_reach_attributions_and_metrics():
    inputs = rows("AAB", same=True)
    summaries = {"i0": "apple apple apple knife fork and so on"}
    assert evaluate(inputs, summaries).value("bur") == 0
    assert evaluate(inputs, summaries, tau=1.0).value("bur") == 1  # q_A = 3/5 beside p_A = 2/3
    options = {"tokens.source_share": "true", "sof.form": "variance", "bur.strict": "false"}
    result = evaluate(inputs, summaries, options=options)
    assert result.settings["options"]["tokens.source_share"] is True
    assert result.settings["options"]["sof.form"] == "variance"


def test_train_brings_the_classifier_without_its_leaks():
    inputs = rows("AAB", "ABB")
    train = rows("AB", "ABAB", "AABB")
    result = evaluate(inputs, say(inputs, A=1, B=1), train=[*train, *inputs])
    figures = result.attributions["classifier"]
    assert figures["opinions"] == {"A": 3, "B": 4}  # those that also stand in the inputs: left out
    assert set(result.attributions) == {"tokens", "classifier"}
    assert result.table().attribution.nunique() == 2


GOOD = rows("AB", "AAB")
SAID = say(GOOD, A=1, B=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": []}, "are empty"),
        ({"inputs": [GOOD[0], GOOD[0]]}, "'i0' stands there twice"),
        ({"inputs": [{**GOOD[0], "labels": ["A"]}, GOOD[1]]}, "2 opinions but 1 labels"),
        ({"inputs": [{**GOOD[0], "labels": ["A", ""]}, GOOD[1]]}, "empty label"),
        ({"inputs": [{**GOOD[0], "labels": ["A", None]}, GOOD[1]]}, "'labels' must be a list"),
        ({"inputs": [{"id": "i0", "labels": []}, GOOD[1]]}, "'opinions' must be a list"),
        ({"inputs": [{**GOOD[0], "id": 3}, GOOD[1]]}, "'id' must be a text"),
        ({"summaries": ["x"]}, "1 summaries but 2 inputs"),
        ({"summaries": []}, "0 summaries but 2 inputs"),
        ({"summaries": {"i0": "x"}}, "1 of 2 have no summary, the first 'i1'"),
        ({"summaries": SAID | {"i9": "x"}}, "1 of 3 have no input, the first 'i9'"),
        ({"summaries": SAID | {"i1": None}}, "i1: 'summary' must be a text"),
        (
            {"summaries": [{"id": k, "summary": v, "opinions_seen": 9} for k, v in SAID.items()]},
            "opinions_seen is 9, the input has 2",
        ),
        ({"attributions": ["token"]}, "did you mean 'tokens'"),
        ({"attributions": ["tokens", "tokens"]}, "named twice"),
        ({"attributions": ["classifier"]}, "with --train"),
        ({"options": {"tokens.share": 1}}, "unknown option 'tokens.share'"),
        ({"options": {"sof.form": "standard"}}, "unknown value of option form 'standard'"),
        ({"tau": 1.2}, "from 0 to 1"),
        ({"pair": ("A", "X")}, "unknown group 'X' in --pair"),
        ({"pair": ("A", "A")}, "two different groups"),
        ({"pair": ("A",)}, "two different groups"),
        ({"train": rows("AAA")}, "label 'B'"),
        ({"options": {"classifier.labels": "x:A"}, "train": rows("AB")}, "classifier.model"),
    ],
)
def test_mistakes_are_one_clear_line(change, message):
    arguments = {"inputs": GOOD, "summaries": SAID} | change
    with pytest.raises(FairpruneError) as caught:
        evaluate(**arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
