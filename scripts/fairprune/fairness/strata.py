"""Strata: inputs by the group that holds most of their opinions."""

from collections.abc import Sequence

import numpy as np

from fairprune.fairness.inputs import Item

HEAVY = 0.55
ALL, BALANCED = "all", "balanced"


def heavy_group(item: Item) -> str | None:
    """The group that holds over 0.55 of the labelled opinions, whatever the attribution."""
    shares = item.label_shares()
    return next((group for group in shares if shares[group] > HEAVY + 1e-12), None)


def stratum(item: Item) -> str:
    """`balanced` or `GROUP-heavy`."""
    heavy = heavy_group(item)
    return BALANCED if heavy is None else f"{heavy}-heavy"


def stratum_names(groups: Sequence[str]) -> list[str]:
    """Every stratum of a task: all inputs, balanced ones, and those heavy in each group."""
    return [ALL, BALANCED, *(f"{group}-heavy" for group in groups)]


def masks(strata: Sequence[str | None], names: Sequence[str]) -> np.ndarray:
    """Which inputs belong to each named stratum, S × n; None (one group only) belongs to none."""
    return np.array(
        [[s is not None and name in (ALL, s) for s in strata] for name in names], dtype=bool
    ).reshape(len(names), len(strata))
