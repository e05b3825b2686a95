"""Splits share no opinion text, whatever the data say or leave open."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import SHARED, needs_shared

from fairprune.data.groups import Grouping, group_opinions
from fairprune.data.opinions import Opinions
from fairprune.data.prepare import prepare_task
from fairprune.data.rows import Labelled, Row
from fairprune.data.sizes import allot, choose, mix_counts
from fairprune.data.splits import SPLITS, assign_splits, connected, normalise, texts
from fairprune.data.tasks import read_task
from fairprune.errors import FairpruneError


def rows(inputs, split=None):
    return [
        Row(Opinions(f"i{n}", list(opinions), ["a"] * len(opinions), "m", []), split, f"row {n}")
        for n, opinions in enumerate(inputs)
    ]


def assert_disjoint(splits):
    held = {name: set().union(*map(texts, items)) for name, items in splits.items()}
    for one, other in itertools.combinations(held, 2):
        assert not held[one] & held[other]


def test_connected_inputs_are_found_through_others():
    items = [row.input for row in rows([["a"], ["b", "c"], ["c  d"], ["d"], ["c d", "b"], ["e"]])]
    assert connected(items) == [[0], [1, 2, 4], [3], [5]]


def test_data_without_splits_are_divided_in_the_stated_shares():
    splits = assign_splits(rows([[f"t{n}"] for n in range(100)]), seed=1)
    assert {name: len(items) for name, items in splits.items()} == {
        "train": 30,
        "calibration": 30,
        "test": 40,
    }
    assert_disjoint(splits)
    again = assign_splits(rows([[f"t{n}"] for n in range(100)]), seed=2)
    assert again["test"] != splits["test"]
    order = [int(item.id[1:]) for item in splits["test"]]
    assert order == sorted(order)


def test_connected_inputs_stay_together():
    inputs = [[f"own {n}", f"shared {n // 3}"] for n in range(60)]
    splits = assign_splits(rows(inputs), seed=3)
    assert sum(map(len, splits.values())) == 60
    assert [len(splits[name]) for name in SPLITS] == [9, 9, 42]  # 20 trios: 70 % to test
    for trio in range(20):
        homes = {n for n in SPLITS for i in splits[n] if f"shared {trio}" in i.opinions}
        assert len(homes) == 1


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=4), min_size=1, max_size=30),
    st.integers(0, 5),
)
def test_no_opinion_is_ever_in_two_splits(inputs, seed):
    splits = assign_splits(rows([[f"t {i}" for i in texts] for texts in inputs]), seed)
    assert_disjoint(splits)
    assert splits["test"]


def test_a_given_split_is_kept_and_train_is_taken_from_calibration():
    given_rows = rows([[f"t{n}"] for n in range(10)], "test")
    given_rows += [
        Row(Opinions(f"c{n}", [f"c{n}"], ["a"], "m", []), "calibration", "x") for n in range(20)
    ]
    splits = assign_splits(given_rows, 5)
    assert [len(splits[name]) for name in SPLITS] == [6, 14, 10]
    assert_disjoint(splits)


def test_all_three_given_splits_are_kept_as_they_are():
    found = [r for name in SPLITS for r in rows([[f"{name} {n}"] for n in range(3)], name)]
    splits = assign_splits(found, 5)
    assert all(len(splits[name]) == 3 for name in SPLITS)


def test_given_splits_that_share_a_text_are_refused():
    found = rows([["one  text", "x"]], "calibration") + rows([["y", "one text"]], "test")
    with pytest.raises(FairpruneError, match=r"row 0 \(test\) and row 0 \(calibration\).*one text"):
        assign_splits(found, 5)


def test_where_everything_hangs_together_whole_inputs_stay_in_calibration():
    pool = [f"t{n}" for n in range(60)]
    inputs = [[pool[(7 * n + 13 * k) % 60] for k in range(4)] for n in range(40)]
    splits = assign_splits(rows(inputs, "calibration"), 5)
    assert_disjoint(splits)
    assert splits["train"]
    assert all(len(item.opinions) == 4 for item in splits["calibration"])
    assert {normalise(t) for i in splits["train"] for t in i.opinions} <= set(pool)


def opinions(count, labels=("a", "b"), split=None):
    return [Labelled(f"text {n}", labels[n % len(labels)], split) for n in range(count)]


def test_single_opinions_are_grouped_in_exact_mixes():
    plan = Grouping(size=8, inputs=5, mixes=("balanced", "a-heavy", "b-only"))
    splits, sizes = group_opinions(opinions(200), ["a", "b"], plan, 1, "x")
    assert_disjoint(splits)
    assert (sizes.inputs, sizes.opinions, sizes.test_share) == (15, 140, 0.7)
    for split in ("calibration", "test"):
        assert len(splits[split]) == 15
        counts = {(i.mix, i.labels.count("a"), i.labels.count("b")) for i in splits[split]}
        assert counts == {("balanced", 4, 4), ("a-heavy", 6, 2), ("b-only", 0, 8)}
        assert all(len(set(item.opinions)) == 8 for item in splits[split])
    train = [text for item in splits["train"] for text in item.opinions]
    assert len(train) == len(set(train)) == 30
    used = [text for item in splits["test"] for text in item.opinions]
    assert len(used) == len(set(used))  # no opinion in two judged inputs
    assert len({item.id for items in splits.values() for item in items}) == 30 + len(
        splits["train"]
    )


def test_opinions_are_reused_on_request_once_a_group_is_used_up():
    plan = Grouping(size=4, inputs=10, mixes=("balanced",), reuse=True)
    other = [Labelled(f"c {n}", "ab"[n % 2], "calibration") for n in range(8)]
    splits, _ = group_opinions(opinions(50, split="test") + other,
                               ["a", "b"], plan, 1, "x")  # fmt: skip
    used = [text for item in splits["test"] for text in item.opinions]
    assert len(used) == 40 and len(set(used)) == 40
    again, _ = group_opinions(opinions(20, split="test") + other, ["a", "b"], plan, 1, "x")
    used = [text for item in again["test"] for text in item.opinions]
    assert len(used) == 40 and len(set(used)) == 20
    assert max(map(used.count, used)) == 2


def sizes_of(supply, size=None, most=60):
    mixes = ("balanced", *(f"{group}-heavy" for group in supply))
    return choose(supply, mixes, most, size)


@pytest.mark.parametrize(
    ("supply", "size", "inputs", "opinions", "share"),
    [
        ({"a": 900, "b": 1054}, 20, 39, 782, 0.4),  # as published: tweets of two parties
        ({"a": 75, "b": 123}, None, 20, 138, 0.7),  # 198 reviews
        ({"a": 100, "b": 100}, None, 20, 120, 0.6),
        ({"a": 300, "b": 300}, None, 20, 240, 0.4),
        ({"a": 20000, "b": 50000}, None, 180, 28000, 0.4),
        ({"a": 20, "b": 30}, None, 5, 30, 0.6),
        ({"a": 25, "b": 25}, None, 5, 30, 0.6),  # of 35 the calibration split could fill no input
    ],
)
def test_sizes_give_enough_independent_inputs_where_the_data_can(
    supply, size, inputs, opinions, share
):
    found = sizes_of(supply, size)
    assert (found.inputs, found.opinions, found.test_share) == (inputs, opinions, share)
    assert found.size <= 20 and (size is None or found.size == size)
    assert found.said().startswith(f"{inputs} inputs of {found.size} from {opinions} opinions")
    assert ("20 are the least" in found.said()) == (inputs < 20)


def test_what_would_be_needed_is_said():
    found = sizes_of({"a": 60, "b": 60})
    assert found.said() == (
        "14 inputs of 6 from 84 opinions; 20 are the least that can show that nothing changed: "
        "about 120 opinions for the test split would do"
    )
    assert sizes_of({"a": 86, "b": 86}).inputs >= 20  # 120 of them in the test split


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(4, 200), min_size=2),
    st.integers(2, 20),
    st.integers(1, 30),
)
def test_no_more_opinions_are_allotted_than_there_are(supply, size, most):
    mixes = ("balanced", *(f"{group}-heavy" for group in supply))
    counts = {mix: mix_counts(mix, list(supply), size) for mix in mixes}
    found = allot(supply, counts, most)
    used = {g: sum(found[mix] * counts[mix].get(g, 0) for mix in mixes) for g in supply}
    assert all(used[group] <= supply[group] for group in supply)
    assert max(found.values()) <= most
    left = {group: supply[group] - used[group] for group in supply}
    assert not any(
        found[mix] < most and all(left[g] >= n for g, n in counts[mix].items()) for mix in mixes
    )


def test_grouping_keeps_given_splits_and_drops_other_labels_and_repeats():
    found = [
        *opinions(40, split="test"),
        Labelled("text  0", "b", "test"),
        Labelled("n", "neutral", "test"),
    ]
    plan = Grouping(size=4, inputs=2, mixes=("balanced",))
    with pytest.raises(FairpruneError, match="2 opinions of 'a' and a split has 0"):
        group_opinions(found, ["a", "b"], plan, 1, "x")
    found += [Labelled(f"c {n}", "ab"[n % 2], "calibration") for n in range(8)]
    splits, _ = group_opinions(found, ["a", "b"], plan, 1, "x")
    assert splits["train"] == []
    assert all("n" not in item.opinions for item in splits["test"])
    with pytest.raises(FairpruneError, match=r"unknown mix 'a-hevy'.*did you mean 'a-heavy'"):
        group_opinions(found, ["a", "b"], Grouping(mixes=("a-hevy",)), 1, "x")


def real(tmp_path, name, **options):
    found = {}
    for split in SPLITS:
        prepare_task([SHARED / "data" / name], tmp_path / "t.parquet", split=split, **options)
        found[split] = read_task(tmp_path / "t.parquet")
    assert_disjoint(found)
    return found


@needs_shared
@pytest.mark.parametrize("name", ["us_election_groups", "us_election_groups_short"])
def test_real_tweets_keep_their_test_split_labels_and_mixes(tmp_path, name):
    found = real(tmp_path, f"fairsumm_tweets/{name}.jsonl")
    mixes = {item.mix for item in found["test"]}
    assert mixes == {"balanced", "more_democrat", "more_republican"}
    assert len(found["test"]) == (180 if name == "us_election_groups" else 120)
    assert {len(item.opinions) for item in found["calibration"]} == {
        20 if "short" not in name else 4
    }
    assert mixes <= {item.mix for item in found["calibration"]}
    train = {
        (t, label) for i in found["train"] for t, label in zip(i.opinions, i.labels, strict=True)
    }
    assert len(train) > 70


@needs_shared
def test_real_reviews_and_single_tweets(tmp_path):
    found = real(
        tmp_path,
        "perspectivesumm_reviews/amazon_gold.jsonl",
        columns=["references=gold_summary"],
        groups=["pos", "neg"],
        ignore=["neu"],
    )
    assert [len(found[name]) for name in SPLITS] == [18, 18, 24]
    assert all(len(item.references) == 3 for items in found.values() for item in items)
    found = real(tmp_path, "fairsumm_tweets/us_election.csv", ignore=["Neutral"])
    assert {item.mix for item in found["test"]} == {
        "balanced",
        "Pro-Democrat-heavy",
        "Pro-Republican-heavy",
    }
