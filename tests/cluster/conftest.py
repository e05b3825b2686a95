"""A real Slurm, a stand-in for conda, and a checkout to run the demo in, with one variant."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from shared import SHARED

ROOT = Path(__file__).resolve().parents[2]
SLURM, CONDA = SHARED / "tools/slurm-local", SHARED / "tools/conda-local"
PARTS = ["Snakefile", "rules", "scripts", "envs", "profiles", "slurm", "config", "data/demo"]
LIMITS = {"mem_mb": 5000, "runtime": 15}  # of each job, by the profile


def tool(path: Path) -> Path:
    """A tool that only development machines have."""
    if not path.is_file():
        pytest.skip(f"no ../shared/tools/{path.name} beside the checkout")
    return path


@dataclass
class Checkout:
    """A copy of the repository, and commands in it."""

    folder: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """Snakemake on the small configuration."""
        return ["snakemake", "--configfile", "config/small.yaml", *arguments]

    def on_slurm(self, *arguments: str) -> list[str]:
        """The same through Slurm; jobs here end in seconds, and so they are asked sooner."""
        early = ("--slurm-init-seconds-before-status-checks", "3")
        return self.command("--profile", "slurm", *early, *arguments)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        """Run a command here; its output, errors too, is one text."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self, log: Path, *command: str) -> subprocess.Popen:
        """A command that goes on here; what it prints is written to a file."""
        with log.open("w") as stream:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def make_environments(self, *targets: str) -> str:
        """Create the conda environments that targets need; all that was printed."""
        command = self.command("--cores", "2", "--sdm", "conda", "--conda-create-envs-only")
        text = ""
        for _ in range(5):  # see `conda`
            done = self.run(*command, "--", *targets)
            text += done.stdout
            if done.returncode == 0:
                return text
        raise AssertionError(text)

    def tables(self) -> dict[str, bytes]:
        """The final tables, but for the one that says how fast the run was."""
        folder = self.folder / "results/demo/tables"
        files = (file for file in sorted(folder.glob("*.csv")) if file.name != "costs.csv")
        return {file.name: file.read_bytes() for file in files}


@dataclass
class Account:
    """What Slurm's accounting says of a job; memory in megabytes."""

    state: str
    memory: int
    gpu: bool
    partition: str
    minutes: int


def submitted(log: str) -> dict[str, str]:
    """Slurm job → the rule or group that it was handed in for."""
    found = re.findall(r"SLURM jobid (\d+) \(log: \S*/slurm_logs/((?:rule|group)_[^/]+)/", log)
    return {number: name.removeprefix("rule_") for number, name in found}


def accounts(run, *numbers: str) -> dict[str, Account]:
    """Slurm job → what it was given and how it ended."""
    fields = "--format=JobID,State,ReqMem,AllocTRES,Partition,TimelimitRaw"
    table = run("sacct", "-X", "-n", "-P", f"--jobs={','.join(numbers)}", fields).stdout
    found = {}
    for line in table.splitlines():
        number, state, memory, given, partition, minutes = line.split("|")
        memory = int(re.match(r"\d+", memory)[0])
        gpu = "gres/gpu=1" in given
        found[number] = Account(state.split()[0], memory, gpu, partition, int(minutes))
    return found


def states(run, name: str) -> list[str]:
    """How the Slurm jobs of a rule or group ended, in the order in which they were handed in."""
    numbers = [number for number, of in submitted(run.log).items() if of == name]
    found = accounts(run.run, *numbers)
    return [found[number].state for number in numbers]


def wait_for(file: Path, driver: subprocess.Popen, log: Path) -> str:
    """What a file says once it is there; a driver that ends before has failed."""
    end = time.monotonic() + 600
    while not file.exists():
        assert driver.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.2)
    return file.read_text()


@pytest.fixture(scope="session")
def slurm():
    """The environment in which Slurm's commands find a Slurm of our own.

    Jobs of its partition `urgent` have those of others cancelled to take their place.
    """
    up = tool(SLURM)
    if Path("/etc/slurm/slurm.conf").exists():  # which jobs read, whatever we say
        pytest.skip("a Slurm is configured on this machine already")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = f"/tmp/fairprune-slurm-{os.getpid()}"  # short: sockets lie in it
    ours = {
        "SLURM_LOCAL_DIR": folder,
        "SLURM_LOCAL_PORT": str(min(port, 60000)),
        "SLURM_LOCAL_CPUS": "4",
        "SLURM_LOCAL_MEM_MB": "32000",
        "SLURM_LOCAL_GPUS": "2",
        "SLURM_LOCAL_MEM_LIMITS": "1",
        "SLURM_LOCAL_MIN_JOB_AGE": "40",
        "SLURM_LOCAL_PARTITIONS": "cpu gpu urgent",
    }
    environment = {**os.environ, **ours}
    try:
        done = subprocess.run(
            [up, "up", "--accounting"], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        file = {"SLURM_CONF": f"{folder}/slurm.conf"}
        with Path(file["SLURM_CONF"]).open("a") as config:
            config.write("PreemptType=preempt/partition_prio\nPreemptMode=CANCEL\n")
        for command in ("reconfigure", "update PartitionName=urgent PriorityTier=9"):
            subprocess.run(["scontrol", *command.split()], env=environment | file, check=True)
        yield file
    finally:
        subprocess.run([up, "down"], env=environment, check=True)


@pytest.fixture(scope="session")
def conda(tmp_path_factory):
    """The folder with a `conda` that makes real environments from a channel of its own."""
    folder = tmp_path_factory.mktemp("conda")
    make = [sys.executable, tool(CONDA), "make", folder]
    for _ in range(5):  # on a busy machine the library behind it crashes now and then
        done = subprocess.run(make, capture_output=True, text=True)
        if done.returncode == 0:
            return folder / "bin"
    raise AssertionError(done.stdout + done.stderr)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """Makes checkouts: `checkout(name, **environment)`."""
    made = []

    def make(name: str, **environment: str) -> Checkout:
        folder = tmp_path_factory.mktemp(name)
        made.append(folder)
        _fill(folder)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return Checkout(folder, {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", **environment})

    yield make
    for folder in made:
        shutil.rmtree(folder / ".snakemake", ignore_errors=True)  # environments are gigabytes


def _fill(folder: Path) -> None:
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    profile = folder / "profiles/slurm/config.yaml"
    text = profile.read_text().replace("# slurm-partition-config", "slurm-partition-config")
    for name, limit in LIMITS.items():
        text, found = re.subn(rf"# {name}: \d+", f"{name}: {limit}", text)
        assert found == 1
    profile.write_text(text)
    reviews = (folder / "data/demo/reviews.jsonl").read_text(encoding="utf-8")
    (folder / "data/text.txt").write_text(reviews[:20000], encoding="utf-8")
    config = yaml.safe_load((folder / "config/demo.yaml").read_text())
    del config["tasks"]["politics"]
    config["tasks"]["reviews"]["limit"] = 6
    config |= {
        "texts": {"reviews-text": "data/text.txt"},
        "language": {"corpora": ["reviews-text"], "window": 64},
        "calibration": {"samples": 4, "length": 64},
        "summaries": {"max_new_tokens": 24},
        "methods": {"hgla": {}},
        "grid": [{"sparsities": [0.5], "calibrations": ["reviews.balanced"]}],
    }
    (folder / "config/small.yaml").write_text(yaml.safe_dump(config))
