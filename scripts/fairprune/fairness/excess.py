"""A metric less what a fair writer of as many pieces reaches by chance (`chance`)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fairprune.fairness.shares import Shares, Terms, mean_over_groups

EXCESS = "_excess"


def mean_excess(
    name: str, each: Callable[..., np.ndarray], shares: Shares, **options: Any
) -> Terms:
    """Mean over inputs of a metric, `each(p, q, **options)`, less its chance, where both are."""
    chance = shares.chance.get(name)
    if chance is None:
        return Terms.of(np.full(len(shares.p), np.nan))
    return Terms.of(each(shares.p, shares.q, **options) - mean_over_groups(chance))
