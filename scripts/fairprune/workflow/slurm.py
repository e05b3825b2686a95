"""What Slurm answers about jobs, in words that Snakemake's plugin for Slurm (2.8) acts on.

The plugin takes a state that it does not know for "still running", and so it does where Slurm has
forgotten a job: a run would wait for these for ever.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

GIVEN_UP = ("PREEMPTED", "NODE_FAIL")  # unless Slurm puts the job back in the queue
ELSEWHERE = ("cluster", "clusters", "slurm_cluster")  # of these jobs the local squeue knows nothing


class Answers:
    """Reads the answers, of which a doubtful one counts once the next says the same."""

    def __init__(self) -> None:
        """No answer has come yet."""
        self._doubtful: set[str] = set()

    def understood(self, states: dict[str, str], asked: Iterable[str]) -> dict[str, str]:
        """The answer, with CANCELLED for each job that will never end otherwise.

        Args:
            states: The state of each job that Slurm knows, by its number.
            asked: The numbers of jobs that Slurm has forgotten if they are not among the states.
        """
        known = {number.partition("_")[0] for number in states}  # 7_[0-9]: of the array job 7
        doubtful = {number for number in asked if number.partition("_")[0] not in known}
        doubtful |= {number for number, state in states.items() if state in GIVEN_UP}
        ended = doubtful & self._doubtful
        self._doubtful = doubtful
        plain = {number: state.partition(" ")[0] for number, state in states.items()}
        return plain | dict.fromkeys(ended, "CANCELLED")


def follow(plugin: Any) -> None:
    """Have the plugin's answers read as `Answers` does, and make it ask often enough.

    squeue forgets a job some time after its end. Where that is less than three times what the
    plugin waits before it first asks, it asks sacct instead; so it must never wait much longer.
    """
    answers = Answers()
    asked: set[str] = set()
    query, check = plugin.query_job_status, plugin.Executor.check_active_jobs

    async def query_job_status(command: str, logger: Any) -> tuple[Any, Any]:
        states, seconds = await query(command, logger)
        if states is not None:  # it has answered
            complete = command.startswith("squeue")  # what sacct does not know may be to come
            states = answers.understood(states, asked if complete else ())
        return states, seconds

    async def check_active_jobs(self: Any, active_jobs: list[Any]) -> AsyncIterator[Any]:
        asked.clear()
        for job in active_jobs:
            if not any(map(job.job.resources.get, ELSEWHERE)):
                asked.add(job.external_jobid)
        async for job in check(self, active_jobs):
            yield job
        first = self.workflow.executor_settings.init_seconds_before_status_checks
        self.next_seconds_between_status_checks = first

    plugin.query_job_status = query_job_status
    plugin.Executor.check_active_jobs = check_active_jobs
