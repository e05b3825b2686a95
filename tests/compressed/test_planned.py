"""Compressed models in the plan of a run: variants, targets, command lines, refusals."""

import shlex

import pytest
from workflow.test_jobs import RAW, W

from fairprune import config_file
from fairprune.errors import FairpruneError
from fairprune.io.variants import Variant
from fairprune.workflow import plan
from fairprune.workflow.asked import check_targets
from fairprune.workflow.cautions import cautions
from fairprune.workflow.configured import configured
from fairprune.workflow.cost import disk_bytes, parts_to_do
from fairprune.workflow.every_file import every_file
from fairprune.workflow.jobs import Jobs
from fairprune.workflow.listing import list_targets

GIVEN = {
    "awq": {"of": "n", "id": "b/n-3B-AWQ", "revision": "1" * 40},
    "q4": {"of": "n", "id": "c/n-GGUF", "revision": "2" * 40, "file": "n.Q4_K_M.gguf"},
    "mine": {"of": "m", "path": "some where/m.gguf"},
}
METHODS = {"magnitude": {}, "hgla": {}}
AWQ, PRUNED = "n/awq/none/given", "results/x/pruned"


@pytest.fixture(scope="module")
def config():
    return config_file.parse(RAW | {"methods": METHODS, "compressed": GIVEN})


def test_they_are_variants_of_their_models_on_every_task(config):
    found = plan.variants(config)
    assert found[-4:] == [
        *(Variant("n", "awq", "none", "given"), Variant("n", "q4", "none", "given")),
        *(plan.dense("m"), Variant("m", "mine", "none", "given")),
    ]
    targets = plan.targets(config)
    assert f"{PRUNED}/{AWQ}/card.json" in targets["pruned"]
    for task in ("t", "u"):
        assert f"results/x/fairness/{AWQ}/{task}.json" in targets["fairness"]
        assert Variant("n", "awq", "none", "given") in plan.compared(config, "n", task)
        assert f"results/x/comparisons/m/{task}.parquet" in targets["comparisons"]
    files = every_file(config)
    assert {"data/models/awq/card.json", f"{PRUNED}/{AWQ}/card.json"} <= {*files}
    assert f"{PRUNED}/{AWQ}/mask.safetensors" not in files


def test_without_a_grid(config):
    alone = {key: value for key, value in RAW.items() if key not in ("grid", "methods")}
    alone = config_file.parse(alone | {"compressed": {"q4": GIVEN["q4"]}})
    assert plan.variants(alone) == [plan.dense("n"), plan.given(alone, "q4")]
    assert cautions(alone) == []
    assert [part.stage for part in parts_to_do(alone)].count("summaries") == 2
    assert disk_bytes(alone)["models"] == 2 * 2 * 3e9


def test_what_is_fetched(config):
    jobs = Jobs(config)
    words = [shlex.split(jobs.model_source(W(model=name))) for name in ("awq", "q4", "mine")]
    assert words == [
        ["--model-id", "b/n-3B-AWQ", "--revision", "1" * 40],
        ["--model-id", "c/n-GGUF", "--revision", "2" * 40, "--file", "n.Q4_K_M.gguf"],
        ["--model-id", "some where/m.gguf"],
    ]
    assert jobs.model_files(W(model="mine")) == ["some where/m.gguf"]
    assert jobs.model_files(W(model="awq")) == []
    wildcards = W(model="n", method="awq", calibration="none", sparsity="given")
    assert jobs.pruned_option(wildcards) == f"--pruned {PRUNED}/{AWQ}"


def test_listed_by_name(config):
    found = list_targets(config, methods=["awq"])
    assert f"{PRUNED}/{AWQ}/card.json" in found
    assert not [file for file in found if "/q4/" in file or "/hgla/" in file]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (f"{PRUNED}/n/awq/none/0.50/card.json", f"did you mean {PRUNED}/{AWQ}/card.json"),
        (f"{PRUNED}/m/awq/none/given/card.json", f"did you mean {PRUNED}/{AWQ}/card.json"),
        (f"{PRUNED}/n/hgla/none/given/card.json", "unknown compressed model 'hgla'"),
        (f"results/x/checkpoints/{AWQ}/card.json", "its own files are in data/models/awq"),
    ],
)
def test_targets_that_make_no_sense(config, target, said):
    check_targets(config, [f"results/x/quality/{AWQ}/u.json"], [], lambda _: True)
    with pytest.raises(FairpruneError, match=said):
        check_targets(config, [target], [], lambda _: True)


def test_local_places_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    raw = RAW | {"methods": METHODS, "compressed": {"q": {"of": "m", "path": "."}}}
    with pytest.raises(FairpruneError, match=r"compressed\.q\.path: .* several GGUF files"):
        configured(raw, "my.yaml")
    raw["compressed"]["q"]["file"] = "b.gguf"
    assert Jobs(configured(raw, "my.yaml")).model_files(W(model="q")) == ["b.gguf"]
    (tmp_path / "data/models/q").mkdir(parents=True)
    (tmp_path / "data/models/q/notes.txt").write_text("mine")
    with pytest.raises(FairpruneError, match=r"compressed\.q: .*would be replaced"):
        configured(raw, "my.yaml")
