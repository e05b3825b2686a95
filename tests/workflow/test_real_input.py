"""The same pipeline on real pretrained models, real tweets and real reviews."""

import copy
import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from shared import SHARED, needs_shared

from fairprune import config_file
from fairprune.fairness.comparing.verdicts import WORDS
from fairprune.workflow import plan
from workflow.conftest import Workspace

pytestmark = needs_shared

PARTIES = ["Pro-Democrat", "Pro-Republican"]
GRID = yaml.safe_load((Path(__file__).parent / "real_grid.yaml").read_text(encoding="utf-8"))
STORIES = {
    "results": "results/stories",
    "threads": 1,
    "models": {"stories": {"path": str(SHARED / "models/stories260k")}},
    "tasks": {
        "tweets": {
            "files": [str(SHARED / "data/fairsumm_tweets/us_election_groups_short.jsonl")],
            "prompt": "tweets",
            "groups": PARTIES,
            "pair": PARTIES,
            "limit": 6,
            "calibration": {"mixed": {"mix": "balanced", "prompt": False}},
        }
    },
    "texts": {"tinystories": str(SHARED / "data/tinystories/validation_excerpt.txt")},
    "calibration": {"samples": 8, "length": 128, "texts": ["tinystories"]},
    "methods": {"magnitude": {}, "wanda": {}, "gblm": {}},
    "grid": [
        {"methods": ["magnitude", "gblm"], "calibrations": ["tweets.mixed"], "sparsities": [0.5]},
        {"methods": ["wanda"], "calibrations": ["tinystories"], "sparsities": ["2of4"]},
    ],
    "summaries": {"max_new_tokens": 32},
    "language": {"corpora": ["tinystories"], "window": 256},
}
# Of the grid what has every method, sparsity and set, most of them once.
PART = [
    {"methods": ["magnitude"], "sparsities": [0.3, 0.5]},
    {"methods": ["wanda"], "calibrations": ["tweets.democrats"], "sparsities": [0.3]},
    {"methods": ["gblm"], "calibrations": ["amazon.positive"], "sparsities": [0.3]},
    {"methods": ["sparsegpt"], "calibrations": ["tweets.balanced"], "sparsities": [0.5]},
    {"methods": ["sparsegpt"], "calibrations": ["amazon.random"], "sparsities": [0.5]},
    {"methods": ["hgla"], "calibrations": ["amazon.balanced"], "sparsities": [0.5]},
    {"methods": ["hgla"], "calibrations": ["tweets.random"], "sparsities": [0.3]},
]


def _small(grid):
    """The grid's configuration with few inputs and short calibration sets, paths made absolute."""
    small = copy.deepcopy(grid)
    for model in small["models"].values():
        model["path"] = str(SHARED / model["path"].removeprefix("../shared/"))
    for task in small["tasks"].values():
        task["files"] = [str(SHARED / file.removeprefix("../shared/")) for file in task["files"]]
        task["limit"] = 6
    small["calibration"] = {"samples": 4, "length": 128}
    small["summaries"] = {"max_new_tokens": 48}
    small["grid"] = PART
    return small


def _metrics(workspace, variant, task):
    path = workspace.folder / workspace.config["results"] / "fairness" / variant / f"{task}.json"
    return {
        (m["attribution"], m["metric"], m["stratum"]): m
        for m in json.loads(path.read_text())["metrics"]
    }


def test_the_whole_grid_is_one_command():
    """`snakemake --configfile tests/workflow/real_grid.yaml` makes all of these."""
    variants = plan.variants(config_file.parse(GRID))
    # dense; magnitude × 2 sparsities; 4 methods × 2 tasks × 3 sets × 3 draws × 2 sparsities
    assert len(variants) == 1 + 2 + 4 * 2 * 3 * 3 * 2
    part = plan.variants(config_file.parse(_small(GRID)))
    assert set(part) < set(variants)
    for column in ("method", "sparsity"):
        assert {getattr(v, column) for v in part} == {getattr(v, column) for v in variants}
    sets = {f"{t}.{s}" for t, task in GRID["tasks"].items() for s in task["calibration"]}
    assert {v.calibration for v in part} == {*sets, "none"}


