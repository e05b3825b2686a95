"""Files that want to run code or to fill the memory: refused, nothing executed, memory bounded."""

import gzip
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from workflow.conftest import ROOT, Workspace

MOST_MB = 1200  # over what the imports take, for all files together


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch EXECUTED",)


def _pickles(folder: Path) -> None:
    payload = pickle.dumps(Evil())
    for name in ("evil.pt", "evil.pkl", "evil.bin", "evil.safetensors", "evil.parquet"):
        (folder / name).write_bytes(payload)
    np.save(folder / "evil.npy", np.array([Evil()], dtype=object), allow_pickle=True)


def _model(folder: Path, name: str, **files: bytes) -> None:
    """The demo's configuration and tokenizer, and these files; no weights of its own."""
    ignore = shutil.ignore_patterns("*.safetensors")
    shutil.copytree(ROOT / "data/demo/model", folder / name, ignore=ignore)
    for file, content in files.items():
        (folder / name / file.replace("__", ".")).write_bytes(content)


def _models(folder: Path) -> None:
    payload = pickle.dumps(Evil())
    _model(folder, "pickled", pytorch_model__bin=payload, training_args__bin=payload)
    config = json.loads((ROOT / "data/demo/model/config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.EvilConfig"}}
    _model(folder, "code", config__json=json.dumps(config).encode(), evil__py=b"import os\n")
    tokenizer = {"auto_map": {"AutoTokenizer": ["evil.EvilTokenizer", None]}}
    tokenizer |= {"tokenizer_class": "EvilTokenizer"}
    _model(folder, "tokenizer", evil__py=b"raise SystemExit(99)\n")
    (folder / "tokenizer/tokenizer_config.json").write_text(json.dumps(tokenizer))
    (folder / "tokenizer/tokenizer.json").unlink()
    terabyte = (1 << 40).to_bytes(8, "little")
    _model(folder, "huge", model__safetensors=terabyte + b"{}")
    (folder / "huge.safetensors").write_bytes(terabyte + b'{"a":{}}')
    _model(folder, "sparse", model__safetensors=terabyte)
    with (folder / "sparse/model.safetensors").open("r+b") as file:
        file.truncate(1 << 41)  # a header of a terabyte in a file that is as large


def _bombs(folder: Path) -> None:
    line = gzip.compress(b"0" * (1 << 26), 1)
    rows = gzip.compress(b'{"text": "aaaaaaaaaaaaaaaaaaaa"}\n' * (1 << 20), 1)
    (folder / "line.jsonl.gz").write_bytes(line * 64)  # 4 GiB in one line
    (folder / "rows.jsonl.gz").write_bytes(rows * 3)  # 96 MiB in many
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1 << 22, np.int8)), ["a" * 1000])
    table = pa.table({"opinions": texts, "labels": texts})
    pq.write_table(table, folder / "rows.parquet", compression="zstd")  # 8 GB of text
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (folder / "aliases.yaml").write_text("\n".join([*bomb, "models: *a11", "results: *a11"]))
    call = '!!python/object/apply:os.system ["touch EXECUTED"]'
    (folder / "tags.yaml").write_text(f"models: {call}\n")
    (folder / "prompts.yaml").write_text(f"prompts: {{mine: {{before: {call}, after: b}}}}\n")
    task = '{"id": "i", "opinions": ["a b", "c d"], "labels": ["x", "y"]}\n'
    (folder / "task.jsonl").write_text(task)


def _activations(model: str, calibration: str) -> list[str]:
    return ["measure_activations", "--model", model, "--calibration", calibration,
            "--output", "out.safetensors"]  # fmt: skip


def _calibration(texts: str, *more: str) -> list[str]:
    return ["prepare_calibration", "--model", "good", "--texts", texts, "--output",
            "out.safetensors", *(more or ("--prompt", "none"))]  # fmt: skip


def _task(name: str, *more: str) -> list[str]:
    return ["prepare_task", "--input", name, "--split", "test", "--output", "o.parquet", *more]


# Name → the entry that is given the file, and what its one line must say.
COMMANDS = {
    "pickle as .pt": (_activations("good", "evil.pt"), "not safetensors"),
    "pickle as .pkl": (_activations("good", "evil.pkl"), "not safetensors"),
    "pickle as .npy": (_activations("good", "evil.npy"), "not safetensors"),
    "pickle as .safetensors": (_activations("good", "evil.safetensors"), "not safetensors"),
    "pickle as a task": (_task("evil.pkl"), "can run code"),
    "pickle as Parquet": (_task("evil.parquet"), "not a Parquet file"),
    "pickled gradients": (
        ["prune_model", "--model", "whole", "--method", "gradient", "--sparsity", "0.5",
         "--gradients", "evil.npy", "--output", "out"], "not safetensors"),
    "pickled weights": (
        ["prune_model", "--model", "pickled", "--method", "magnitude", "--sparsity", "0.5",
         "--output", "out"], "pickled weights only"),
    "model with code of its own": (_activations("code", "c"), "config.json cannot be used"),
    "tokenizer with code of its own": (
        ["prepare_calibration", "--model", "tokenizer", "--texts", "task.jsonl", "--prompt",
         "none", "--output", "out.safetensors"], "no tokenizer that can be used"),
    "header of a terabyte": (_activations("good", "huge.safetensors"), "not safetensors"),
    "weights with a header of a terabyte": (
        ["prune_model", "--model", "huge", "--method", "magnitude", "--sparsity", "0.5",
         "--output", "out"], "truncated or corrupt"),
    "download of a header of a terabyte": (
        ["download_model", "--model-id", "./sparse", "--output", "got"], "not what its name says"),
    "zip bomb in one line": (_calibration("line.jsonl.gz"), "longer than 64 MiB"),
    "zip bomb in many lines": (_calibration("rows.jsonl.gz"), "over 30 times its own size"),
    "Parquet bomb": (_task("rows.parquet"), "over 100 times its own size"),
    "YAML tag in a configuration": (["list_targets", "--config", "tags.yaml"], "not YAML"),
    "YAML aliases": (["list_targets", "--config", "aliases.yaml"], "aliases.yaml"),
    "YAML tag in prompts": (
        _calibration("task.jsonl", "--prompt", "mine", "--config", "prompts.yaml"), "prompts.yaml"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All commands, in one process."""
    folder = tmp_path_factory.mktemp("hostile")
    _pickles(folder)
    _models(folder)
    _bombs(folder)
    _model(folder, "good")
    shutil.copytree(ROOT / "data/demo/model", folder / "whole")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hostile_run.py"))],
        input=json.dumps({name: words for name, (words, _) in COMMANDS.items()}),
        cwd=folder,
        env={**Workspace.environment(real=True), "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "EXECUTED").exists()
    for name in ("out", "out.safetensors", "o.parquet", "got"):
        assert not (folder / name).exists()
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", COMMANDS)
def test_refused_and_nothing_executed(name, ran):
    found = ran["found"][name]
    lines = [line for line in found["err"].splitlines() if line.startswith("error: ")]
    assert found["code"] == 1 and len(lines) == 1, found["err"]
    assert COMMANDS[name][1] in lines[0]
    assert "Traceback" not in found["err"]
    assert found["events"] == []


def test_memory_is_bounded(ran):
    assert ran["grown_mb"] < MOST_MB


def test_pickled_table_that_wants_to_run(tmp_path):
    """The one format that is pickled by its authors is read by a process that runs nothing."""
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Evil()))
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/prepare_task.py"), *_task("evil.pkl")[1:],
         "--format", "hgla"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "posix.system, which no table needs" in done.stderr
    assert not (tmp_path / "EXECUTED").exists()
