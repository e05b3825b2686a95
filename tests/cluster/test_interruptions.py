"""Jobs that Slurm cancels for another's sake, puts back in its queue, or has forgotten."""

import signal
import time
from pathlib import Path

import pytest

from cluster.conftest import states, wait_for

pytestmark = pytest.mark.long("of Slurm and conda")


@pytest.fixture(scope="module")
def interrupted(checkout, slurm, tmp_path_factory):
    """A run in which each of the three happens once."""
    remembered = tmp_path_factory.mktemp("remembered")
    hooks = Path(__file__).with_name("interruptions")
    run = checkout("interrupted", **slurm, PYTHONPATH=str(hooks), INTERRUPTED=str(remembered))
    log = run.folder / "driver.log"
    driver = run.start(log, *run.on_slurm("--until", "measure_activations"))
    try:
        wait_for(remembered / "prepare_task", driver, log)
        run.run("sbatch", "--partition=urgent", "--exclusive", "--wrap=true")
        run.run("scontrol", "requeue", wait_for(remembered / "prepare_calibration", driver, log))
        number = wait_for(remembered / "measure_activations", driver, log)
        driver.send_signal(signal.SIGSTOP)
        run.run("scancel", number)
        while number in run.run("squeue", "--noheader", "--states=all", "--format=%i").stdout:
            time.sleep(1)
        driver.send_signal(signal.SIGCONT)
        assert driver.wait(timeout=600) == 0, log.read_text()
    finally:
        driver.kill()
        driver.wait()
    run.log = log.read_text()
    return run


def test_a_preempted_job_is_done_again(interrupted):
    assert states(interrupted, "group_task-reviews_prepare_task") == ["PREEMPTED", "COMPLETED"]


def test_a_job_that_is_put_back_is_waited_for(interrupted):
    assert states(interrupted, "group_calibration-demo_prepare_calibration") == ["COMPLETED"]


def test_a_job_that_slurm_has_forgotten_is_done_again(interrupted):
    assert states(interrupted, "measure_activations") == ["CANCELLED", "COMPLETED"]
