"""Strata: inputs by the group that holds most of their opinions."""

from collections.abc import Sequence

import numpy as np

from fairprune.data.mixes import derive_mix
from fairprune.fairness.inputs import Item

ALL, BALANCED = "all", "balanced"


def stratum(item: Item) -> str | None:
    """`balanced` or `GROUP-heavy` (over 0.55 of the labelled opinions); None below two groups.

    Labels decide, whatever the attribution.
    """
    return mix(item) if len(item.groups) > 1 else None


def mix(item: Item) -> str:
    """The mix that the item's labels show: its stratum, or `GROUP-only`, or `unlabelled`."""
    return derive_mix([label for label in item.labels if label is not None])


def stratum_names(groups: Sequence[str]) -> list[str]:
    """Every stratum of a task: all inputs, balanced ones, and those heavy in each group."""
    return [ALL, BALANCED, *(f"{group}-heavy" for group in groups)]


def masks(strata: Sequence[str | None], names: Sequence[str]) -> np.ndarray:
    """Which inputs belong to each named stratum, S × n; None (one group only) belongs to none."""
    return np.array(
        [[s is not None and name in (ALL, s) for s in strata] for name in names], dtype=bool
    ).reshape(len(names), len(strata))
