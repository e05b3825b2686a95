"""How long the rest of a run will take, by the jobs of it that have ended."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

SEEN = 0.5  # of the jobs that are left, so many are of rules whose jobs have been seen to end


@dataclass
class Remaining:
    """What is left of a run, and what its jobs have taken so far; times in seconds.

    `left` counts the jobs that have not ended by rule, those that are under way too.
    """

    left: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def end(self, rule: str, seconds: float) -> None:
        """A job of a rule has ended after so long."""
        self.left[rule] -= 1
        self.took[rule].append(seconds)

    def seconds(self, elapsed: float, running: list[tuple[str, float]]) -> float | None:
        """Seconds until the end; None while too few kinds of jobs have been seen for a guess.

        Each job is expected to take the mean of its rule, or of all where its rule is new, and as
        many jobs are expected side by side as there were on average.

        Args:
            elapsed: since the first job began.
            running: rule and age of every job that is under way.
        """
        every = [seconds for found in self.took.values() for seconds in found]
        jobs = +self.left
        known = sum(count for rule, count in jobs.items() if self.took.get(rule))
        if not every or known < SEEN * jobs.total():
            return None
        mean = {rule: _mean(self.took.get(rule) or every) for rule in jobs}
        work = sum(count * mean[rule] for rule, count in jobs.items())
        work -= sum(min(age, mean.get(rule, 0.0)) for rule, age in running)
        done = sum(every) + sum(age for _, age in running)
        return work * elapsed / done if done else None


def spoken(seconds: float) -> str:
    """A length of time in words, to two digits or so."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
