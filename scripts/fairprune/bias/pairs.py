"""What two models got on the same items of a task."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairprune.bias.goals import Goal
from fairprune.errors import FairpruneError
from fairprune.fairness.clusters import FEWEST, effective_number

ALL = "all"
ByItem = Mapping[int, Mapping[str, Any]]  # item → its row


@dataclass(frozen=True)
class Pairs:
    """The values of two models on the same n items, NaN where a model has none.

    `units`: the unit of each item. `pool`: items are units though several are made from one
    template, of which there are too few: what is found holds for further items of these alone.
    `strata`: the kind of each item, None where there is none.
    """

    first: np.ndarray
    second: np.ndarray
    units: np.ndarray
    pool: bool
    strata: list[str | None]

    def masks(self) -> dict[str, np.ndarray]:
        """All items; then those of each kind, where there are several: name → n, bool.

        A kind that is called as all items are is named in quotes.
        """
        kinds = sorted({kind for kind in self.strata if kind is not None})
        found = {ALL: np.ones(len(self.strata), dtype=bool)}
        if len(kinds) > 1:
            named = {kind: f"'{ALL}'" if kind == ALL else kind for kind in kinds}
            found |= {named[k]: np.array([s == k for s in self.strata]) for k in kinds}
        return found


def by_metric(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], dict[int, Any]]:
    """Rows of items by task and metric, then by item."""
    found: dict[tuple[str, str], dict[int, Any]] = {}
    for row in rows:
        found.setdefault((row["task"], row["metric"]), {})[row["item"]] = row
    return found


def pairs_of(first: ByItem, second: ByItem, goal: Goal, where: str) -> Pairs:
    """Two models' values side by side.

    Args:
        first, second: of the dense model, and of the variant.
        goal: of the metric.
        where: what messages call the comparison.

    Raises:
        FairpruneError: they were measured on other items, or a value lies outside of the range.
    """
    items = sorted({*first, *second})
    both = first.keys() & second.keys()
    same = all(first[item]["hash"] == second[item]["hash"] for item in both)
    if not same or not (goal.partial or len(both) == len(items)):
        raise FairpruneError(
            f"{where}: the variant and the dense model were measured on other items: measure both "
            "on the same data"
        )
    values = [
        np.array([rows[item]["value"] if item in rows else np.nan for item in items], dtype=float)
        for rows in (first, second)
    ]
    for found in values:
        outside = found[(found < goal.low) | (found > goal.high)]
        if len(outside):
            raise FairpruneError(
                f"{where}: a value of {outside[0]:g} lies outside of {goal.low:g} to "
                f"{goal.high:g}: give the metric's range"
            )
    rows = [first.get(item) or second[item] for item in items]
    units, pool = _units([row["unit"] for row in rows])
    return Pairs(values[0], values[1], units, pool, [row["stratum"] for row in rows])


def _units(names: list[str | None]) -> tuple[np.ndarray, bool]:
    """The unit of each item, and whether units that are too few gave way to the items.

    An item without a unit is one by itself.
    """
    each = np.arange(len(names))
    shared = {name: n for n, name in enumerate(sorted({name for name in names if name}))}
    alone = itertools.count(len(shared))
    numbers = np.array([shared[name] if name else next(alone) for name in names], dtype=int)
    if len(set(numbers)) == len(names) or effective_number(numbers) >= FEWEST:
        return numbers, False
    return each, True