@pytest.fixture(scope="module")
def opinions(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("opinions"), _small(GRID))
    run = workspace.snakemake()
    assert run.code == 0, run.text
    return workspace


@pytest.mark.long("of whole runs")
def test_stories_model_on_short_tweets(tmp_path):
    workspace = Workspace(tmp_path, STORIES)
    run = workspace.snakemake()
    assert run.code == 0, run.text
    results = tmp_path / "results/stories"
    assert (results / "report.html").is_file()
    dense = json.loads((results / "language/stories/dense/none/0.00.json").read_text())
    pruned = json.loads((results / "language/stories/magnitude/none/0.50.json").read_text())
    before, after = (found["perplexity"][0] for found in (dense, pruned))
    assert before["window"] == after["window"] == 256
    # The model's own README: 3.40 on this text in windows of its own; half pruned, far worse.
    assert 3 < before["perplexity"] < 6
    assert after["perplexity"] > 2 * before["perplexity"]


@pytest.mark.long("of whole runs")
def test_labels_and_mixes_of_the_file_are_kept(opinions):
    rows = pq.read_table(
        opinions.folder / "results/real-grid/tasks/tweets/test.parquet"
    ).to_pylist()
    assert {row["mix"] for row in rows} == {"balanced", "more_democrat", "more_republican"}
    assert len(rows) == 6
    for row in rows:
        assert len(row["opinions"]) == len(row["labels"]) == 20
        democrats = row["labels"].count("Pro-Democrat")
        assert democrats == {"balanced": 10, "more_democrat": 15, "more_republican": 5}[row["mix"]]


@pytest.mark.long("of whole runs")
def test_summaries_and_verdicts_of_the_summariser(opinions):
    folder = opinions.folder / "results/real-grid"
    for task in ("tweets", "amazon"):
        file = folder / f"summaries/summariser/dense/none/0.00/{task}/test.jsonl"
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        assert all(len(row["summary"].split()) >= 5 for row in rows)
        uer = _metrics(opinions, "summariser/dense/none/0.00", task)["tokens", "uer", "all"]
        assert 0 <= uer["low"] <= uer["value"] <= uer["high"] < 0.5
        compared = pq.read_table(folder / f"comparisons/summariser/{task}.parquet").to_pylist()
        verdicts = {row["verdict"] for row in compared}
        assert verdicts <= {*WORDS, None}
    quality = json.loads((folder / "quality/summariser/dense/none/0.00/amazon.json").read_text())
    assert quality


@pytest.mark.long("of whole runs")
def test_ignored_label_is_no_group(opinions):
    path = opinions.folder / "results/real-grid/fairness/summariser/dense/none/0.00/amazon.json"
    assert json.loads(path.read_text())["groups"] == ["neg", "pos"]


@pytest.mark.long("of whole runs")
def test_the_grid_is_answered(opinions):
    """Every question has its table; with one draw of each set nothing is decomposed."""
    folder = opinions.folder / "results/real-grid"
    rows = {}
    for name in ("fairness", "pareto", "first_difference", "agreement", "decomposition"):
        with (folder / f"tables/{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows[name] = list(csv.DictReader(stream))
    methods = {"magnitude", "wanda", "sparsegpt", "gblm", "hgla"}
    assert {row["method"] for row in rows["first_difference"]} == methods
    assert {row["method"] for row in rows["fairness"]} == {"dense", *methods}
    sound = {row["task"] for row in rows["fairness"] if row["broken"] == "false"}
    rouge = {row["task"] for row in rows["pareto"] if row["measure"] == "rougeL"}
    assert rouge == sound & {"amazon"}  # tweets have no references
    assert {row["task"] for row in rows["agreement"]} == sound
    assert rows["decomposition"] == []
    assert (folder / "report.html").stat().st_size < 6e6
