"""Whatever an option or a file says, an error is one line, and nobody wonders what is meant."""

import json
import os
import shutil
import signal

import pytest
from faults.harness import Bench
from report.micro_results import make_results
from workflow.conftest import ROOT

from fairprune.cli import LONGEST

JUDGE = ("--summaries", "s.jsonl", "--task", "t.jsonl", "--output", "out.json")
MODEL = ("--model", "model")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A model, a task and its summaries, what was judged of it, and the results of a run."""
    folder = tmp_path_factory.mktemp("unexpected")
    shutil.copytree(ROOT / "data/demo/model", folder / "model")
    rows = [
        {"id": f"i{n}", "opinions": [f"good {n}", f"bad {n}"], "labels": ["x", "y"]}
        for n in range(3)
    ]
    (folder / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    texts = [{"id": row["id"], "summary": "good and bad it is all in all"} for row in rows]
    (folder / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts))
    (folder / "binary").write_bytes(bytes(range(256)) * 9)
    make_results(folder / "results", methods=("wanda",), sparsities=("0.50",), inputs=3)
    bench = Bench(folder)
    done = bench.entry("evaluate_fairness", *JUDGE[:-1], "f.json")
    assert done.code == 0, done.err
    (folder / "f.json.card.json").unlink()
    return bench


@pytest.fixture
def bench(whole, tmp_path):
    return whole.copy(tmp_path / "copy")


PRUNE = ("prune_model", *MODEL, "--method", "magnitude", "--sparsity", "0.5", "--output", "out")
TASK = ("prepare_task", "--input", "t.jsonl", "--split", "test", "--output", "out.parquet")
REPORT = ("build_report", "--results", "results", "--output", "out.html")
COMPARE = ("compare_variants", "--fairness", "f.json", "--dense", "f.json", "--output", "out")
FAIRNESS = ("evaluate_fairness", *JUDGE)
FIGURES = ("build_figures", "--output", "out", "--tables")
OPTIONS = {
    "memory that is no number": (*PRUNE, "--host-memory", "nan"),
    "memory without end": (*PRUNE, "--host-memory", "inf"),
    "less than no memory": (*PRUNE, "--device-memory", "-1"),
    "a negative seed": (*PRUNE, "--seed", "-1"),
    "a seed of 80 bits": (*PRUNE, "--seed", "999999999999999999999999"),
    "more inputs than there are atoms": (*TASK, "--per-mix", "99999999999999999999999"),
    "a pair of nothing": (*FAIRNESS, "--pair", ""),
    "an ignored label without a name": (*FAIRNESS, "--ignore", ""),
    "a margin without end": (*COMPARE, "--margin", "inf"),
    "an output without a name": (*FAIRNESS[:-1], ""),
    "the root as output": (*FAIRNESS[:-1], "/"),
    "an output of too long a name": (*FAIRNESS[:-1], f"{'x' * 300}.json"),
    "an output below a file": (*FAIRNESS[:-1], "t.jsonl/out.json"),
    "an output where nobody may write": (*FAIRNESS[:-1], "/proc/out.json"),
    "a device as input": (*FAIRNESS, "--train", "/dev/null"),
    "a folder as input": (*FAIRNESS, "--train", "model"),
    "a name with line breaks": (*FAIRNESS, "--train", "a\nb"),
    "a manifest that is no text": (*REPORT, "--manifest", "binary"),
    "a manifest of other files": (*REPORT, "--manifest", "t.jsonl"),
    "a configuration that is no text": ("list_targets", "--config", "binary"),
    "tables that are a file": (*FIGURES, "t.jsonl"),
    "tables that are not there": (*FIGURES, "results"),
    "an address without a host": ("download_file", "--output", "out", "--url", "https://"),
    "an address that is none": ("download_file", "--output", "out", "--url", "https://[::1"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options(bench, name):
    before = sorted(bench.folder.rglob("*"))
    line = bench.entry(*OPTIONS[name]).error
    assert len(line) < LONGEST
    assert sorted(bench.folder.rglob("*")) == before


def _set(place, value):
    def change(content):
        *parents, last = place
        for part in parents:
            content = content[part]
        content[last] = value

    return change


CHANGES = {
    "groups": _set(["groups", 0], 7),
    "another group": _set(["groups", 1], "z"),
    "a pair": _set(["settings", "pair"], [None]),
    "a pair of others": _set(["settings", "pair", 0], "z"),
    "ids": _set(["inputs", 1, "id"], [None]),
    "units": _set(["inputs", 1, "unit"], {"a": 1}),
    "strata": _set(["inputs", 1, "stratum"], {"a": 1}),
    "attributions": _set(["attributions"], -1),
    "figures": _set(["metrics"], "x"),
    "nothing": lambda content: content.clear(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_fairness_files_written_by_hand(bench, name):
    file = bench.path("f.json")
    content = json.loads(file.read_text())
    CHANGES[name](content)
    file.write_text(json.dumps(content))
    assert "no result of evaluate_fairness.py" in bench.entry(*COMPARE).error


def test_a_damaged_configuration_of_a_run(bench):
    bench.path("results/config.yaml").write_bytes(b"results: results\n\xff\xfe")
    assert "results/config.yaml is not text" in bench.entry(*REPORT).error


def test_a_panic_of_a_library_is_a_line(bench, monkeypatch):
    """Libraries in Rust raise what is no Exception."""

    class PanicException(BaseException):
        pass

    def panic(*_, **__):
        raise PanicException("called `Option::unwrap()`\non a `None` value")

    monkeypatch.setattr("fairprune.fairness.step.evaluate_fairness", panic)
    done = bench.entry(*FAIRNESS)
    assert done.code == 1 and done.err.count("\n") == 1
    assert done.err.startswith("error: unexpected PanicException: called `Option::unwrap()` on a")


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGTERM, 143, ""), (signal.SIGINT, 1, "interrupted")]
)
def test_a_signal_that_a_library_takes_for_its_own_error(bench, monkeypatch, number, code, said):
    """As one does that tries to import another, and says that it cannot be had."""

    def load(*_, **__):
        try:
            os.kill(os.getpid(), number)
        except BaseException:
            raise ModuleNotFoundError("the model's class cannot be imported") from None

    monkeypatch.setattr("fairprune.fairness.step.evaluate_fairness", load)
    done = bench.entry(*FAIRNESS)
    assert done.code == code
    assert done.err == (f"error: {said}\n" if said else "")
