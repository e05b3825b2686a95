"""Steps that are ended, and steps that run twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from workflow.conftest import ROOT

from faults.conftest import GRADIENTS, SUMMARIES
from faults.harness import Bench, Outcome, fault


def _start(bench: Bench, target: str) -> subprocess.Popen:
    name, *arguments = bench.made[target]
    command = [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *arguments]
    return subprocess.Popen(
        command, cwd=bench.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def _remove(bench: Bench, target: str) -> None:
    for file in bench.path(target).parent.glob(f"*{Path(target).name}*"):
        file.unlink()


@fault("step", "SIGTERM while it writes (pre-emption)")
def terminated(bench: Bench) -> Outcome:
    right = bench.digests(SUMMARIES)
    _remove(bench, SUMMARIES)
    step = _start(bench, SUMMARIES)
    partial = bench.path(SUMMARIES).with_name(".test.jsonl.partial")
    for _ in range(600):
        if partial.exists() or step.poll() is not None:
            break
        time.sleep(0.05)
    step.send_signal(signal.SIGTERM)
    code, said = step.wait(), step.stderr.read()
    assert code == 143, said
    assert "Traceback" not in said
    assert not bench.path(SUMMARIES).exists()
    assert bench.again(SUMMARIES).code == 0
    assert bench.digests(SUMMARIES) == right
    assert not partial.exists()
    return Outcome("ended with code 143, no result; what was finished is kept", "the same again")


@fault("step", "run twice at once, into one file")
def twice(bench: Bench) -> Outcome:
    right = bench.digests(GRADIENTS)
    _remove(bench, GRADIENTS)
    steps = [_start(bench, GRADIENTS) for _ in range(2)]
    for step in steps:
        _, said = step.communicate()
        assert step.returncode == 0, said
    assert bench.digests(GRADIENTS) == right
    left = {p.name for p in bench.path(GRADIENTS).parent.iterdir()}
    assert left == {os.path.basename(GRADIENTS), f"{os.path.basename(GRADIENTS)}.card.json"}
    return Outcome("right bytes: one waits for the other")
