"""Where a configuration asks for both, one job writes summaries and measures language ability."""

import pytest

VARIANT = "demo/hgla/reviews.balanced/0.50"
PRUNING = {
    "download_model": 1,
    "prepare_task": 2,
    "prepare_calibration": 1,
    "measure_activations": 1,
    "compute_gradients": 1,
    "prune_model": 1,
}


@pytest.mark.parametrize(
    "target", [f"summaries/{VARIANT}/reviews/test.jsonl", f"language/{VARIANT}.json"]
)
def test_either_file_brings_the_job_of_both(workspace, target):
    (workspace.folder / "wiki.txt").write_text("one two three " * 400)
    workspace.config |= {"texts": {"wiki": "wiki.txt"}, "language": {"corpora": ["wiki"]}}
    run = workspace.snakemake(f"results/{target}", "--dry-run", "--quiet", "rules")
    assert run.code == 0, run.text
    assert run.jobs == PRUNING | {"evaluate_variant": 1}


def test_a_run_keeps_what_was_written(finished):
    """So that a corpus that is added later does not have it written anew."""
    summaries = finished.folder / f"results/summaries/{VARIANT}/reviews"
    assert {file.name for file in summaries.iterdir()} == {
        ".test.jsonl.kept",
        "test.jsonl",
        "test.jsonl.card.json",
    }
