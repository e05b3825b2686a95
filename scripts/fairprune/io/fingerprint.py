"""What to compare of two runs of one configuration, on two machines or two days."""

import hashlib
import os
import platform
from pathlib import Path

from fairprune.errors import FairpruneError
from fairprune.io.hashing import sha256_file
from fairprune.io.versions import versions

STAGES = ("tasks", "calibration", "activations", "gradients", "pruned", "summaries", "fairness",
          "quality", "language", "comparisons", "bias", "tables")  # fmt: skip


def fingerprint(results: Path) -> list[str]:
    """Lines: the machine, each result's SHA-256, each stage's, and that of the whole run.

    Cards, logs, the report and the table of costs are left out: they hold times. Stages come in
    the order of the run, so that the first line that differs names the step where two runs part.

    Args:
        results: results folder of a run.

    Raises:
        FairpruneError: no such folder, or no results in it.
    """
    if not results.is_dir():
        raise FairpruneError(f"{results} is no folder: give the results folder of a run")
    found = [line for stage in STAGES for line in _stage(results, stage)]
    if not found:
        raise FairpruneError(f"{results} holds no results: run the workflow first")
    about = {"machine": platform.machine(), "cpus": os.cpu_count(), **versions()}
    facts = [f"# {name}: {value}" for name, value in about.items()]
    return [*facts, *found, f"{_digest(found)}  the whole run"]


def _stage(results: Path, stage: str) -> list[str]:
    files = sorted(
        file
        for file in (results / stage).rglob("*")
        if file.is_file()
        and not file.name.endswith("card.json")
        and not file.name.startswith(".")
        and file.name != "costs.csv"
    )
    lines = [f"{sha256_file(file)}  {file.relative_to(results).as_posix()}" for file in files]
    return [*lines, f"{_digest(lines)}  all of {stage}"] if lines else []


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
