"""The commands of docs/reruns.md, dry, from nothing."""

import os
import re
import subprocess

import pytest

from workflow.conftest import ROOT, Run, Workspace

COMMANDS = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/reruns.md").read_text("utf-8"), re.S)
LARGE = "all but the 8B model"
# What each command would run of the jobs that tell it apart, in the order of the page.
EXPECTED = {
    "one file": {"prune_model": 1, "evaluate_fairness": 1, "evaluate_quality": 0},
    "a variant that is not listed": {"prune_model": 1, "evaluate_quality": 1},
    "one model": {"download_model": 1, "compare_variants": 0, "build_report": 0},
    "one method": {"download_model": 1, "compare_variants": 0, "build_report": 0},
    LARGE: {"download_model": 2, "build_report": 0},
    "one result again": {"prune_model": 1, "generate_summaries": 0},
    "one method again": {"download_model": 1, "build_report": 0},
}


def _dry(command):
    path = Workspace.environment()["PATH"]
    done = subprocess.run(
        ["bash", "-euc", command.rstrip() + " --dry-run --printshellcmds"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path},
    )
    return Run(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A working directory that has the demo's data and no results."""
    folder = tmp_path_factory.mktemp("dry")
    for name in ("scripts", "config", "rules", "envs", "Snakefile"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "data").mkdir()
    (folder / "data/demo").symlink_to(ROOT / "data/demo")
    return folder


NUMBERS = [
    pytest.param(n, marks=[pytest.mark.long("of commands in the documentation")] * (name == LARGE))
    for n, name in enumerate(EXPECTED)
]


@pytest.mark.parametrize("number", NUMBERS, ids=EXPECTED)
def test_documented_command(number, elsewhere, monkeypatch):
    monkeypatch.setattr("workflow.test_partial_runs.ROOT", elsewhere)
    name = list(EXPECTED)[number]
    run = _dry(COMMANDS[number])
    assert run.code == 0, run.text
    jobs = run.jobs
    for rule, count in EXPECTED[name].items():
        assert jobs.get(rule, 0) == count, rule
    methods = set(re.findall(r"Pruning \S+ \(method (\S+),", run.text))
    if "method" in name:
        assert methods == {"wanda"}
    if name == LARGE:
        assert "llama-3-8b" not in run.text
        assert jobs["prune_model"] > 100
    if "not listed" in name:
        assert "sparsity 0.35" in run.text


def test_every_command_is_tested():
    assert len(COMMANDS) == len(EXPECTED)
