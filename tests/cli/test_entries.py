"""What holds of every entry: help, common options, one line for a mistake."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ENTRIES = sorted(SCRIPTS.glob("*.py"))


def _run(entry, *arguments):
    return subprocess.run([sys.executable, str(entry), *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.stem)
def test_help_without_heavy_imports(entry):
    """Help names the common options, gives an example, and needs no torch."""
    watch = f"""
import atexit, runpy, sys
sys.path.insert(0, {str(SCRIPTS)!r})
sys.argv = ["entry", "--help"]
atexit.register(lambda: print("HEAVY", "torch" in sys.modules))
runpy.run_path({str(entry)!r}, run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for option in ("--device", "--dtype", "--seed", "--debug", "--output"):
        assert option in done.stdout
    assert "Example: " in done.stdout
    assert "HEAVY False" in done.stdout


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.stem)
def test_entry_is_thin(entry):
    assert len(entry.read_text().splitlines()) <= 40


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.stem)
def test_unknown_option_is_one_line(entry):
    done = _run(entry, "--output", "x", "--no-such-option")
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert re.match(r"error: .*--no-such-option", lines[0])
    assert done.stdout == ""


def test_missing_model_is_one_line_and_leaves_nothing(tmp_path):
    output = tmp_path / "out" / "norms.safetensors"
    done = _run(
        SCRIPTS / "measure_activations.py",
        "--model", str(tmp_path / "none"), "--calibration", str(tmp_path / "c"),
        "--output", str(output),
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
