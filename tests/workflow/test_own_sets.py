"""Calibration sets that the model writes itself, in the plan of a run and in a run."""

import pytest
from safetensors.numpy import load_file

from fairprune.io.cards import read_card
from workflow.conftest import MICRO

OWN = {"mix": "self", "prefix": 3, "temperature": 0.8, "top_p": 0.9}
TASK = MICRO["tasks"]["reviews"]
SETS = {
    "tasks": {"reviews": TASK | {"calibration": {**TASK["calibration"], "own": OWN}}},
    "texts": {"general": {"file": "general.txt", "calibration": {"own": {"mix": "self"}}}},
    "methods": {"wanda": {}},
    "device": "cpu",
}


@pytest.fixture
def own(workspace):
    text = "\n\n".join(f"The room number {n} was clean and quiet." for n in range(12))
    (workspace.folder / "general.txt").write_text(text)
    workspace.config |= SETS
    return workspace


def test_the_plan_loads_the_model_for_these_sets_alone(own):
    own.config |= {"threads": 2}
    run = own.snakemake("--dry-run", "--printshellcmds")
    assert run.code == 0, run.text
    assert run.jobs["prepare_calibration"] == run.jobs["prune_model"] == 3
    lines = [line for line in run.text.splitlines() if "prepare_calibration.py" in line]
    by_set = {line.split("/demo/")[1].split(".safetensors")[0]: line for line in lines}
    chosen = {"reviews.own": "--prefix 3 --temperature 0.8 --top-p 0.9 ", "general.own": ""}
    for name, more in chosen.items():
        options = f"--mix self --prompt none {more}--device cpu --dtype auto"
        assert options in by_set[name]
        assert "OMP_NUM_THREADS=2 " in by_set[name]
    assert "OMP_NUM_THREADS=1 " in by_set["reviews.balanced"]
    assert "--device" not in by_set["reviews.balanced"]


@pytest.mark.long("of whole runs")
def test_they_are_made_and_changed_options_make_them_again(own):
    files = [f"results/calibration/demo/{name}.own.safetensors" for name in ("reviews", "general")]
    run = own.snakemake(*files)
    assert run.code == 0, run.text
    for file in files:
        assert load_file(own.folder / file)["input_ids"].shape == (4, 64)
        assert read_card(own.folder / file)["figures"]["generated"] >= 5
    sets = SETS["tasks"]["reviews"]["calibration"] | {"own": OWN | {"temperature": 0.9}}
    changed = own.copy_config(tasks={"reviews": TASK | {"calibration": sets}})
    assert changed.snakemake("--dry-run", *files).jobs == {"prepare_calibration": 1}


def test_what_chat_templates_are_told_makes_prompts_again(finished):
    told = {"path": "model", "prompt_style": "chat"}
    for more, said in (
        ({"template": {"enable_thinking": True}}, "--template enable_thinking=true"),
        ({"system": "Be brief."}, "--system 'Be brief.'"),
    ):
        run = finished.copy_config(models={"demo": told | more}).snakemake("--dry-run", "-p")
        assert run.jobs["prepare_calibration"] == run.jobs["generate_summaries"] == 1
        assert said in run.text
