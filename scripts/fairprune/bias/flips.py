"""Items on which two models fall on different sides: how many, and which way."""

from dataclasses import dataclass

import numpy as np

from fairprune.bias.goals import Goal
from fairprune.fairness.inference import wilson


@dataclass(frozen=True)
class Flips:
    """Shares of the items that both models have a value for, with 95 % intervals; None of none.

    `flip_rate`: on another side than before. `newly_biased`: on the bad side, and not before;
    `no_longer_biased`: the reverse. Source: Dutta et al., Accuracy is not all you need, 2024.
    """

    flip_rate: float | None
    flip_low: float | None
    flip_high: float | None
    newly_biased: float | None
    newly_low: float | None
    newly_high: float | None
    no_longer_biased: float | None


def flips_of(first: np.ndarray, second: np.ndarray, units: np.ndarray, goal: Goal) -> Flips:
    """Flips from the values of both models on the same items (n, NaN where there is none)."""
    both = ~(np.isnan(first) | np.isnan(second))
    if not both.any():
        return Flips(*(None,) * 7)
    before, after = (goal.sides(values[both]) for values in (first, second))
    bad, worse = before > 0, after > 0
    flips, newly = (_share(there, units[both]) for there in (before != after, worse & ~bad))
    return Flips(*flips, *newly, float((bad & ~worse).mean()))


def _share(there: np.ndarray, units: np.ndarray) -> tuple[float, float, float]:
    """The share of the items, with its interval."""
    low, high = wilson(there.astype(float), units)
    return float(there.mean()), float(low), float(high)
