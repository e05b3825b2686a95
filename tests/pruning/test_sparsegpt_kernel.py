"""The kernel by Triton's interpreter against float64, and what its compiler makes of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packages import TRITON, installed

pytestmark = pytest.mark.long("of a kernel in Triton's interpreter")

CASES = Path(__file__).with_name("sparsegpt_kernel_cases.py")
SCRIPTS = Path(__file__).parents[2] / "scripts"
LEAST_SHARED = 99 * 1024  # bytes a block of a GPU since Ampere


@pytest.fixture(scope="module")
def triton(tmp_path_factory):
    """A folder that holds Triton, which comes with PyTorch's builds for CUDA alone."""
    return installed(TRITON, tmp_path_factory.mktemp("triton"))


def run(triton, what, **environment):
    paths = {"PYTHONPATH": f"{triton}{os.pathsep}{SCRIPTS}", "TRITON_CACHE_DIR": str(triton / "c")}
    done = subprocess.run(
        [sys.executable, str(CASES), what],
        env=os.environ | paths | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_does_what_float64_does_column_by_column(triton):
    found = run(triton, "numbers", TRITON_INTERPRET="1")
    assert len(found["differences"]) == 8
    for case, each in found["differences"].items():
        assert each["masks"] == 1, case
        assert max(each["weights"], each["errors"]) < 1e-4, case
    assert {what for what, holds in found["same"].items() if not holds} == set()


def test_it_compiles_for_cards(triton):
    for case, made in run(triton, "compiled").items():
        assert made["shared"] <= LEAST_SHARED and not made["in local memory"], case
