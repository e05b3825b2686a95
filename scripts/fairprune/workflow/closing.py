"""What is said when a run has ended: what was made, how long it took; or what went wrong."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fairprune.fairness.comparing.rules import DIRECTION
from fairprune.fairness.comparing.verdicts import WORDS
from fairprune.io.tables import read_parquet
from fairprune.io.variants import DENSE

SHOWN = ("report.html", "figures", "tables")


def closing(results: Path, seconds: float) -> str:
    """The lines for the end of a run.

    Args:
        results: the results folder.
        seconds: how long the run took.
    """
    made = [str(results / name) for name in SHOWN if (results / name).exists()]
    lines = [f"made: {', '.join(made) or results}", *_verdicts(results)]
    lines.append(f"took: {_spoken(seconds)}")
    peaks = {file: _peak(file) for file in (results / "benchmarks").rglob("*.tsv")}
    if peaks:
        file = max(peaks, key=peaks.__getitem__)
        job = file.relative_to(results / "benchmarks").with_suffix("")
        lines.append(f"largest memory of a job so far: {peaks[file]:.0f} MiB ({job})")
    return "\n".join(lines)


def _verdicts(results: Path) -> Iterator[str]:
    """The words of the primary results, a line a model and task."""
    for file in sorted((results / "comparisons").rglob("*.parquet")):
        words = Counter(
            row["verdict"]
            for row in read_parquet(file)
            if row["primary"] and row["metric"] != DIRECTION and row["against"] == DENSE
        )
        model, task = file.parent.name, file.stem
        if counts := ", ".join(f"{words[word]} {word}" for word in WORDS if words[word]):
            yield f"fairness of {model} on {task}, against the model as it is: {counts}"


def failures(results: Path, since: float) -> list[str]:
    """What went wrong in a run, by the last lines of the logs that it has written.

    Args:
        results: the results folder.
        since: when the run began, seconds since the epoch.
    """
    lines = []
    for log in sorted((results / "logs").rglob("*.log")):
        if log.stat().st_mtime < since:
            continue
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()
        if errors := [line for line in said if line.startswith("error: ")]:
            job = log.relative_to(results / "logs").with_suffix("")
            lines.append(f"failed: {job}: {errors[-1].removeprefix('error: ')}")
    return lines or ["failed: no step says why; the last log is above"]


def _peak(file: Path) -> float:
    """The largest resident memory in MiB in one of Snakemake's benchmark files; 0 if unknown."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        try:
            return max((float(row["max_rss"]) for row in rows), default=0.0)
        except (KeyError, ValueError):  # a job too short to be measured has "NA"
            return 0.0


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
