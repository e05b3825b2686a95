"""The bench: a small run's results, made once; each fault breaks a copy."""

import shutil

import pytest
from workflow.conftest import ROOT

from faults.harness import Bench

RESULTS = "results"
TASK = f"{RESULTS}/tasks/reviews/test.parquet"
CALIBRATION = f"{RESULTS}/calibration/demo/reviews.balanced.safetensors"
GRADIENTS = f"{RESULTS}/gradients/demo/reviews.balanced/last_token.safetensors"
PRUNED = f"{RESULTS}/pruned/demo/magnitude/none/0.50"
OTHER = f"{RESULTS}/pruned/demo/magnitude/none/0.30"
SUMMARIES = f"{RESULTS}/summaries/demo/magnitude/none/0.50/reviews/test.jsonl"
FAIRNESS = f"{RESULTS}/fairness/demo/magnitude/none/0.50/reviews.json"


@pytest.fixture(scope="session")
def whole_bench(tmp_path_factory):
    """Every stage's result once, as the workflow lays them out."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    shutil.copytree(ROOT / "data/demo/model", bench.folder / "model")
    shutil.copy(ROOT / "data/demo/reviews.jsonl", bench.folder)
    bench.path(RESULTS).mkdir()
    bench.path(f"{RESULTS}/config.yaml").write_text("models: {demo: {path: model}}\n")
    model = ("--model", "data/models/demo", "--device", "cpu")
    bench.make("data/models/demo", "download_model", "--model-id", "model",
               "--output", "data/models/demo")  # fmt: skip
    for split in ("test", "calibration"):
        table = TASK.replace("test", split)
        bench.make(table, "prepare_task", "--input", "reviews.jsonl", "--split", split,
                   "--columns", "references=summary", "--output", table,
                   *(("--limit", "4") if split == "test" else ()))  # fmt: skip
    bench.make(CALIBRATION, "prepare_calibration", "--model", "data/models/demo",
               "--texts", TASK.replace("test", "calibration"), "--prompt", "reviews",
               "--samples", "4", "--length", "64", "--output", CALIBRATION)  # fmt: skip
    bench.make(GRADIENTS, "compute_gradients", *model, "--calibration", CALIBRATION,
               "--loss", "last_token", "--output", GRADIENTS)  # fmt: skip
    for target in (PRUNED, OTHER):
        bench.make(target, "prune_model", *model, "--method", "magnitude",
                   "--sparsity", target[-4:], "--output", target)  # fmt: skip
    bench.make(SUMMARIES, "generate_summaries", *model, "--pruned", PRUNED, "--task", TASK,
               "--prompt", "reviews", "--max-new-tokens", "8", "--output", SUMMARIES)  # fmt: skip
    bench.make(FAIRNESS, "evaluate_fairness", "--summaries", SUMMARIES, "--task", TASK,
               "--attribution", "tokens", "--output", FAIRNESS)  # fmt: skip
    return bench


@pytest.fixture
def bench(whole_bench, tmp_path, monkeypatch):
    """A copy of the bench, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return whole_bench.copy(tmp_path / "bench")
