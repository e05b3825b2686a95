"""Every command in the README and the documentation is executed, in order, in a clean copy.

There the demo and the published experiment are smaller ones. A run of Snakemake that is not named
in REAL is planned (`-n`), not executed; ELSEWHERE names what another test runs, or what needs a
cluster.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import prepared
import pytest
import yaml
from report.micro_results import make_results
from workflow.conftest import Workspace

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data/README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
COPIED = ("Snakefile", "Makefile", "mkdocs.yml", "pyproject.toml", "slurm", "CHANGELOG.md")
FOLDERS = ("rules", "scripts", "config", "profiles", "envs", "data/demo")

REAL = (
    r"^README: snakemake results/demo/(fairness|checkpoints)/",
    r"^tutorial: snakemake --cores 2 --configfile mine\.yaml$",
    r"--unlock$",
)
ELSEWHERE = {
    r": make demo$": "tests/workflow/test_demo.py runs what it runs",
    r": (pip install \.|fairprune demo)$": "tests/package/test_wheel.py",
    r": make test(-long|-all)?$": "this is it",
    r": make check$": "CI runs it",
    r" grep /language/": "tests/workflow/test_evaluated_at_once.py: it needs a finished run",
    r": make new-config$": "tests/cli/test_new_config.py answers its questions",
    r"--report": "tests/workflow/test_closing.py",
    r" --push ": "tests/download/test_push.py pushes to a stand-in",
    r"compare_published": "tests/report/test_published.py: it needs a run on a GPU",
    r": (sbatch|runs=|for run) ?": "tests/cluster: a driver as a job, and one that was killed",
    r"pip-audit": "asks a service for what is known about each package",
    r"--sdm conda": "tests/cluster, with a stand-in for conda where there is none",
}
PROGRAMS = ("snakemake", "python", "make", "export", ".")


def commands(page):
    """The commands of a page's shell blocks, continued lines joined, comments left out."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```(?:sh|bash|console|shell)\n(.*?)^```", text, re.M | re.S):
        for line in block.replace("\\\n", " ").splitlines():
            command = " ".join(re.sub(r"(^|\s)#.*", "", line).removeprefix("$ ").split())
            if command:
                yield command


def as_run(page, command):
    """What is executed for a command; None where that happens elsewhere."""
    named = f"{page.stem}: {command}"
    if any(re.search(pattern, named) for pattern in ELSEWHERE):
        return None
    program = command.split()[0]
    assert program in PROGRAMS, f"{page.name}: {command}: run it here, or say in ELSEWHERE where"
    if program == "make":  # the environment is there
        return command.replace("make", "make --old-file=.venv/installed", 1)
    planned = {"-n", "--dry-run"} & set(command.split())
    if program == "snakemake" and not planned and not any(re.search(p, named) for p in REAL):
        return f"{command} --dry-run"
    return command


def shrink(file):
    """Leave one method and few inputs in a configuration that is run in full."""
    config = yaml.safe_load(file.read_text())
    config |= {"methods": {"magnitude": {}}, "fairness": {"attributions": ["tokens"]}}
    config["tasks"]["reviews"]["limit"] = 3
    file.write_text(yaml.safe_dump(config))


def as_a_spreadsheet_saves_it(file):
    """The reviews with semicolons, in Windows-1252, and with rows that hold nothing at the end."""
    with file.open(newline="", encoding="utf-8") as stream:
        (_, *rows) = csv.reader(stream)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerows([["Text ", "LABEL"], *([f"{text} – très bien", of] for text, of in rows)])
    writer.writerows([["", ""]] * 3)
    return written.getvalue().encode("cp1252")


def sets_of_reviews(count=60):
    """Lines of the file that the study reads, and whose data are no part of the project."""
    labels = ["pos", "neg", "neu"] * 3
    for number in range(count):
        reviews = " || ".join(
            f"Review {number}.{index} is {of}." for index, of in enumerate(labels)
        )
        yield json.dumps({"id": number, "input": reviews, "silver_label": labels}) + "\n"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A clean copy with a smaller demo, an environment, a model, reviews, and tables."""
    folder = tmp_path_factory.mktemp("commands") / "fairprune"
    folder.mkdir()
    for name in COPIED:
        shutil.copy(ROOT / name, folder, follow_symlinks=False)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "config/demo.yaml"
    demo = yaml.safe_load(file.read_text())
    demo["calibration"] |= {"samples": 4, "length": 64}
    demo["summaries"]["max_new_tokens"] = 16
    demo["fairness"] = {"attributions": ["tokens"]}
    for task in demo["tasks"].values():
        task["limit"] = 3
    file.write_text(yaml.safe_dump(demo))
    file = folder / "config/config.yaml"
    published = yaml.safe_load(file.read_text())
    published["grid"] = [{"methods": ["magnitude", "hgla"], "sparsities": [0.5]}]
    file.write_text(yaml.safe_dump(published))
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "path/to/a/hugging-face").mkdir(parents=True)
    (folder / "path/to/a/hugging-face/folder").symlink_to(folder / "data/demo/model")
    (folder / "reviews.csv").write_bytes(as_a_spreadsheet_saves_it(ROOT / "tests/docs/reviews.csv"))
    (folder / "data/study").mkdir()
    (folder / "data/study/amazon_300.jsonl").write_text("".join(sets_of_reviews()))
    results = make_results(folder.parent / "micro", methods=("wanda",), inputs=3)
    tables = ["--results", str(results), "--output", str(folder / "results/demo/tables")]
    subprocess.run([prepared.python(), str(ROOT / "scripts/build_tables.py"), *tables], check=True)
    return folder


@pytest.mark.long("of commands in the documentation")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_a_page(copy, page):
    (copy / "mine.yaml").unlink(missing_ok=True)
    for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        if block.startswith("results: results/mine"):
            (copy / "mine.yaml").write_text(block)
    path = Workspace.environment()["PATH"]
    for command in commands(page):
        run = as_run(page, command)
        if run is None:
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", run],
            cwd=copy,
            env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{run}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        if "new_config.py" in run:
            shrink(copy / "mine.yaml")


@pytest.mark.long("of commands in the documentation")
def test_the_tutorials_run_has_made_its_report(copy):
    if not (copy / "results/mine").is_dir():
        pytest.skip("only with the commands of the tutorial")
    assert (copy / "results/mine/report.html").is_file()
    assert (copy / "results/mine/figures/fairness.pdf").is_file()


def test_methods_shown_in_full_are_right(tmp_path):
    """The example of a new score is one: in its place it is found and computes."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        (code,) = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
        package = tmp_path / page.stem / "scripts"
        shutil.copytree(ROOT / "scripts/fairprune", package / "fairprune")
        (package / "fairprune/pruning/scores/largest.py").write_text(code)
        check = (
            "import torch; from fairprune.pruning.declare import SCORES; "
            "print(SCORES.get('largest').function(torch.tensor([[1., -2.]]), None).tolist())"
        )
        done = subprocess.run(
            [sys.executable, "-c", check],
            env={**os.environ, "PYTHONPATH": str(package)},
            capture_output=True,
            text=True,
        )
        assert done.stdout == "[[-1.0, -2.0]]\n", done.stderr
