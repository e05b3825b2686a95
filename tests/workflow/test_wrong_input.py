"""Wrong input stops a run before anything is made, with one line."""

import re

import pytest

from fairprune.errors import FairpruneError
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES
from fairprune.pruning.method import resolve


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


def test_every_impossible_combination_is_named_with_its_reason(workspace):
    """A grid of every score × allocation × refinement at a share and a pattern, in one answer."""
    methods = {
        f"{s}-{a}-{r}": {"score": s, "allocation": a, "refinement": r}
        for s in SCORES.names()
        for a in ALLOCATIONS.names()
        for r in ("none", *REFINEMENTS.names())
        if s != "dense"
    }
    workspace.config |= {"methods": methods, "grid": [{"sparsities": ["0.50", "2of4"]}]}
    run = workspace.snakemake("--dry-run")
    assert run.code == 1
    said = {}
    for line in run.text.splitlines():
        if found := re.match(r"error: .*, methods\.(\S+) at ([^:]+): (.+)", line):
            said |= {(found[1], sparsity): found[3] for sparsity in found[2].split(", ")}
    expected = {}
    for name, parts in methods.items():
        for sparsity, how in (("0.50", {"sparsity": "0.5"}), ("2of4", {"pattern": "2:4"})):
            rest = {"allocation": parts["allocation"], "refinement": parts["refinement"], **how}
            try:
                resolve(parts["score"], **rest)
            except FairpruneError as error:
                expected[name, sparsity] = str(error)
    assert said == expected
    assert 100 < len(said) < 2 * len(methods)


def test_a_local_model_that_would_lose_no_block(workspace):
    workspace.config |= {"methods": {"shortgpt": {}}, "grid": [{"sparsities": [0.05]}]}
    run = workspace.snakemake("--dry-run")
    assert run.code == 1
    assert re.search(r"method shortgpt at .*: of \d+ blocks none would go.*models\.demo", run.text)
