"""A compressed model in a run: what it adds to one that is finished, and what is left alone."""

import pytest

from fairprune.io.cards import read_card

CARD = "results/pruned/demo/mine/none/given/card.json"


@pytest.mark.long("of whole runs")
def test_a_compressed_model_beside_a_finished_run(finished, tmp_path):
    workspace = finished.copy(tmp_path / "run")
    workspace.config |= {"compressed": {"mine": {"of": "demo", "path": "model"}}}
    run = workspace.snakemake(CARD)
    assert run.code == 0, run.text
    assert run.jobs == {"download_model": 1, "inspect_compressed": 1}
    card = read_card(workspace.folder / CARD)
    assert card["target"] == CARD.removeprefix("results/")
    assert card["without_card"] == []
    left = {"generate_summaries_everywhere": 1, "evaluate_fairness": 1, "evaluate_quality": 1}
    ends = {"compare_variants", "build_tables", "build_report", "build_figures"}
    assert workspace.snakemake("--dry-run").jobs == {**left, **dict.fromkeys(ends, 1)}
