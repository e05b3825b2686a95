"""Every input of a step is verified once, when it is opened; below that nothing sees a path."""

from collections import Counter

import pytest
from tiny import save_ids, save_tiny

from compare_variants import compare_variants
from compute_gradients import compute_gradients
from evaluate_fairness import evaluate_fairness
from evaluate_quality import evaluate_quality
from fairprune.data.prepare import prepare_task
from fairprune.io import cards
from fairprune.io.cards import write_card
from fairprune.io.tables import write_jsonl
from measure_activations import measure_activations
from prune_model import prune_model


@pytest.fixture
def work(tmp_path):
    """A model and a calibration set with cards, and the statistics of both."""
    save_tiny(tmp_path / "model")
    ids = save_ids(tmp_path / "ids.safetensors")
    write_card(ids, stage="prepare_calibration", files=[ids], parameters={})
    files = sorted((tmp_path / "model").iterdir())
    write_card(tmp_path / "model", stage="download_model", files=files, parameters={})
    measure_activations(tmp_path / "model", ids, tmp_path / "dense.safetensors")
    compute_gradients(tmp_path / "model", ids, tmp_path / "full.safetensors", norms=["l2"])
    return tmp_path


@pytest.fixture
def verified(monkeypatch):
    """How often each target's card has been read, and its files compared with it."""
    read, counted = cards.read_card, Counter()

    def counting(target, **what):
        counted[target.name] += 1
        return read(target, **what)

    monkeypatch.setattr(cards, "read_card", counting)
    return counted


def test_pruning_with_all_statistics(work, verified):
    files = {
        "calibration": work / "ids.safetensors",
        "activations": work / "dense.safetensors",
        "gradients": work / "full.safetensors",
    }
    how = {"allocation": "owl", "sparsity": "0.5"}
    prune_model(work / "model", "gblm", work / "pruned", **how, **files)
    names = ("model", "ids.safetensors", "dense.safetensors", "full.safetensors")
    assert verified == dict.fromkeys(names, 1)


def test_pruning_that_measures(work, verified):
    how = {"calibration": work / "ids.safetensors", "sparsity": "0.5"}
    prune_model(work / "model", "hgla", work / "pruned", **how)
    measured = ("activations.safetensors", "gradients.safetensors")
    assert verified == dict.fromkeys(("model", "ids.safetensors", *measured), 1)


@pytest.mark.parametrize("measure", [measure_activations, compute_gradients])
def test_measuring(work, verified, measure):
    measure(work / "model", work / "ids.safetensors", work / "again.safetensors")
    assert verified == {"model": 1, "ids.safetensors": 1}


@pytest.fixture
def judged(work):
    """The splits of a task, and summaries of its test inputs by the model."""
    rows = [
        {"id": f"{split}{n}", "opinions": [f"good {split} {n}", f"bad {split} {n}"], "labels": "ab"}
        for split in ("test", "train")
        for n in range(3)
    ]
    for row in rows:
        row |= {"labels": [*row["labels"]], "split": row["id"][:-1]}
    write_jsonl(work / "task.jsonl", rows)
    for split in ("test", "train"):
        prepare_task([work / "task.jsonl"], work / f"{split}.parquet", split=split)
    summaries = [{"id": f"test{n}", "summary": f"it is good {n} they all say"} for n in range(3)]
    write_jsonl(work / "test.jsonl", summaries)
    write_card(work / "test.jsonl", stage="x", files=[work / "test.jsonl"], parameters={})
    return work


def test_judging(judged, verified):
    files = {"summaries": judged / "test.jsonl", "task": judged / "test.parquet"}
    how = {"train": [judged / "train.parquet"], "attribution": ["tokens", "classifier"]}
    evaluate_fairness(**files, output=judged / "f.json", **how)
    assert verified == dict.fromkeys(("test.jsonl", "test.parquet", "train.parquet"), 1)
    verified.clear()
    evaluate_quality(**files, output=judged / "q.json")
    assert verified == dict.fromkeys(("test.jsonl", "test.parquet"), 1)
    verified.clear()
    evaluate_fairness(**files, output=judged / "dense.json", **how, variant="d")
    verified.clear()
    compare_variants([judged / "f.json"], judged / "dense.json", judged / "c.parquet")
    assert verified == {"f.json": 1, "dense.json": 1}
