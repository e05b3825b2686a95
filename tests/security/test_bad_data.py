"""Malformed data files: one line, in time, before any model is loaded."""

import shutil
import time
from pathlib import Path

import pytest
import yaml
from faults.harness import Bench
from workflow.conftest import ROOT

CASES = yaml.safe_load((Path(__file__).parent / "bad_data.yaml").read_text("utf-8"))["cases"]
TASK = """\
{"id": "i1", "opinions": ["a good day", "a bad day"], "labels": ["x", "y"]}
{"id": "i2", "opinions": ["one more", "and less"], "labels": ["x", "y"]}
"""
SUMMARIES = '{"id": "i1", "summary": "a day"}\n{"id": "i2", "summary": "more"}\n'
# What every case of an entry is given beside its own options.
GIVEN = {
    "prepare_task": ["--split", "test", "--output", "out.parquet", "--input"],
    "evaluate_fairness": ["--task", "good_task.jsonl", "--output", "out.json"],
    "evaluate_quality": ["--task", "good_task.jsonl"],
    "measure_activations": ["--output", "out.safetensors"],
    "prepare_calibration": ["--model", "model", "--output", "out.safetensors"],
    "prune_model": ["--model", "model", "--output", "out"],
    "generate_summaries": ["--model", "model", "--task", "good_task.jsonl", "--prompt", "reviews",
                           "--output", "out.jsonl"],
    "evaluate_language": ["--model", "model", "--output", "out.json"],
    "build_report": ["--output", "out.html"],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def imports():
    """The limit of three seconds begins after imports."""
    import sklearn.linear_model  # noqa: F401
    import torch  # noqa: F401
    import transformers.models.llama.modeling_llama  # noqa: F401


@pytest.fixture
def folder(tmp_path):
    """A working directory with a good task, good summaries, and a model without weights."""
    (tmp_path / "good_task.jsonl").write_text(TASK)
    (tmp_path / "good.jsonl").write_text(SUMMARIES)
    ignore = shutil.ignore_patterns("*.safetensors")
    shutil.copytree(ROOT / "data/demo/model", tmp_path / "model", ignore=ignore)
    return tmp_path


def _write(path, content):
    path.parent.mkdir(exist_ok=True)
    if content == "deep":
        content = "[" * 100_000
    if content.startswith("hex:"):
        path.write_bytes(bytes.fromhex(content.removeprefix("hex:")))
    else:
        path.write_text(content, encoding="utf-8")


def test_there_are_enough():
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refused(case, folder):
    for name, content in case.get("files", {}).items():
        _write(folder / name, content)
    before = sorted(folder.rglob("*"))
    started = time.process_time()
    done = Bench(folder).entry(case["run"], *GIVEN[case["run"]], *case["with"])
    assert time.process_time() - started < 3
    line = done.error
    assert done.out == ""
    assert len(line) < 1000
    for words in case["says"]:
        assert words in line, line
    assert "no *.safetensors" not in line
    assert sorted(folder.rglob("*")) == before
