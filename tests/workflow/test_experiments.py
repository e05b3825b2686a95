"""The experiments of others: runs that judge language ability alone."""

import csv
import gzip
import json
import shutil

import pytest
import yaml
from shared import SHARED, needs_shared

from fairprune.io.cards import read_card
from workflow.conftest import ROOT, Workspace


def experiment(folder, name, **changes):
    """A workspace with a shipped configuration."""
    shipped = yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))
    return Workspace(folder, {**shipped, **changes})


@pytest.mark.parametrize(
    ("name", "models", "pruned", "own"),
    [
        # 5 methods × 3 sparsities; GBLM and gradient read the same file
        ("gblm", 1, 15, {"compute_gradients": 1}),
        # 4 models × 4 scores × 5 top-ups × 3 sparsities; OWL reads dense activations
        ("neuroal", 4, 240, {"measure_activations": 4}),
        # 3 methods at one sparsity; two texts
        ("published", 1, 3, {"compute_gradients": 1, "download_file": 2}),
    ],
)
def test_whole_graph(tmp_path, name, models, pruned, own):
    run = experiment(tmp_path, name).snakemake("--dry-run", "--quiet", "rules")
    assert run.code == 0, run.text
    assert run.jobs == {
        "download_model": models,
        "download_file": 4,
        "prepare_calibration": models,
        "prune_model": pruned,
        "evaluate_language": pruned + models,
        "build_tables": 1,
        "build_figures": 1,
        "build_report": 1,
        **own,
    }


@pytest.mark.long("of whole runs")
@needs_shared
def test_on_a_tiny_model_with_local_text(tmp_path):
    """The form of both configurations, with stories in place of C4 and a story teller's model."""
    stories = (SHARED / "data/tinystories/sample.txt").read_text(encoding="utf-8")
    rows = [{"text": stories[start : start + 1500]} for start in range(0, 30000, 1500)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "c4.json.gz").write_bytes(gzip.compress(lines.encode()))
    shutil.copy(SHARED / "data/tinystories/validation_excerpt.txt", tmp_path / "ptb.txt")
    workspace = experiment(
        tmp_path,
        "gblm",
        threads=1,
        models={"tiny": {"path": str(SHARED / "models/stories260k")}},
        texts={
            "c4": {"file": "c4.json.gz", "limit": 15},
            "c4-validation": {"file": "c4.json.gz", "limit": 3},
            "ptb": "ptb.txt",
        },
        calibration={"samples": 8, "length": 128, "windows": "longer", "texts": ["c4"]},
        methods={"gblm": {}, "top": {"score": "multiflow", "allocation": "neuroal"}},
        grid=[
            {"methods": ["gblm"], "sparsities": ["2of4"]},
            {"methods": ["top"], "sparsities": [0.7]},
        ],
        language={"corpora": ["c4-validation", "ptb"], "window": 256},
    )
    run = workspace.snakemake()
    assert run.code == 0, run.text
    results = tmp_path / "results/gblm"
    assert (results / "report.html").is_file()

    card = read_card(results / "calibration/tiny/c4.safetensors")
    assert card["figures"]["texts"] == 15
    found = {}
    for variant in ("dense/none/0.00", "gblm/c4/2of4", "top/c4/0.70"):
        language = json.loads((results / f"language/tiny/{variant}.json").read_text())
        by_name = {figure["corpus"]: figure for figure in language["perplexity"]}
        assert set(by_name) == {"c4-validation", "ptb"}
        assert {figure["window"] for figure in by_name.values()} == {256}
        found[variant] = by_name["c4-validation"]
    assert found["dense/none/0.00"]["tokens"] < 3 * 1500  # three documents, not twenty
    assert 3 < found["dense/none/0.00"]["perplexity"] < 8
    ranked = sorted(found, key=lambda variant: found[variant]["perplexity"])
    assert ranked[0] == "dense/none/0.00"
    assert ranked[-1] == "top/c4/0.70"

    with (results / "tables/language.csv").open(newline="") as table:
        assert len(list(csv.reader(table))) == 1 + 3 * 2
    with (results / "tables/fairness.csv").open(newline="") as table:
        assert len(list(csv.reader(table))) == 1
