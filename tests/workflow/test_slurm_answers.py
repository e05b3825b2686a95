"""What Slurm answers is read so that no job is waited for for ever (on a Slurm: tests/cluster)."""

import pytest

from fairprune.workflow.slurm import Answers


def read(*answers, asked=("7", "8")):
    """What is understood of answers that come one after another; that of the last."""
    reader = Answers()
    return [reader.understood(answer, asked) for answer in answers][-1]


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "COMPLETED", "FAILED", "TIMEOUT"])
def test_what_the_plugin_knows_stays(state):
    answer = {"7": state, "8": "RUNNING"}
    assert read(answer, answer) == answer


def test_who_cancelled_a_job_does_not_matter():
    assert read({"7": "CANCELLED by 1000", "8": "RUNNING"})["7"] == "CANCELLED"


@pytest.mark.parametrize("state", ["PREEMPTED", "NODE_FAIL"])
def test_a_job_that_gave_way_and_is_not_put_back_has_ended(state):
    gave_way, back = {"7": state, "8": "RUNNING"}, {"7": "PENDING", "8": "RUNNING"}
    assert read(gave_way)["7"] == state
    assert read(gave_way, gave_way)["7"] == "CANCELLED"
    assert read(gave_way, back) == back
    assert read(gave_way, back, gave_way)["7"] == state


def test_a_job_that_slurm_has_forgotten_has_ended():
    assert read({"8": "RUNNING"}) == {"8": "RUNNING"}
    assert read({"8": "RUNNING"}, {"8": "RUNNING"}) == {"7": "CANCELLED", "8": "RUNNING"}
    assert read({}, {}) == {"7": "CANCELLED", "8": "CANCELLED"}


def test_what_was_not_asked_for_is_not_forgotten():
    assert read({"8": "RUNNING"}, {"8": "RUNNING"}, asked=()) == {"8": "RUNNING"}


def test_tasks_of_an_array_that_wait_are_not_forgotten():
    answer = {"7_[1-9]": "PENDING", "7_0": "RUNNING"}
    assert read(answer, answer, asked=("7_0", "7_3")) == answer
