"""The same configuration gives the same bytes, however many jobs run at once."""

import hashlib

STAGES = ("tasks", "calibration", "activations", "gradients", "pruned", "summaries", "fairness",
          "quality", "comparisons", "tables")  # fmt: skip


def _digests(folder):
    files = (f for stage in STAGES for f in (folder / "results" / stage).rglob("*"))
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
        if file.is_file() and not file.name.endswith("card.json")
    }


def test_second_run_is_bit_identical(finished, workspace):
    run = workspace.snakemake(cores=1)
    assert run.code == 0, run.text
    first, second = _digests(finished.folder), _digests(workspace.folder)
    assert len(first) > 15
    assert first == second
