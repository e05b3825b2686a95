"""What a run shows: a line for each job that has ended, or that a plan holds, and every error.

Snakemake tells of its jobs in log records, whose attributes are those of its logger plugins
(snakemake-interface-logger-plugins). A `Screen` is filter and formatter of the handler that writes
them on the screen; the log file beside the run (.snakemake/log) holds what it leaves out.
"""

import csv
import logging
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.errors import shortened
from fairprune.workflow.remaining import Remaining, spoken

PLANNED = 100  # jobs of a plan that are shown one by one
HIDDEN = {"workflow_started", "shellcmd", "job_started", "group_info", "resources_info", "progress"}
# What Snakemake says without an event that a program could know it by.
CHATTER = re.compile(
    r"host: |Building DAG of|Using shell|Select jobs|Execute \d+ jobs|Conda env\w+: ignored"
    r"|Reasons:|Singularity containers: ignored|Group jobs: inactive|Complete log|Elapsed time"
    r"|Exiting because|Cleaning up SLURM|Some jobs were triggered|(Would remove|Removing) temporary"
)
# A step's own exit, told by Snakemake a second time, with all of its command line.
TWICE = {"CalledProcessError", "RuleException"}


@dataclass
class Job:
    """A job under way: its rule, what it does in words, its files, and when it began."""

    rule: str
    words: str
    benchmark: str | None
    log: list[str]
    began: float


class Screen(logging.Formatter):
    """Filter and formatter of one handler; records of other kinds go to `other`.

    Snakemake's records carry what they tell as attributes of their own.
    """

    def __init__(self, other: logging.Formatter, plan: bool) -> None:
        """A screen.

        Args:
            other: the formatter that the handler had.
            plan: whether jobs are shown only, not run.
        """
        super().__init__()
        self.other, self.plan = other, plan
        self.jobs: dict[int, Job] = {}
        self.remaining, self.total, self.ended = Remaining(), 0, 0
        self.began: float | None = None
        self.warned: set[str] = set()

    def filter(self, record: Any) -> bool:
        """Learn from a record; whether it is shown."""
        event = getattr(record, "event", None)
        if event == "job_info":
            self._begin(record)
            return self.plan and len(self.jobs) <= PLANNED + 1
        if event == "run_info":
            return self._count(dict(record.stats))
        if event == "error":
            return getattr(record, "exception", None) not in TWICE
        return event not in HIDDEN and not CHATTER.match(str(record.msg))

    def format(self, record: Any) -> str:
        """The text of a record."""
        event = getattr(record, "event", None)
        if event == "job_info":
            others = f"and {self.total - PLANNED} more jobs (--printshellcmds shows them all)"
            return self.jobs[record.jobid].words if len(self.jobs) <= PLANNED else others
        if event == "job_finished":
            return self._end(record.job_id)
        if event == "job_error":
            return self._failed(record)
        if event == "group_error":
            return f"failed: the jobs of a group; its log: {_named(record.aux_logs)}"
        return self.other.format(record)

    def _count(self, stats: dict[str, int]) -> bool:
        """Take the number of jobs; shown once, where a plan says it before and after its jobs."""
        first = not self.total
        self.total = stats.pop("total", 0)
        self.remaining.left.update(stats if first else {})
        return first != self.plan

    def _begin(self, record: Any) -> None:
        now = time.time()
        self.began = self.began or now
        words = record.rule_msg or f"{record.rule_name} {_named(record.output)}"
        self.jobs[record.jobid] = Job(record.rule_name, words, record.benchmark, record.log, now)

    def _end(self, number: int) -> str:
        job = self.jobs.pop(number)
        self.ended += 1
        line = f"[{self.ended}/{self.total}] {job.words}"
        if not job.benchmark:  # a target: nothing was run
            self.remaining.left[job.rule] -= 1
            return line
        now = time.time()
        seconds = _measured(job) or now - job.began
        self.remaining.end(job.rule, seconds)
        running = [(other.rule, now - other.began) for other in self.jobs.values()]
        left = self.remaining.seconds(now - (self.began or now), running)
        ahead = f", about {spoken(left)} left" if left is not None and left >= 1 else ""
        return "\n".join([f"{line} took {spoken(seconds)}{ahead}", *self._warnings(job)])

    def _warnings(self, job: Job) -> list[str]:
        """What a step warns of in its log, each once a run."""
        lines = [line for line in _lines(job.log) if line.startswith("warning: ")]
        found = [line for line in dict.fromkeys(lines) if line not in self.warned]
        self.warned.update(found)
        return [shortened(line, 1000) for line in found]

    def _failed(self, record: Any) -> str:
        job = self.jobs.pop(record.jobid, None)
        last = _last_line(record.log)
        if job is None or (record.indent and not last.startswith("error: ")):
            return ""  # told already; or one of a group, of which others have failed
        after = spoken(time.time() - job.began)
        told = f"\n    {last}" if last else ""
        return f"failed after {after}: {job.words}{told}\n    its log: {_named(record.log)}"


def _named(files: list[str]) -> str:
    return shortened(", ".join(files), 400) or "none"


def _last_line(logs: list[str]) -> str:
    """The last line that a failed step has written; nothing where it has written none."""
    return next((shortened(line, 1000) for line in reversed(_lines(logs)) if line.strip()), "")


def _lines(logs: list[str]) -> list[str]:
    """What a step has written, line by line."""
    for log in map(Path, logs):
        if log.is_file():
            return log.read_text(encoding="utf-8", errors="replace").split("\n")
    return []


def _measured(job: Job) -> float | None:
    """Seconds that a job itself took, not its wait in a queue; None where it was not measured."""
    file = Path(job.benchmark or "")
    if not file.is_file() or file.stat().st_mtime < job.began:
        return None
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    try:
        return float(rows[-1]["s"])
    except (IndexError, KeyError, ValueError):
        return None
