"""gap, the distance between the group that is heard most and the one that is heard least."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms


def spread(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """`max_k q_k − min_k q_k` over the groups present; NaN where there is none.

    Range: [0, 1], lower is fairer where inputs are balanced (the input's shares `p` play no part).
    Source: Huang et al. 2026.
    """
    absent = np.isnan(q)
    apart = np.where(absent, -np.inf, q).max(axis=-1) - np.where(absent, np.inf, q).min(axis=-1)
    return np.where(absent.all(axis=-1), np.nan, apart)


@metric("gap", source="Huang et al. 2026", each=spread, points=lambda k: 1.0)
def gap(shares: Shares) -> Terms:
    """Mean over inputs of `spread`."""
    return Terms.of(spread(shares.p, shares.q))
