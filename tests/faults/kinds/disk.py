"""Disks that are full, and folders that may not be written."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.conftest import FAIRNESS, GRADIENTS, PRUNED, SUMMARIES, TASK
from faults.harness import Bench, Outcome, fault

STEP = "free space, then the same again"


@contextlib.contextmanager
def disk(folder: Path, size: str, *, full: bool = False) -> Iterator[Path]:
    """A small file system of its own at `folder`; `full` leaves no byte free."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        if full:
            with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
                while True:
                    file.write(b"0" * 512)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _full(bench: Bench, target: str, size: str, full: bool) -> Outcome:
    """Make a target on a disk that is too small for it, then elsewhere."""
    right = bench.digests(target)
    name, *arguments = bench.made[target]
    place = bench.path("small")
    with disk(place, size, full=full):
        output = f"small/{Path(target).name}"
        done = bench.entry(name, *[output if word == target else word for word in arguments])
        assert not bench.path(output).exists()
        assert not list(place.glob("*card.json"))
        outcome = bench.refused(done, "No space left on device", step=STEP)
    assert bench.again(target).code == 0
    assert bench.digests(target) == right
    return outcome


@fault("disk full", "while masks are written")
def full_masks(bench: Bench) -> Outcome:
    return _full(bench, PRUNED, "64k", full=False)


@fault("disk full", "while gradients are written")
def full_gradients(bench: Bench) -> Outcome:
    return _full(bench, GRADIENTS, "256k", full=False)


@fault("disk full", "before summaries are written")
def full_summaries(bench: Bench) -> Outcome:
    return _full(bench, SUMMARIES, "16k", full=True)


@fault("disk full", "before a Parquet table is written")
def full_table(bench: Bench) -> Outcome:
    return _full(bench, TASK, "16k", full=True)


@fault("results", "read-only")
def read_only(bench: Bench) -> Outcome:
    right = bench.digests(FAIRNESS)
    with disk(bench.path("small"), "64k") as place:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        name, *arguments = bench.made[FAIRNESS]
        words = ["small/f.json" if word == FAIRNESS else word for word in arguments]
        done = bench.entry(name, *words)
        outcome = bench.refused(done, "Read-only", step="allow writing, then the same again")
    assert bench.again(FAIRNESS).code == 0
    assert bench.digests(FAIRNESS) == right
    return outcome
