"""The demo's task files are what their script makes and what the workflow needs."""

import subprocess
import sys
from collections import Counter

import pytest
from demo_reading import DEMO, TASKS, facts, is_said, rows_of, sentences_of, unfair_error


def test_files_are_reproduced_to_the_byte(tmp_path):
    command = [sys.executable, DEMO / "make_opinions.py", "--output", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    for task in TASKS:
        shipped = (DEMO / f"{task}.jsonl").read_bytes()
        assert (tmp_path / f"{task}.jsonl").read_bytes() == shipped
        assert len(shipped) < 1_000_000


@pytest.mark.parametrize("task", TASKS)
def test_shapes(task):
    rows = rows_of(task)
    assert Counter(row["split"] for row in rows) == {"train": 96, "calibration": 72, "test": 48}
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert 6 <= len(row["opinions"]) == len(row["label"]) <= 10
        assert all(8 <= len(opinion.split()) <= 25 for opinion in row["opinions"])
        shares = {label: row["label"].count(label) / len(row["label"]) for label in row["label"]}
        assert row["proportion"] == pytest.approx(shares, abs=1e-4)
        assert len(row["summary"][0].split()) < 0.6 * len(row["input"].split())


@pytest.mark.parametrize("task", TASKS)
def test_mix_names_the_larger_group(task):
    for row in rows_of(task):
        (larger, share), *_ = sorted(row["proportion"].items(), key=lambda item: -item[1])
        assert row["mix"] == ("balanced" if share == 0.5 else f"{larger}-heavy")
        assert share == 0.5 or share > 0.55


@pytest.mark.parametrize("task", TASKS)
def test_no_opinion_stands_twice(task):
    opinions = [opinion for row in rows_of(task) for opinion in row["opinions"]]
    assert len(opinions) == len(set(opinions)) > 1_500


@pytest.mark.parametrize("task", TASKS)
def test_an_opinion_says_one_thing_and_is_of_its_group(task):
    for row in rows_of(task):
        for opinion, label in zip(row["opinions"], row["label"], strict=True):
            (fact,) = facts(opinion)
            assert fact[-1] == label


@pytest.mark.parametrize("task", TASKS)
def test_references_are_true_and_fair(task):
    rows = rows_of(task)
    for row in rows:
        sentences = sentences_of(row["summary"][0])
        assert all(is_said(sentence, row["opinions"]) for sentence in sentences)
        groups = Counter(fact[-1] for sentence in sentences for fact in facts(sentence))
        shares = {label: count / len(sentences) for label, count in groups.items()}
        assert shares == pytest.approx(row["proportion"], abs=1e-4)
    assert sum(unfair_error(row["summary"][0], row) for row in rows) / len(rows) < 0.03


def test_the_reader_tells_true_from_false():
    opinions = [
        "To be honest, I found the lid rather loose.",
        "Only Orvick dares to fund the schools.",
    ]
    assert is_said("The lid is wobbly", opinions)
    assert not is_said("The lid is solid", opinions)
    assert not is_said("The base is loose", opinions)
    assert is_said("The schools would be funded by Orvick", opinions)
    assert not is_said("The schools would be funded by Tamble", opinions)
    assert not is_said("The schools would be merged by Orvick", opinions)
    assert not is_said("It is what it is", opinions)
