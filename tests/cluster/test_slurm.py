"""The demo with one variant, in its conda environments and through a real Slurm; and accidents.

One undisturbed run and one with every accident: each Slurm job takes seconds.
"""

import re
import shlex
from pathlib import Path

import pytest

from cluster.conftest import LIMITS, ROOT, accounts, states, submitted, wait_for

pytestmark = pytest.mark.long("of Slurm and conda")

GPU_RULES = {"measure_activations", "compute_gradients", "prune_model", "evaluate_variant",
             "evaluate_variant_everywhere"}  # fmt: skip
PAGE = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")


def blocks():
    """The commands that the documentation gives."""
    return re.findall(r"```sh\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def environments(checkout, conda):
    """A checkout in which the conda environments have been made."""
    made = checkout("undisturbed")
    made.environment |= {"PATH": f"{conda}:{made.environment['PATH']}", "PIP_NO_COMPILE": "1"}
    text = made.make_environments()
    made.created = set(re.findall(r"^Environment for \S*/(\w+)\.yaml created", text, re.M))
    return made


@pytest.fixture(scope="module")
def undisturbed(environments, slurm):
    """A finished run through Slurm, each step in its conda environment."""
    environments.environment |= slurm
    done = environments.run(*environments.on_slurm("--sdm", "conda"))
    assert done.returncode == 0, done.stdout
    environments.log = done.stdout
    return environments


@pytest.fixture(scope="module")
def accidents(checkout, slurm, tmp_path_factory):
    """A run in which one job was killed by memory, one cancelled, and then the driver killed."""
    remembered = tmp_path_factory.mktemp("remembered")
    hooks = {"PYTHONPATH": str(Path(__file__).with_name("accidents")), "ACCIDENTS": str(remembered)}
    run = checkout("accidents", **slurm, **hooks)
    run.remembered = remembered
    log = run.folder / "driver.log"
    driver = run.start(log, *run.on_slurm())
    try:
        run.run("scancel", wait_for(remembered / "cancelled", driver, log))
        left = wait_for(remembered / "left alone", driver, log)
    finally:
        driver.kill()
        driver.wait()
    run.log = log.read_text()
    run.left = run.run("squeue", "--noheader", "--states=R", f"--jobs={left}").stdout
    run.restart = run.run("bash", "-ec", restart_commands(run))
    return run


def restart_commands(run):
    """What the documentation says to do; at the end the driver is itself a job."""
    restart = next(block for block in blocks() if "scancel" in block)
    recipe = next(block for block in blocks() if "sbatch" in block)
    driver = shlex.join(run.on_slurm())
    recipe = recipe.replace(". .venv/bin/activate && snakemake --profile slurm", driver)
    recipe = recipe.replace("sbatch", "sbatch --wait --output=driver.out", 1)
    unlock = shlex.join(run.on_slurm("--unlock"))
    restart = restart.replace("snakemake --profile slurm --unlock\n", f"{unlock}\n")
    assert restart.endswith("\nsnakemake --profile slurm\n")
    return restart.removesuffix("snakemake --profile slurm\n") + recipe


def test_every_environment_is_made(environments):
    assert environments.created == {file.stem for file in (ROOT / "envs").glob("*.yaml")}


def test_each_step_ran_in_its_environment(undisturbed):
    assert (undisturbed.folder / "results/demo/report.html").stat().st_size > 100_000
    made = {"fairness.csv", "quality.csv", "language.csv", "pruning.csv"}
    assert made <= set(undisturbed.tables())


def test_gpus_only_where_they_are_used(undisturbed):
    jobs = submitted(undisturbed.log)
    found = accounts(undisturbed.run, *jobs)
    assert {job.state for job in found.values()} == {"COMPLETED"}
    assert {jobs[number] for number, job in found.items() if job.gpu} == GPU_RULES
    assert all(job.partition == ("gpu" if job.gpu else "cpu") for job in found.values())


def test_no_job_asks_for_more_than_the_profile_allows(undisturbed):
    alone = [number for number, name in submitted(undisturbed.log).items() if "group" not in name]
    found = accounts(undisturbed.run, *alone).values()
    assert max(job.memory for job in found) < LIMITS["mem_mb"]
    assert max(job.minutes for job in found) == LIMITS["runtime"]


def test_short_jobs_share_a_slurm_job(undisturbed):
    names = list(submitted(undisturbed.log).values())
    steps = int(re.search(r"^\[(\d+)/\1\] ", undisturbed.log, re.M)[1])
    assert len(names) <= steps - 6  # of which one runs here, and one is the target of them all
    assert not {"prepare_task", "evaluate_fairness", "evaluate_quality"} & set(names)
    assert "download_model" not in names  # on the driver's node


def test_a_job_killed_by_memory_is_given_more(accidents):
    numbers = [n for n, name in submitted(accidents.log).items() if name == "compute_gradients"]
    first, second = (accounts(accidents.run, *numbers)[number] for number in numbers)
    assert (accidents.remembered / "killed by memory").read_text() == numbers[0]
    assert first.state != "COMPLETED"
    assert second.state == "COMPLETED"
    assert first.memory < second.memory == LIMITS["mem_mb"] < 2 * first.memory


def test_a_cancelled_job_is_done_again(accidents):
    assert states(accidents, "prune_model") == ["CANCELLED", "COMPLETED"]


def test_a_killed_driver_is_started_again(accidents):
    assert accidents.left.strip()  # its jobs went on without it
    out = accidents.folder / "driver.out"
    assert accidents.restart.returncode == 0, accidents.restart.stdout + out.read_text()
    assert "compute_gradients" not in submitted(out.read_text()).values()  # was finished before


def test_tables_are_those_of_an_undisturbed_run(accidents, undisturbed):
    assert accidents.tables() == undisturbed.tables()
