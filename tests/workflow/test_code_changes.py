"""Each module of the package is edited in turn: what it is used by is made again, nothing else."""

import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from fairprune import config_file
from fairprune.io import code
from fairprune.workflow import plan
from workflow.conftest import MICRO, ROOT

SCRIPTS = ROOT / "scripts"
MODULES = sorted(str(path.relative_to(SCRIPTS)) for path in (SCRIPTS / "fairprune").rglob("*.py"))
METRICS = sorted((SCRIPTS / "fairprune/fairness/metrics").glob("*.py"))
JUDGED = [SCRIPTS / "fairprune/fairness/attribution/tokens.py", *METRICS]
# What an entry looks up by name, under the micro configuration.
BY_NAME = {
    "prepare_task": sorted((SCRIPTS / "fairprune/data/importers").glob("*.py")),
    "prune_model": plan.method(config_file.parse(MICRO), "hgla", "0.50").files,
    "evaluate_fairness": JUDGED,
    "compare_variants": JUDGED,
    "build_tables": JUDGED,
    "build_report": JUDGED,
    "build_figures": METRICS,
}
RULES_OF = {"generate_summaries": ["generate_summaries", "generate_summaries_everywhere"]}


@pytest.fixture(scope="module")
def recorded(finished):
    """Rule → the parameters that Snakemake has on record for each of its outputs."""
    found = defaultdict(list)
    for file in (finished.folder / ".snakemake/metadata").rglob("*"):
        if file.is_file():
            about = json.loads(file.read_text(encoding="utf-8"))
            found[about["rule"]].append(about["params"])
    return found


@pytest.fixture(scope="module")
def imported(finished):
    """Entry → the files of this project that its jobs have really imported."""
    found = defaultdict(set)
    for file in (finished.folder / "trace").iterdir():
        entry = file.name.rpartition("-")[0]
        for name in file.read_text(encoding="utf-8").split():
            stem = SCRIPTS.joinpath(*name.split("."))
            path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
            found[entry].add(path)
    found.pop("__main__")
    return found


def _entry_files(entry, scripts=SCRIPTS):
    files = [SCRIPTS / f"{entry}.py", *BY_NAME.get(entry, [])]
    return [scripts / Path(file).relative_to(SCRIPTS) for file in files]


def test_rules_take_the_digest_of_these_files(recorded, imported):
    """So that what the other tests say about digests holds of the jobs."""
    assert len(imported) >= 13
    for entry in imported:
        digest = repr(code.code_digest(_entry_files(entry)))
        for rule in RULES_OF.get(entry, [entry]):
            assert recorded[rule], rule
            assert all(digest in parameters for parameters in recorded[rule]), rule


def test_every_module_that_a_job_imports_counts(imported):
    unnoticed = {
        entry: sorted(missing)
        for entry, files in imported.items()
        if (missing := files - code.code_files(_entry_files(entry)))
    }
    assert unnoticed == {}


def _uses(path):
    """The project's files that a file's text names in an import, found without a parser."""
    found = set()
    text = re.sub(r"\(\s*([^()]*?)\s*\)", lambda m: m[1].replace("\n", " "), path.read_text())
    for line in re.findall(r"^\s*((?:from|import) fairprune.*)$", text, re.M):
        package, _, names = line.removeprefix("from ").removeprefix("import ").partition(" import ")
        dotted = [package, *(f"{package}.{n.split(' as ')[0].strip()}" for n in names.split(","))]
        for name in dotted:
            parts = name.split(".")
            found |= {
                SCRIPTS.joinpath(*parts[:n]) / "__init__.py" for n in range(1, len(parts) + 1)
            }
            found.add(SCRIPTS.joinpath(*parts).with_suffix(".py"))
    return {file for file in found if file.is_file()}


def _dependents():
    """Module → the entries that use it, by following the texts."""
    found = defaultdict(set)
    for entry in sorted(SCRIPTS.glob("*.py")):
        todo, seen = _entry_files(entry.stem), set()
        while todo:
            path = todo.pop()
            if path not in seen:
                seen.add(path)
                todo.extend(_uses(path))
                above = [folder / "__init__.py" for folder in path.parents]
                todo.extend(f for f in above if SCRIPTS in f.parents and f.is_file())
        for path in seen:
            found[str(path.relative_to(SCRIPTS))].add(entry.stem)
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the scripts, to be edited."""
    folder = tmp_path_factory.mktemp("code") / "scripts"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _digests(scripts, monkeypatch):
    monkeypatch.setattr(code, "ENTRIES", scripts)
    monkeypatch.setattr(code, "PACKAGE", scripts / "fairprune")
    entries = sorted(path.stem for path in scripts.glob("*.py"))
    return {entry: code.code_digest(_entry_files(entry, scripts)) for entry in entries}


@pytest.mark.long("of every module")
def test_a_module_changes_what_uses_it_and_nothing_else(copy, monkeypatch):
    """A statement more moves the digests of all dependents; a comment and a docstring of none."""
    dependents, known = _dependents(), {}
    real = code._digest_and_imports.__wrapped__

    def remembered(path):  # read again what has been edited, and that alone
        if path not in known:
            known[path] = real(path)
        return known[path]

    monkeypatch.setattr(code, "_digest_and_imports", remembered)
    before = _digests(copy, monkeypatch)
    for module in MODULES:
        path = copy / module
        text = path.read_text(encoding="utf-8")
        for change, expected in (
            (f"{text}\n_EDITED = 1\n", dependents[module]),
            (f"# A comment.\n{text}\n# Another.\n", set()),
            (re.sub(r'\A"""', '"""Another sentence. ', text), set()),
        ):
            path.write_text(change, encoding="utf-8")
            known.pop(path.resolve(), None)
            after = _digests(copy, monkeypatch)
            assert {entry for entry in after if after[entry] != before[entry]} == expected, module
        path.write_text(text, encoding="utf-8")
        known.pop(path.resolve(), None)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the whole workflow, to be edited."""
    folder = tmp_path_factory.mktemp("clone") / "deeper/project"
    folder.mkdir(parents=True)
    for name in ("rules", "scripts", "envs", "config", "report"):
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "Snakefile", folder)
    return folder


VARIANT = {"generate_summaries": 1, "evaluate_fairness": 1, "evaluate_quality": 1}
AFTER = {"compare_variants": 1, "build_tables": 1, "build_figures": 1, "build_report": 1}


EDITED = "\n_EDITED = 1\n"


@pytest.mark.parametrize(
    ("module", "more", "jobs"),
    [
        ("models/loading.py", "\n# A comment.\n", {}),
        ("pruning/scores/hgla.py", EDITED, {"prune_model": 1} | VARIANT | AFTER),
        ("fairness/metrics/bur.py", EDITED, {"evaluate_fairness": 2} | AFTER),
    ],
)
def test_jobs_of_an_edited_project(finished, project, module, more, jobs):
    """The same by Snakemake itself, in a clone that lies elsewhere."""
    path = project / "scripts/fairprune" / module
    text = path.read_text(encoding="utf-8")
    path.write_text(text + more, encoding="utf-8")
    run = finished.snakemake("--dry-run", project=project)
    path.write_text(text, encoding="utf-8")
    assert run.code == 0, run.text
    assert run.jobs == jobs
