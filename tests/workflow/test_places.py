"""What a configuration would write over, or read of what it makes, is refused before a run."""

import pytest
from config.test_config import CASES

from fairprune.errors import FairpruneError
from fairprune.io.cards import write_card
from fairprune.workflow.configured import configured


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _file(path, text="mine"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _refused(says, **changes):
    with pytest.raises(FairpruneError, match=says) as refused:
        configured({**CASES["base"], **changes}, "my.yaml")
    assert str(refused.value).startswith("my.yaml, ")


def test_a_model_of_the_users(here):
    config = _file(here / "data/models/m/config.json", "{}")
    _refused("models.m: data/models/m is not empty")
    write_card(config.parent, stage="download_model", files=[config], parameters={})
    configured(CASES["base"], "my.yaml")


@pytest.mark.parametrize(
    "path", ["data/models/m", "data/models/m/deep", "./data/models/../models/m"]
)
def test_a_model_where_the_workflow_puts_it(here, path):
    _refused("call the model otherwise", models={"m": {"path": path}})


def test_a_file_in_the_place_of_a_download(here):
    file = _file(here / "data/downloads/wiki/x.txt")
    texts = {"wiki": "https://host/x.txt"}
    _refused("x.txt exists, has no card", texts=texts)
    write_card(file, stage="download_file", files=[file], parameters={})
    configured({**CASES["base"], "texts": texts}, "my.yaml")


@pytest.mark.parametrize("place", ["results/tasks/t/test.parquet", "results/summaries/a.txt"])
def test_an_input_among_the_results(here, place):
    _refused("among the results", texts={"wiki": place})
    configured({**CASES["base"], "texts": {"wiki": f"other/{place}"}}, "my.yaml")


def test_results_in_the_place_of_something_else(here):
    """`results: config` would write over the project's own config/config.yaml."""
    _file(here / "config/config.yaml")
    _refused("config/config.yaml is not one that a run has written", results="config")
    _file(here / "config/manifest.txt")
    configured({**CASES["base"], "results": "config"}, "my.yaml")


def test_a_run_leaves_a_model_of_the_users_alone(workspace):
    mine = _file(workspace.folder / "data/models/demo/model.safetensors")
    run = workspace.snakemake("--dry-run")
    assert run.code == 1
    (line,) = [line for line in run.text.splitlines() if line.startswith("error: ")]
    assert "data/models/demo is not empty" in line
    assert mine.read_text() == "mine"
