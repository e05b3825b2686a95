"""Several processes share the samples out and come to the same bits as one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import same_files, save_ids, save_tiny

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "prune_model.py"
METHODS = {
    "sparsegpt": [],
    "gblm": ["--allocation", "neuroal", "--refinement", "dsnot"],
}


@pytest.mark.long("of several processes")
@pytest.mark.parametrize("method", METHODS)
def test_one_and_two_processes(method, tmp_path):
    save_tiny(tmp_path / "m", "llama3")
    save_ids(tmp_path / "ids.safetensors")
    launch = {
        "one": [sys.executable],
        "two": [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"],
    }
    for name, start in launch.items():
        port = ["--master-port=0", "--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"]
        arguments = [*start, *(port if name == "two" else []), SCRIPT, "--model", tmp_path / "m"]
        arguments += ["--method", method, "--sparsity", "0.5", "--device", "cpu"]
        arguments += ["--calibration", tmp_path / "ids.safetensors", "--output", tmp_path / name]
        done = subprocess.run(
            list(map(str, [*arguments, *METHODS[method]])),
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.split() == [str(tmp_path / name)]
    assert same_files(tmp_path / "one", tmp_path / "two")
