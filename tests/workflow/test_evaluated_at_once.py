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


def test_language_ability_comes_and_goes_beside_the_summaries_of_a_finished_run(finished, tmp_path):
    """As docs/reruns.md says."""
    workspace = finished.copy(tmp_path / "run")
    (workspace.folder / "wiki.txt").write_text("one two three " * 400)
    workspace.config |= {"texts": {"wiki": "wiki.txt"}, "language": {"corpora": ["wiki"]}}
    targets = [f"results/language/demo/{v}.json" for v in ("dense/none/0.00", VARIANT[5:])]
    both = {"evaluate_variant": 1, "evaluate_variant_everywhere": 1}
    assert both.items() <= workspace.snakemake("--dry-run", "--quiet", "rules").jobs.items()
    alone = workspace.snakemake(*targets, "--allowed-rules", "evaluate_language", "download_file")
    assert alone.code == 0, alone.text
    assert alone.jobs == {"evaluate_language": 2}
    assert workspace.snakemake(*targets, "--touch").code == 0
    ends = {"build_tables", "build_report", "build_figures"}
    assert workspace.snakemake("--dry-run", "--quiet", "rules").jobs == dict.fromkeys(ends, 1)
    workspace.config.pop("language")
    judged = [f"results/fairness/demo/{v}/reviews.json" for v in ("dense/none/0.00", VARIANT[5:])]
    assert "generate_summaries" in workspace.snakemake("--dry-run", "--quiet", "rules").jobs
    assert workspace.snakemake(*judged, "--touch").code == 0
    assert "generate_summaries" not in workspace.snakemake("--dry-run", "--quiet", "rules").jobs
