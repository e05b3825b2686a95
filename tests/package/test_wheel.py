"""The package: a wheel in an environment of its own, its command, and the workflow inside it."""

import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

pytestmark = pytest.mark.long("of packages")

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FAIRNESS = "results/demo/fairness/demo/magnitude/none/0.50/politics.json"


def run(*words, cwd, check=True):
    return subprocess.run(words, cwd=cwd, check=check, capture_output=True, text=True)


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Path:
    """The command of a wheel, installed; what it depends on is that of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    python = folder / "venv/bin/python"
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    Path(own.stdout.strip(), "base.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(python, "-m", "pip", "--quiet", "install", "--no-deps", wheel, cwd=folder)
    return folder / "venv/bin/fairprune"


@pytest.fixture
def away(tmp_path):
    """A folder that has nothing to do with the checkout."""
    return tmp_path


def test_every_entry_is_a_subcommand(command, away):
    said = run(command, "--help", cwd=away).stdout
    for entry in (ROOT / "scripts").glob("*.py"):
        assert f"  {entry.stem.replace('_', '-')} " in said
    assert "Usage: fairprune prune [OPTIONS]" in run(command, "prune", "--help", cwd=away).stdout
    assert run(command, "--version", cwd=away).stdout == f"fairprune {version()}\n"


def test_its_types_are_there_for_others(command):
    assert list(command.parents[1].glob("lib/*/site-packages/fairprune/py.typed"))


def version() -> str:
    from fairprune import __version__

    return __version__


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prun"], "unknown subcommand 'prun'; did you mean 'prune'?"),
        (["run"], "fairprune run CONFIG"),
        (["run", "no.yaml"], "no.yaml is no file"),
        (["prune", "--model", "nowhere"], "Missing option"),
    ],
)
def test_mistakes_are_one_line(command, away, words, message):
    done = run(command, *words, cwd=away, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ") and message in line
    assert not list(away.iterdir())


def test_the_demo_runs_in_another_folder(command, away):
    """As it would run, and a part of it from its model to its report."""
    planned = run(command, "demo", "-n", cwd=away).stdout
    assert re.search(r"^prune_model +8$", planned, re.M)
    config = yaml.safe_load((away / "demo.yaml").read_text())
    config |= {"methods": {"magnitude": {}, "hgla": {}}, "fairness": {"attributions": ["tokens"]}}
    config["grid"] = [{"calibrations": ["reviews.balanced"], "sparsities": [0.5]}]
    config["calibration"] = {"samples": 4, "length": 64}
    config["summaries"] = {"max_new_tokens": 16}
    for task in config["tasks"].values():
        task["limit"] = 3
    (away / "small.yaml").write_text(yaml.safe_dump(config))
    run(command, "run", "small.yaml", "--cores", "2", cwd=away)
    assert (away / "results/demo/report.html").stat().st_size > 10**6
    again = run(command, "run", "small.yaml", "-n", cwd=away)
    assert "Nothing to be done" in again.stdout + again.stderr
    (away / FAIRNESS).unlink()
    status = run(command, "status", "small.yaml", cwd=away).stdout
    assert re.search(r"^models +1$", status, re.M) and re.search(r"^fairness.* 1\b", status, re.M)
    (away / "demo.yaml").write_text("results: mine\n")
    done = run(command, "demo", "-n", cwd=away, check=False)
    assert "another one: go to another folder" in done.stderr


def test_what_is_pinned_is_within_the_ranges():
    """And nothing is needed by name that the lists of environments do not have."""
    pins = tomllib.loads((ROOT / "envs/packages.toml").read_text())["groups"]
    exact = {
        name: pin for group in pins.values() for name, _, pin in (p.partition("==") for p in group)
    }
    extra = PROJECT["optional-dependencies"].values()
    asked = [*PROJECT["dependencies"], *(one for group in extra for one in group)]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(exact[requirement.name]), requirement
    used = {"base", "download", "masks", "torch", "evaluation", "zero-shot", "report", "driver"}
    named = {requirement.name for requirement in map(Requirement, asked)}
    assert {p.partition("==")[0] for group in used for p in pins[group]} == named


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_ranges_can_be_met(python, tmp_path):
    words = ["pip", "compile", "--quiet", "--python-version", python, "--all-extras"]
    done = run("uv", *words, ROOT / "pyproject.toml", cwd=tmp_path)
    assert "\ntransformers==" in done.stdout
