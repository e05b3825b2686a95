"""Attributions against values worked by hand (cases/attributions.json), and properties."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairprune.errors import FairpruneError
from fairprune.fairness.attribution.tokens import attribute
from fairprune.fairness.declare import ATTRIBUTIONS, Context
from fairprune.fairness.embedded import fit
from fairprune.fairness.inputs import Item

CASES = json.loads((Path(__file__).parent / "cases" / "attributions.json").read_text("utf-8"))
WORDS = ["apple", "banana", "cherry", "plum", "pear", "battery", "screen", "the", "dying", "price"]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['attribution']}: {c['name']}")
def test_by_hand(case):
    item = Item("x", tuple(case["opinions"]), tuple(case["labels"]), case["summary"])
    method = ATTRIBUTIONS.get(case["attribution"])
    (found,) = method.find([item], Context(("A", "B")), **case.get("options", {})).rows
    assert found.p == pytest.approx(case["p"])
    assert found.q == (case["q"] and pytest.approx(case["q"]))
    assert found.unattributed == pytest.approx(case["unattributed"])
    if "coverage" in case:
        assert found.coverage == (case["coverage"] and pytest.approx(case["coverage"]))


opinions = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.sampled_from("ABC")),
    min_size=1,
    max_size=6,
)


@given(opinions)
def test_copying_everything_is_exactly_fair(drawn):
    texts = tuple(" ".join(words) for words, _ in drawn)
    found = attribute(Item("x", texts, tuple(label for _, label in drawn), " ".join(texts)))
    assert found.q == found.p


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_quoting_only_the_smallest_group(first, second, third):
    """With disjoint vocabularies UER is (1 − p_min)/K."""
    sizes = {"A": first, "B": second, "C": third}
    smallest = min(sizes, key=sizes.get)
    texts = {g: " ".join(f"{g.lower()}word{n}" for n in range(size)) for g, size in sizes.items()}
    item = Item("x", tuple(texts.values()), tuple(texts), texts[smallest])
    found = attribute(item)
    error = sum(max(0, found.p[g] - found.q[g]) for g in sizes) / 3
    assert found.p == pytest.approx({g: n / sum(sizes.values()) for g, n in sizes.items()})
    assert error == pytest.approx((1 - min(found.p.values())) / 3)


TRAIN = (
    *(("great phone, love the battery " + w, "pos") for w in ("a lot", "really", "truly", "yes")),
    *(("awful phone, hate the battery " + w, "neg") for w in ("a lot", "really", "truly", "no")),
)


def classify(item):
    context = Context(("neg", "pos"), TRAIN)
    found = ATTRIBUTIONS.get("classifier").find([item], context)
    return found.rows[0], found.figures


def test_classifier_counts_sentences():
    summary = "I love it, a great thing. It is awful. I hate the screen. Zzz qqq."
    opinions = ("great phone. I love it!", "I hate the battery", "zzz")
    item = Item("x", opinions, ("pos", "neg", "pos"), summary)
    row, figures = classify(item)
    assert row.p == pytest.approx({"pos": 2 / 3, "neg": 1 / 3})  # as it gives the sentences
    assert row.q == pytest.approx({"pos": 1 / 3, "neg": 2 / 3})
    assert row.unattributed == pytest.approx(1 / 4)  # no word of the last sentence is known
    assert figures["accuracy"] == 1.0
    assert figures["confusion"] == [[4, 0], [0, 4]]
    assert figures["labels"] == ["neg", "pos"]
    assert figures["folds"] == 4


def test_published_p_of_the_classifier_is_the_labels_share():
    item = Item("x", ("great", "I hate it", "zzz"), ("pos", "neg", "pos"), "I love it.")
    context = Context(("neg", "pos"), TRAIN)
    (row,) = ATTRIBUTIONS.get("classifier").find([item], context, source="labels").rows
    assert row.p == pytest.approx({"pos": 2 / 3, "neg": 1 / 3})


MANY = (
    ("great phone. I love it", "pos"), ("awful battery, I hate it. Great screen", "neg"),
    ("Great screen", "pos"), ("the price", None), ("I hate the price", "neg"), ("meh", "pos"),
)  # fmt: skip


@pytest.mark.parametrize("name", ["tokens", "classifier", "nearest"])
@pytest.mark.parametrize("joined", [" ", "\n", " || ", ". "])
def test_a_copied_input_is_exactly_fair(name, joined):
    """One instrument for both sides: p and q are the same, sentence for sentence."""
    texts, labels = zip(*MANY, strict=True)
    item = Item("x", texts, labels, joined.join(texts))
    (row,) = ATTRIBUTIONS.get(name).find([item], Context(("neg", "pos"), TRAIN)).rows
    assert row.q == pytest.approx(row.p, abs=1e-12)
    assert sum(row.p.values()) == pytest.approx(1)


def test_a_sentence_of_several_opinions_is_shared():
    """'Great screen' stands in one opinion of each group, and once more in the first's."""
    item = Item("x", ("Great screen.", "Great screen!", "great SCREEN. Bad price"), ("A", "B", "A"),
                "Great screen")  # fmt: skip
    (row,) = ATTRIBUTIONS.get("nearest").find([item], Context(("A", "B"))).rows
    assert row.q == pytest.approx({"A": 2 / 3, "B": 1 / 3})
    assert row.coverage == pytest.approx([1 / 3] * 3)


def test_sentence_of_an_absent_group_is_unattributed():
    row, _ = classify(Item("x", ("fine", "good"), ("pos", "pos"), "I love it. I hate it."))
    assert row.q == {"pos": 1.0}
    assert row.unattributed == 0.5
    row, _ = classify(Item("x", ("fine", "good"), ("pos", "pos"), "I hate it. It is awful."))
    assert row.q is None


def test_confusion_is_cross_validated():
    """A classifier that only learned its examples by heart must not look accurate."""
    train = tuple((f"word{n}", "AB"[n % 2]) for n in range(40))
    _, figures = fit(train, ("A", "B"))
    assert figures["accuracy"] <= 0.6


def test_too_few_for_folds():
    _, figures = fit((("good", "pos"), ("bad", "neg")), ("neg", "pos"))
    assert figures["accuracy"] is None


def test_label_that_cannot_be_learned():
    with pytest.raises(FairpruneError, match="label 'neutral'"):
        fit(TRAIN, ("neg", "neutral", "pos"))
    with pytest.raises(FairpruneError, match="one group only"):
        fit(TRAIN[:2], ("pos",))
    with pytest.raises(FairpruneError, match="cannot learn"):
        fit((("!", "pos"), ("?", "neg")), ("neg", "pos"))


def test_attributions_are_found_by_their_files():
    assert {"tokens", "classifier", "nearest"} <= set(ATTRIBUTIONS.names())
    with pytest.raises(FairpruneError, match="did you mean 'tokens'"):
        ATTRIBUTIONS.get("token")
