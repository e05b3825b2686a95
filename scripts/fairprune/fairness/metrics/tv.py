"""TV, the total variation distance."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms


def total_variation(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """What would have to move: `½ Σ_k |p_k − q_k|`; NaN where nothing is present.

    Range: [0, 1], lower is fairer. Source: Huang et al. 2026.
    """
    apart = np.abs(p - q)
    return np.where(np.isnan(apart).all(axis=-1), np.nan, np.nansum(apart, axis=-1) / 2)


@metric("tv", source="Huang et al. 2026", each=total_variation, points=lambda k: 1.0)
def tv(shares: Shares) -> Terms:
    """Mean over inputs of `total_variation`."""
    return Terms.of(total_variation(shares.p, shares.q))
