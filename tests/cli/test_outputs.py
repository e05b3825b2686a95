"""No entry writes over what it reads, or over what somebody else has made."""

import importlib
import inspect
import shutil
from pathlib import Path
from typing import get_args

import pytest
from faults.harness import Bench
from workflow.conftest import ROOT

from fairprune.cli_paths import READING, Writes, flag

ENTRIES = sorted(path.stem for path in (ROOT / "scripts").glob("*.py"))
TASK = '{"id": "i", "opinions": ["good", "bad"], "labels": ["x", "y"]}\n'


def options(name):
    """(option, its Python name, type, required, whether it names what is written)."""
    step = getattr(importlib.import_module(name), name)
    for parameter in inspect.signature(step).parameters.values():
        kind, *extra = get_args(parameter.annotation)
        writes = any(isinstance(one, Writes) for one in extra)
        required = parameter.default is parameter.empty
        yield flag(parameter.name, parameter), parameter.name, kind, required, writes


def is_path(kind):
    return Path in (kind, *get_args(kind))


def cases():
    for entry in ENTRIES:
        found = list(options(entry))
        if any(option == "--output" and writes for option, *_, writes in found):
            for option, name, kind, _, writes in found:
                if name in READING or (is_path(kind) and not writes):
                    yield entry, option, name


@pytest.mark.parametrize(("entry", "option", "name"), list(cases()))
def test_output_is_no_input(entry, option, name, tmp_path):
    """Every option that names what is read, given as the output too."""
    given = tmp_path / "given"
    given.mkdir()
    (given / "config.json").write_text("{}")
    value = f"x={given}" if name in ("corpora", "option") else given
    arguments = {"--output": given, option: value}
    for other, _, kind, required, _ in options(entry):
        if required:
            arguments.setdefault(other, "0.5" if kind is float else tmp_path / f"other{other}")
    words = [str(word) for pair in arguments.items() for word in pair]
    before = sorted(tmp_path.rglob("*"))
    line = Bench(tmp_path).entry(entry, *words).error
    assert "give another --output" in line
    assert sorted(tmp_path.rglob("*")) == before
    assert (given / "config.json").read_text() == "{}"


def test_every_entry_is_covered():
    """One that writes says so, or calls those that do; `new_config` refuses what is there."""
    for entry in {*ENTRIES} - {"new_config", "evaluate_variant"}:
        for option, *_, writes in options(entry):
            assert writes or option != "--output", entry


def digests(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path):
    """A working directory with a model, a task and its summaries."""
    shutil.copytree(ROOT / "data/demo/model", tmp_path / "model")
    (tmp_path / "t.jsonl").write_text(TASK)
    (tmp_path / "s.jsonl").write_text('{"id": "i", "summary": "good"}\n')
    done = Bench(tmp_path).entry("prepare_task", "--input", "t.jsonl", "--split", "test",
                                 "--output", "reviews.parquet")  # fmt: skip
    assert done.code == 0, done.err
    (tmp_path / "reviews.parquet.card.json").unlink()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    return tmp_path


PRUNE = [
    "prune_model",
    "--model",
    "model",
    "--method",
    "magnitude",
    "--sparsity",
    "0.5",
    "--output",
]
JUDGE = ["--task", "reviews.parquet", "--summaries", "s.jsonl", "--output", "reviews.json"]
LOST = {
    "prune onto the model": [*PRUNE, "model"],
    "prune into the model": [*PRUNE, "model/pruned"],
    "prune onto what holds the model": [*PRUNE, "."],
    "prune onto another folder": [*PRUNE, "mine"],
    "export onto another folder": ["export_model", "--model", "model", "--output", "mine"],
    "download onto another folder": ["download_model", "--model-id", "model", "--output", "mine"],
    "a compressed model onto another folder": ["inspect_compressed", "--model", "model",
                                               "--compressed", "model", "--output", "mine"],
    "the table beside a fairness file": ["evaluate_fairness", *JUDGE],
    "the table beside a quality file": ["evaluate_quality", *JUDGE],
    "a task onto its file": ["prepare_task", "--input", "t.jsonl", "--split", "test", "--output",
                             "t.jsonl"],
    "summaries onto the task": ["generate_summaries", "--model", "model", "--task", "t.jsonl",
                                "--prompt", "reviews", "--output", "t.jsonl"],
    "language ability onto the task": ["evaluate_variant", "--model", "model", "--summaries",
                                       "--task t.jsonl --prompt reviews --max-new-tokens 1 "
                                       "--output new/s.jsonl", "--language", "--corpus c=t.jsonl",
                                       "--output", "t.jsonl"],
    "a schema onto another file": ["write_schema", "--output", "mine/thesis.txt"],
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_nothing_is_lost(name, folder):
    before = digests(folder)
    done = Bench(folder).entry(*LOST[name])
    assert "--output" in done.error
    assert digests(folder) == before


def test_own_results_are_made_again(folder):
    bench = Bench(folder)
    for _ in range(2):
        for words in (
            [*PRUNE, "pruned"],
            ["evaluate_quality", *JUDGE[:-1], "quality.json"],
            ["download_model", "--model-id", "model", "--output", "data/models/m"],
        ):
            done = bench.entry(*words)
            assert done.code == 0, done.err
    assert not list(folder.rglob(".*writing"))
