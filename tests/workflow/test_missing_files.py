"""What is deleted is made again, though the report that was made from it is there."""

import pytest
from faults.harness import Bench

from fairprune import config_file
from fairprune.workflow import plan
from fairprune.workflow.every_file import every_file

NOT_MADE = ("logs", "benchmarks", "manifest.txt", "config.yaml")
DELETED = {
    "masks": "results/pruned/demo/hgla/reviews.balanced/0.50/mask.safetensors",
    "a card": "results/pruned/demo/hgla/reviews.balanced/0.50/card.json",
    "a card beside its file": "results/tasks/reviews/test.parquet.card.json",
    "a task": "results/tasks/reviews/train.parquet",
    "a calibration set": "results/calibration/demo/reviews.balanced.safetensors",
    "gradients": "results/gradients/demo/reviews.balanced/last_token.safetensors",
    "summaries": "results/summaries/demo/dense/none/0.00/reviews/test.jsonl",
    "shares": "results/fairness/demo/dense/none/0.00/reviews.parquet",
    "a table": "results/tables/pareto.csv",
    "a model": "data/models/demo/card.json",
}


def test_a_run_asks_for_every_file_that_it_makes(finished):
    """So that none can be missing without its being made again."""
    config = config_file.parse(finished.config)
    asked = {*every_file(config), *plan.targets(config)["judged"]}
    for file in sorted((finished.folder / "results").rglob("*")):
        parts = file.relative_to(finished.folder / "results").parts
        name = file.relative_to(finished.folder).as_posix()
        if file.is_dir() or parts[0].removesuffix(".card.json") in NOT_MADE:
            continue
        if file.name.endswith(".kept"):  # of summaries, for the step that writes them
            continue
        if parts[0] in ("tables", "figures", "report.html", "report.html.card.json"):
            continue  # outputs of three rules, which the run asks for as they are
        assert name in asked, name
    for file in asked:
        assert (finished.folder / file).is_file(), file


@pytest.mark.parametrize("what", DELETED)
def test_one_that_is_missing_would_be_made(finished, tmp_path, what):
    copy = finished.copy(tmp_path / "copy")
    (copy.folder / DELETED[what]).unlink()
    run = copy.snakemake("--dry-run")
    assert run.code == 0 and run.jobs, run.text


@pytest.mark.long("of whole runs")
def test_several_are_made_again(finished, tmp_path):
    copy = finished.copy(tmp_path / "copy")
    bench = Bench(copy.folder)
    right = bench.digests("results")
    for name in ("masks", "a task", "summaries", "shares", "a card beside its file"):
        (copy.folder / DELETED[name]).unlink(missing_ok=True)
    run = copy.snakemake()
    assert run.code == 0, run.text
    made = bench.digests("results")
    assert made.keys() == right.keys()
    changed = {name for name in made if made[name] != right[name]}
    assert all(name.split("/")[1] in (*NOT_MADE, "report.html") for name in changed), changed
    assert "Nothing to be done" in copy.snakemake("--dry-run").text


def test_what_is_not_kept_may_be_missing(finished):
    """`temp()` files are deleted once they have been used."""
    changed = finished.copy_config(keep={"gradients": False, "activations": False})
    asked = every_file(config_file.parse(changed.config))
    assert not [file for file in asked if "/gradients/" in file or "/activations/" in file]
