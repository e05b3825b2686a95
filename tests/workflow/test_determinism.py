"""The same configuration gives the same bytes: four runs, with 1, 2 and 4 jobs at once."""

import shutil
import subprocess

import prepared
import pytest

from fairprune.io.fingerprint import fingerprint
from fairprune.io.hashing import derive_seed
from workflow.conftest import ROOT

CORES = (2, 1, 4, 2)  # of the four runs; the first is the one that all tests share


def _results(folder):
    return [line for line in fingerprint(folder / "results") if not line.startswith("# ")]


@pytest.fixture(scope="module")
def expected(finished):
    lines = _results(finished.folder)
    for stage in ("pruned", "summaries", "fairness", "quality", "comparisons", "tables"):
        assert any(line.endswith(f"all of {stage}") for line in lines)
    return lines


@pytest.mark.long("of whole runs")
@pytest.mark.parametrize("number", range(1, len(CORES)))
def test_runs_are_bit_identical(number, expected, workspace):
    run = workspace.snakemake(cores=CORES[number], real=True)
    assert run.code == 0, run.text
    assert _results(workspace.folder) == expected


def test_fingerprint_names_the_step_where_runs_part(finished, tmp_path):
    shutil.copytree(finished.folder / "results", tmp_path / "results")
    before = _results(tmp_path)
    mask = next((tmp_path / "results/pruned").rglob("mask.safetensors"))
    mask.write_bytes(mask.read_bytes()[:-1] + b"x")
    after = _results(tmp_path)
    changed = [new.split("  ")[1] for old, new in zip(before, after, strict=True) if old != new]
    where = mask.relative_to(tmp_path / "results").as_posix()
    assert changed == [where, "all of pruned", "the whole run"]


def test_fingerprint_entry(finished):
    done = subprocess.run(
        [prepared.python(), str(ROOT / "scripts/fingerprint.py"), "--results", "results"],
        cwd=finished.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("  the whole run")


def test_seeds_of_jobs_hang_on_names_alone():
    """A root seed and names give one seed; it does not matter what else runs, or in which order."""
    seeds = {derive_seed(42, "random", name) for name in ("a", "b", "c")}
    assert len(seeds) == 3
    assert derive_seed(42, "random", "b") in seeds
    assert all(0 <= seed < 2**32 for seed in seeds)
