"""What may happen to a whole run: killed, locked, twice, on a full or read-only disk, late."""

import os
import random
import shutil
import signal
import subprocess
import time

from workflow.conftest import MICRO, Workspace

from faults.harness import Bench, Outcome, fault
from faults.kinds.disk import disk

CONFIG = {**MICRO, "methods": {"magnitude": {}}}
TARGET = "results/fairness/demo/magnitude/none/0.50/reviews.json"
KILLS = 10
UNLOCK = "`snakemake --unlock`, then the run with `--rerun-incomplete`"


class Run:
    """A run of one target; `reference` is an undisturbed one."""

    reference: Workspace

    @classmethod
    def finished(cls, bench: Bench) -> Workspace:
        """A copy of the undisturbed run, which is made at its first use."""
        if not hasattr(cls, "reference"):
            folder = bench.folder.parent.parent / "reference"
            folder.mkdir(exist_ok=True)
            cls.reference = cls.empty(folder)
            run = cls.reference.snakemake(TARGET)
            assert run.code == 0, run.text
        return cls.reference.copy(bench.path("run"))

    @staticmethod
    def empty(folder) -> Workspace:
        """A workspace without results."""
        workspace = Workspace.fresh(folder)
        workspace.config = CONFIG
        return workspace

    @classmethod
    def check(cls, workspace: Workspace) -> None:
        """See that results are those of the undisturbed run."""
        stages = ("tasks", "pruned", "summaries", "fairness")
        digests = [
            Bench(w.folder).digests(*(f"results/{stage}" for stage in stages))
            for w in (cls.reference, workspace)
        ]
        other = {
            f for f in digests[0].keys() | digests[1] if digests[0].get(f) != digests[1].get(f)
        }
        assert not other, {f: [f in d for d in digests] for f in sorted(other)}
        assert len(digests[0]) >= 6


def _start(workspace: Workspace, *arguments: str) -> subprocess.Popen:
    workspace.write_config()
    return subprocess.Popen(
        workspace.command(*arguments),
        env=workspace.environment(real=True),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _started(workspace: Workspace) -> subprocess.Popen:
    """A run that holds the lock of its directory."""
    run = _start(workspace, TARGET)
    while not list((workspace.folder / ".snakemake/locks").glob("*")) and run.poll() is None:
        time.sleep(0.02)
    return run


@fault("run", f"kill -9 of all its processes at {KILLS} random times")
def killed(bench: Bench) -> Outcome:
    Run.finished(bench)
    bench.path("killed").mkdir()
    workspace = Run.empty(bench.path("killed"))
    times = random.Random(5)
    for _ in range(KILLS):
        run = _start(workspace, TARGET, "--nolock", "--rerun-incomplete")
        try:
            run.wait(times.uniform(1.5, 6))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    assert workspace.snakemake("--unlock").code == 0
    run = workspace.snakemake(TARGET, "--rerun-incomplete")
    assert run.code == 0, run.text
    Run.check(workspace)
    return Outcome("right bytes: what was finished is kept, the rest is made again", UNLOCK)


@fault("run", "a lock left by a killed run")
def stale_lock(bench: Bench) -> Outcome:
    workspace = Run.finished(bench)
    (workspace.folder / TARGET).unlink()
    run = _started(workspace)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    refused = workspace.snakemake(TARGET)
    assert refused.code == 1
    assert "Directory cannot be locked" in refused.text and "--unlock" in refused.text
    assert workspace.snakemake("--unlock").code == 0
    again = workspace.snakemake(TARGET, "--rerun-incomplete")
    assert again.code == 0, again.text
    Run.check(workspace)
    return Outcome("refused: Directory cannot be locked", UNLOCK)


@fault("run", "started twice at once")
def two_runs(bench: Bench) -> Outcome:
    workspace = Run.finished(bench)
    shutil.rmtree(workspace.folder / "results")  # so that the first one takes a while
    first = _started(workspace)
    second = workspace.snakemake(TARGET, "--rerun-incomplete")  # else it may stop at that before
    said, _ = first.communicate()
    assert first.returncode == 0, said
    assert second.code == 1 and "Directory cannot be locked" in second.text, second.text
    Run.check(workspace)
    return Outcome("the first gives the right bytes, the second is refused: it cannot lock")


@fault("run", "its results on a read-only disk")
def read_only_results(bench: Bench) -> Outcome:
    workspace = Run.finished(bench)
    (workspace.folder / TARGET).unlink()
    results = workspace.folder / "results"
    moved = results.rename(workspace.folder / "writable")
    with disk(results, "16m"):
        subprocess.run(["cp", "-a", f"{moved}/.", str(results)], check=True)
        subprocess.run(["mount", "-o", "remount,ro", str(results)], check=True)
        refused = workspace.snakemake(TARGET)
    results.rmdir()
    moved.rename(results)
    assert refused.code == 1
    assert "Write-protected output files" in refused.text, refused.text
    again = workspace.snakemake(TARGET)
    assert again.code == 0, again.text
    Run.check(workspace)
    return Outcome("refused: Write-protected output files", "allow writing, then the same again")


@fault("run", "the clock set back after results were made")
def clock(bench: Bench) -> Outcome:
    """Files that are there are of tomorrow then, and what is made now is older than they."""
    workspace = Run.finished(bench)
    tomorrow = time.time() + 86400
    (workspace.folder / TARGET).unlink()
    for file in workspace.folder.rglob("*"):
        if file.is_file() and ".snakemake" not in file.parts:
            os.utime(file, (tomorrow, tomorrow))
    refused = workspace.snakemake(TARGET)
    assert refused.code == 1
    assert "has older modification time" in refused.text, refused.text
    for file in workspace.folder.rglob("*"):
        if file.is_file() and file.stat().st_mtime > time.time():
            os.utime(file)
    again = workspace.snakemake(TARGET, "--rerun-incomplete")
    assert again.code == 0, again.text
    Run.check(workspace)
    return Outcome(
        "refused: … has older modification time than input …",
        "`find . -newermt now -exec touch {} +`, then the same again",
    )


@fault("run", "a result truncated between two runs")
def truncated_between(bench: Bench) -> Outcome:
    """The command in the refusal's line is the documented step; here it runs as it stands."""
    workspace = Run.finished(bench)
    (workspace.folder / TARGET).unlink()
    summaries = next((workspace.folder / "results/summaries").rglob("*/magnitude/*/*/*/*.jsonl"))
    summaries.write_bytes(summaries.read_bytes()[:-20])
    refused = workspace.snakemake(TARGET, "--show-failed-logs")
    assert refused.code == 1
    lines = (li.strip() for li in refused.text.splitlines())
    (line,) = {li for li in lines if li.startswith("error: ")}
    command = line.partition("make it again by: snakemake ")[2].split()
    assert "--force" in command
    words = [w.replace("results/config.yaml", "micro.yaml") for w in command]
    again = workspace.snakemake(*words[words.index("--force") :])
    assert again.code == 0, again.text
    last = workspace.snakemake(TARGET)
    assert last.code == 0, last.text
    Run.check(workspace)
    return Outcome("refused: … bytes, its card says …, make it again by: snakemake …",
                   "the command in the line")  # fmt: skip
