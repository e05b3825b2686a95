"""The configuration for a laptop, with local files in place of downloads."""

import copy
from pathlib import Path

import pytest
import yaml
from shared import SHARED, needs_shared

from workflow.conftest import Workspace

LAPTOP = Path(__file__).parents[2] / "config/laptop.yaml"
FILES = {
    "politics": ["data/fairsumm_tweets/us_election.csv", "auto"],
    "reviews": ["data/perspectivesumm_reviews/amazon_gold.jsonl", "auto"],
}


@pytest.mark.long("of whole runs")
@needs_shared
def test_it_goes_from_files_to_what_the_model_writes_and_a_comparison(tmp_path):
    """Prompts, draws of tokens, tasks and columns are those of the file; the model is smaller."""
    config = copy.deepcopy(yaml.safe_load(LAPTOP.read_text(encoding="utf-8")))
    model = {"path": str(SHARED / "models/opinion-summariser-5m")}
    config |= {"models": {"smollm2-135m": model}, "threads": 1}
    for name, (file, kind) in FILES.items():
        config["tasks"][name] |= {"files": [str(SHARED / file)], "format": kind, "limit": 8}
    config["tasks"]["reviews"]["columns"] = {"opinions": "input", "labels": "label"}
    config["calibration"] = {"samples": 4, "length": 128}
    config["summaries"]["max_new_tokens"] = 24
    workspace = Workspace(tmp_path, config)
    fairness = "fairness/smollm2-135m/wanda/politics.balanced/0.10/politics.json"
    run = workspace.snakemake("results/laptop/dense.md", f"results/laptop/{fairness}")
    assert run.code == 0, run.text
    text = (tmp_path / "results/laptop/dense.md").read_text(encoding="utf-8")
    for task in FILES:
        assert f"## smollm2-135m/dense/none/0.00 on {task}" in text
    assert "of the summaries are valid" in text
    assert (tmp_path / "results/laptop" / fairness).is_file()
