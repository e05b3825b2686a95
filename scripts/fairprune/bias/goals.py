"""What a good value of a metric is (high, low, or an ideal), and which values there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairprune.errors import FairpruneError

HIGHER, LOWER = "higher", "lower"


@dataclass(frozen=True)
class Goal:
    """What a metric's mean over items should be, and within which values an item's lies.

    `better`: `higher` or `lower`; None where the `ideal` is best. `partial`: the mean is over those
    items alone that a model has a value for.
    """

    better: str | None = None
    ideal: float | None = None
    low: float = 0.0
    high: float = 1.0
    partial: bool = False

    @property
    def words(self) -> str:
        """`higher`, `lower`, or the ideal as a number."""
        return self.better or f"{self.ideal:g}"

    def sides(self, values: np.ndarray) -> np.ndarray:
        """1 for items on the bad side, −1 or 0 for others; NaN stays.

        Bad is above an ideal, or beyond the middle of the range.
        """
        if self.better is None:
            return np.sign(values - self.ideal)
        middle = (self.low + self.high) / 2
        return np.where(np.isnan(values), np.nan, 2.0 * self._beyond(values, middle) - 1)

    def _beyond(self, values: np.ndarray, middle: float) -> np.ndarray:
        return values > middle if self.better == LOWER else values < middle


STEREOTYPES = {"pct_stereotype": Goal(ideal=0.5)}
KNOWN = {
    "crows_pairs_local": STEREOTYPES,
    "crows_pairs_english": STEREOTYPES,
    "bbq_local": {
        "acc_ambig": Goal(HIGHER),
        "acc_disambig": Goal(HIGHER),
        "bias_ambig": Goal(ideal=0.0, low=-1.0),
        "bias_disambig": Goal(ideal=0.0, low=-1.0, partial=True),
    },
}

Goals = dict[str, dict[str, Goal]]  # task → metric → its goal


def goals_of(given: Sequence[str], known: Mapping[str, Mapping[str, Goal]] = KNOWN) -> Goals:
    """The goals that are known, and those given: `TASK/METRIC=GOAL` or `TASK/METRIC=GOAL:LOW:HIGH`.

    Raises:
        FairpruneError: another form, an empty range, or an ideal outside of it.
    """
    found = {task: dict(metrics) for task, metrics in known.items()}
    for text in given:
        name, _, said = text.partition("=")
        task, _, metric = name.partition("/")
        try:
            goal, *ends = said.split(":")
            low, high = map(float, ends or ("0", "1"))
            ideal = None if goal in (HIGHER, LOWER) else float(goal)
            partial = found.get(task, {}).get(metric, Goal()).partial
            asked = Goal(goal if ideal is None else None, ideal, low, high, partial)
        except ValueError:
            asked = None
        if not (task and metric and asked and _holds(asked)):
            raise FairpruneError(
                f"--metric {text!r}: write TASK/METRIC=higher, =lower or =IDEAL, and where values "
                "lie outside of 0 to 1 their range, as in mine/score=0:-1:1"
            )
        found.setdefault(task, {})[metric] = asked
    return found


def _holds(goal: Goal) -> bool:
    """Whether a goal lies in a range that is one."""
    ideal = goal.low if goal.ideal is None else goal.ideal
    return bool(np.isfinite([goal.low, goal.high, ideal]).all()) and (
        goal.low < goal.high and goal.low <= ideal <= goal.high
    )
