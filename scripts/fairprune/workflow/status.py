"""What of a run is there, what is missing, and what is stale and why, as Snakemake sees it."""

import csv
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fairprune.errors import FairpruneError, shortened
from fairprune.io.project import PROJECT

FIRST = 5  # stale jobs that are named
STAGES = (
    *("downloads", "models", "tasks", "calibration", "activations", "gradients", "pruned"),
    *("summaries", "fairness", "quality", "language", "comparisons", "annotation"),
    *("tables", "figures", "report"),
)
REASONS = {  # in Snakemake's words, and in ours
    "updated input files": "what it is made from is newer",
    "rule implementation changed": "the command of its step has changed",
    "set of input files changed": "it would be made from other files",
    "params changed": "its settings have changed",
}
AFTER = "for what they are made from is made again"
TOLD = re.compile(r"before: (.*) now: (.*?) *$")
LOG = re.compile(r"> ([^>]+) 2>&1$", re.M)  # the end of a command, which may have several lines
DIGEST = re.compile("[0-9a-f]{16}")
ABSENT = "affected files:"  # what stands before them in Snakemake's words
CODE = "the code of its step has changed"


@dataclass(frozen=True)
class File:
    """A file of a run: its stage; `there`, `missing` or `stale`; its job's log; why it is stale.

    No reason: what it is made from is made again.
    """

    path: str
    stage: str
    state: str
    log: str
    reason: str = ""


def show_status(config: Path) -> str:
    """A table of the stages, and the first stale files with their reasons.

    Args:
        config: the configuration's file.

    Raises:
        FairpruneError: the configuration is wrong, or Snakemake cannot plan the run.
    """
    found = files(_snakemake(config, "--summary"))
    jobs: dict[str, list[File]] = {}
    for file in found:
        if file.state == "stale" and file.reason:
            jobs.setdefault(file.log, []).append(file)
    first = list(jobs.values())[:FIRST]
    told = {}
    if any(made[0].reason == REASONS["params changed"] for made in first):
        targets = [made[0].path for made in first]
        told = changes(_snakemake(config, *targets, "-n", "-p", "--quiet", "host"))
    lines = [_named(made, told.get(made[0].log) or _untold(made[0].reason)) for made in first]
    others = sum(f.state == "stale" for f in found) - sum(map(len, first))
    if others:
        lines.append(f"stale: {others} {'more ' if first else ''}files, {AFTER}")
    if all(file.state == "there" for file in found):
        lines.append("everything is there")
    return "\n".join([*table(found), *lines])


def files(summary: str) -> list[File]:
    """The files of `snakemake --summary`, without cards that lie beside them."""
    rows = list(csv.DictReader(summary.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    gone = {row["log-file(s)"] for row in rows if row["status"] == "missing"} - {"-"}
    found = []
    for row in rows:
        path, status, pending = row["output_file"], row["status"], row["plan"] != "no update"
        if re.search(r"[^/]\.card\.json$", path) or (status == "removed temp file" and not pending):
            continue
        there = status not in ("missing", "removed temp file")
        reason = REASONS.get(status, "")
        if there and pending and row["log-file(s)"] in gone:
            reason = "a file that is made together with it is missing"
        state = "missing" if not there else "stale" if pending else "there"
        found.append(File(path, _stage(path), state, row["log-file(s)"], reason))
    return sorted(found, key=lambda file: _place(file.stage))


def table(found: Iterable[File]) -> list[str]:
    """A line a stage, in the order of the work: how many files are there, missing, stale."""
    counts = Counter((file.stage, file.state) for file in found)
    stages = sorted({stage for stage, _ in counts}, key=_place)
    states = ("there", "missing", "stale")
    lines = [f"{'':<12}" + "".join(f"{state:>9}" for state in states)]
    for stage in stages:
        cells = (counts[stage, state] or "" for state in states)
        lines.append(f"{stage:<12}" + "".join(f"{cell:>9}" for cell in cells).rstrip())
    return lines


def changes(plan: str) -> dict[str, str]:
    """Log of a job → what has changed among its options, from a plan that shows commands."""
    found: dict[str, str] = {}
    for job in re.split(r"^(?=Reason: )", plan, flags=re.M):
        reason, _, command = job.partition("\n")
        told, log = TOLD.search(reason), LOG.search(command)
        if told and log:
            (file,) = shlex.split(log[1])
            found[file] = difference(*told.groups())
    return found


def difference(before: str, now: str) -> str:
    """What differs between two lists of parameters, by option; a digest among them is of code."""
    old, new = (
        [word for text in re.findall(r"'((?:[^'\\]|\\.)*)'", side) for word in text.split()]
        for side in (before, now)
    )
    code = any(DIGEST.fullmatch(word) for word in old + new)
    was, is_now = _options(old), _options(new)
    gone = " ".join(option for option in was if option not in is_now)
    come = " ".join(option for option in is_now if option not in was)
    if not gone and not come:
        return CODE if code else REASONS["params changed"]
    told = f"{shortened(gone, 100) or 'nothing'} → {shortened(come, 100) or 'nothing'}"
    return f"{REASONS['params changed']}: {told}{f'; {CODE}' if code else ''}"


def refused(said: str) -> str:
    """Why Snakemake cannot plan a run, in a line: our own words, a file that is absent, or its."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if not errors and ABSENT in lines[:-1]:
        absent = lines[lines.index(ABSENT) + 1]
        return (
            f"{absent} is no file, and no step makes it: correct its name in the configuration, or "
            f"go to the folder that its paths begin in (here: {Path.cwd()})"
        )
    return (errors or [" ".join(lines[-3:]) or "snakemake says nothing"])[0]


def _options(words: list[str]) -> list[str]:
    """Words put together: an option with its values, without digests."""
    found: list[str] = []
    for word in words:
        if DIGEST.fullmatch(word):
            continue
        if word.startswith("--") or not found:
            found.append(word)
        else:
            found[-1] += f" {word}"
    return found


def _stage(path: str) -> str:
    parts = Path(path).parts
    known = [part for part in parts[:-1] if part in STAGES]
    return known[0] if known else Path(path).stem if Path(path).stem in STAGES else "other"


def _place(stage: str) -> int:
    return (*STAGES, stage).index(stage)


def _untold(reason: str) -> str:
    """A reason without details, which Snakemake keeps where other things have changed, too."""
    changed = reason == REASONS["params changed"]
    return "its settings or the code of its step have changed" if changed else reason


def _named(made: list[File], reason: str) -> str:
    others = f" and {len(made) - 1} more" if len(made) > 1 else ""
    return f"stale: {made[0].path}{others}: {reason}"


def _snakemake(config: Path, *words: str) -> str:
    if not config.is_file():
        raise FairpruneError(f"{config} is no file: give a configuration (YAML)")
    command = [sys.executable, "-m", "snakemake", *words, "--cores", "1", "--nolock"]
    command += ["--snakefile", str(PROJECT / "Snakefile"), "--configfile", str(config)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise FairpruneError(refused(done.stderr))
    return done.stdout + (done.stderr if "-n" in words else "")
