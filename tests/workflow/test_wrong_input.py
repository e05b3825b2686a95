"""Wrong input stops a run before anything is made, with one line."""

import pytest


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("sede", 1, "did you mean 'seed'"),
        ("results", "../out", "results"),
        ("grid", [{"sparsities": [2]}], "grid.0.sparsities.0"),
        ("methods", {"wandah": {}}, "'wanda'"),
        ("summaries", {"stop": ["hf_aBcDeFgHiJkLmNoPqRsT"]}, "HF_TOKEN"),
    ],
)
def test_configuration(workspace, place, value, says):
    workspace.config[place] = value
    run = workspace.snakemake()
    assert run.code == 1
    lines = [line for line in run.text.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert says in lines[0]
    assert "Traceback" not in run.text
    assert "aBcDeF" not in run.text
    assert not (workspace.folder / "results").exists()


def test_what_is_known_to_go_wrong_is_said_before_the_run(workspace):
    workspace.config["methods"]["hgla"] = {"options": {"score.gradient_norm": "sum_of_squares"}}
    run = workspace.snakemake("--dry-run")
    assert run.code == 0
    assert "warning: methods.hgla: score.form=ratio over" in run.text
