"""Human evaluation as ordinary targets of a finished run."""

import csv
import json

import pytest

pytestmark = pytest.mark.long("of whole runs")


def test_sheet_and_what_came_back(finished, tmp_path):
    workspace = finished.copy(tmp_path / "run")
    workspace.config["annotation"] = {"inputs": 3, "variants": ["hgla/reviews.balanced/0.50"]}
    folder = "results/annotation/demo/reviews"
    run = workspace.snakemake("--", f"{folder}/sheet.csv")
    assert run.code == 0, run.text
    assert run.jobs["prepare_annotation"] == 1

    run = workspace.snakemake("--", f"{folder}/results.json")
    assert run.code == 1
    assert "data/annotation/demo/reviews/ANNOTATOR.csv" in run.text

    with (workspace.folder / folder / "sheet.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    sheet = workspace.folder / "data/annotation/demo/reviews/anna b.csv"
    sheet.parent.mkdir(parents=True)
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "fairer": "A", "better": "tie"} for row in rows)
    run = workspace.snakemake("--", f"{folder}/results.json")
    assert run.code == 0, run.text
    assert run.jobs["read_annotation"] == 1
    found = json.loads((workspace.folder / folder / "results.json").read_text())
    assert found["annotators"] == [{"name": "anna b", "answers": len(rows)}]
    assert {rate["variant"] for rate in found["win_rates"]} == {"demo/hgla/reviews.balanced/0.50"}

    run = workspace.snakemake()
    assert run.code == 0, run.text
    with (workspace.folder / "results/tables/annotation.csv").open(newline="") as stream:
        said = list(csv.DictReader(stream))
    assert [(r["method"], r["question"], r["annotators"]) for r in said] == [
        ("hgla", "fairer", "1"),
        ("hgla", "better", "1"),
    ]
    assert "What people say" in (workspace.folder / "results/report.html").read_text()
