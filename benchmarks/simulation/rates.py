"""Promises, and how often they are kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from fairprune.fairness.comparing.judging import Seen
from simulation.population import PRIMARY, Population

DIFFERS = ("worse", "better", "shifted")
SIZES = (20, 60, 200)
CHANCE = 2.6  # standard deviations: one kept promise in 200 looks broken

Event = Callable[[Sequence[Seen]], bool]


@dataclass(frozen=True)
class Rate:
    """How often something is said of n inputs, which is to be at most or at least `required`."""

    design: str
    n: int
    said: str
    bound: str
    required: float
    observed: float
    trials: int

    @property
    def kept(self) -> bool:
        """Whether the promise is kept, but for the chance that so many trials leave."""
        room = CHANCE * sqrt(self.required * (1 - self.required) / self.trials)
        over = self.observed - self.required
        return (over if self.bound == "≤" else -over) <= room


def rate(
    design: str,
    n: int,
    event: Event,
    bound: str,
    required: float,
    people: Population,
    writers: Sequence[str],
    trials: int,
    *,
    metrics: Sequence[str] = PRIMARY,
) -> Rate:
    """How often an event is seen where the first writer is compared with the others."""
    hits = sum(event(people.trial(seed, n, writers, metrics)) for seed in range(trials))
    return Rate(design, n, told(event), bound, required, hits / trials, trials)


def differs(rows: Iterable[Seen]) -> bool:
    """A difference."""
    return any(row.judged.word in DIFFERS for row in rows)


def equivalent(rows: Iterable[Seen]) -> bool:
    """`equivalent`."""
    return any(row.judged.word == "equivalent" for row in rows)


def worse(rows: Iterable[Seen]) -> bool:
    """`worse`."""
    return any(row.judged.word == "worse" for row in rows)


def holding(truth: float) -> Event:
    """Whether the interval holds the true difference."""

    def event(rows: Sequence[Seen]) -> bool:
        """Its interval holds the true difference."""
        return all(r.evidence.low - 1e-9 <= truth <= r.evidence.high + 1e-9 for r in rows)

    return event


def told(event: Event) -> str:
    """An event in words."""
    words = event.__doc__.rstrip(".")
    return words[0].lower() + words[1:]
