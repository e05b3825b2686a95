"""A micro configuration of the demo, run through real Snakemake."""

import copy
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import prepared
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TRACE = Path(__file__).parent / "trace"

MICRO = {
    "results": "results",
    "threads": 1,
    "models": {"demo": {"path": "model"}},
    "tasks": {
        "reviews": {
            "files": ["reviews.jsonl"],
            "columns": {"references": "summary"},
            "prompt": "reviews",
            "groups": ["positive", "negative"],
            "pair": ["positive", "negative"],
            "limit": 6,
            "calibration": {"balanced": {"mix": "balanced"}},
        }
    },
    "calibration": {"samples": 4, "length": 64},
    "methods": {"hgla": {}},
    "grid": [{"sparsities": [0.5]}],
    "summaries": {"max_new_tokens": 24},
    "fairness": {"attributions": ["tokens"]},
}


@dataclass
class Run:
    """What Snakemake did: exit code, all it printed, and the jobs by rule."""

    code: int
    text: str

    @property
    def jobs(self) -> dict[str, int]:
        """How many jobs of each rule ran, or would run."""
        table = re.search(r"^job +count\n[- ]+\n(.*?)^total", self.text, re.M | re.S)
        rows = (line.split() for line in table[1].splitlines()) if table else ()
        return {rule: int(count) for rule, count in rows if rule != "all"}


class Workspace:
    """A working directory with its own copy of the inputs, outside the repository."""

    def __init__(self, folder: Path, config: dict = MICRO) -> None:
        self.folder = folder
        self.config = copy.deepcopy(config)

    @classmethod
    def fresh(cls, folder: Path) -> "Workspace":
        """A workspace that holds the demo's model and reviews, and no results."""
        shutil.copytree(ROOT / "data/demo/model", folder / "model")
        shutil.copy(ROOT / "data/demo/reviews.jsonl", folder)
        return cls(folder)

    def copy(self, folder: Path) -> "Workspace":
        """The same workspace elsewhere, results and Snakemake's records included."""
        shutil.copytree(self.folder, folder, symlinks=True)
        shutil.rmtree(folder / ".snakemake/locks", ignore_errors=True)
        return Workspace(folder, self.config)

    def copy_config(self, **changes: object) -> "Workspace":
        """The same results seen with a changed configuration; for dry runs only."""
        return Workspace(self.folder, {**self.config, **changes})

    def write_config(self) -> None:
        """Put the configuration where the command looks for it."""
        (self.folder / "micro.yaml").write_text(yaml.safe_dump(self.config))

    def command(self, *arguments: str, cores: int = 2, project: Path = ROOT) -> list[str]:
        """The words that run Snakemake here on this configuration."""
        words = ["python", "-m", "snakemake", "--snakefile", str(project / "Snakefile")]
        words += ["--directory", str(self.folder), "--configfile", str(self.folder / "micro.yaml")]
        return [*words, "--cores", str(cores), *arguments]

    @staticmethod
    def environment(*, real: bool = False, **more: str) -> dict[str, str]:
        """The environment of a run: the tests' own Python comes first, prepared or the real one."""
        first = [] if real else [prepared.folder()]
        path = os.pathsep.join(map(str, [*first, Path(sys.executable).parent, os.environ["PATH"]]))
        return {**os.environ, "OMP_NUM_THREADS": "1", "PATH": path, **more}

    def snakemake(
        self,
        *arguments: str,
        cores: int = 2,
        project: Path = ROOT,
        real: bool = False,
        **environment: str,
    ) -> Run:
        """Run Snakemake here on this configuration; `real`: each process a Python of its own."""
        self.write_config()
        done = subprocess.run(
            self.command(*arguments, cores=cores, project=project),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environment(real=real, **environment),
        )
        return Run(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A workspace in which the micro configuration has run; copy it before changing it.

    `trace/ENTRY-PID` holds the modules of this project that each process of it has imported.
    """
    workspace = Workspace.fresh(tmp_path_factory.mktemp("micro"))
    trace = workspace.folder / "trace"
    trace.mkdir(exist_ok=True)
    run = workspace.snakemake(real=True, PYTHONPATH=str(TRACE), FAIRPRUNE_TRACE=str(trace))
    assert run.code == 0, run.text
    return workspace


@pytest.fixture
def workspace(tmp_path):
    """A workspace without results."""
    return Workspace.fresh(tmp_path)
