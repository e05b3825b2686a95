"""AUC, the area under the curve of unfairness against the threshold τ."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms


def area(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """BUR of one input integrated over τ in [0, 1], exactly: `1 − min(1, min_k q_k/p_k)`.

    An input is unfair for every τ above its smallest ratio `q_k/p_k`; a group with `p_k = 0` can
    be wronged by no τ. Range: [0, 1], lower is fairer; NaN where nothing is present.
    Source: Zhang et al., NAACL 2024 (PerspectiveSumm).
    """
    p, q = np.broadcast_arrays(p, q)
    ratios = np.divide(q, p, out=np.full(p.shape, np.inf), where=p > 0)
    smallest = np.where(np.isnan(ratios), np.inf, ratios).min(axis=-1)
    return np.where(np.isnan(p - q).all(axis=-1), np.nan, 1 - np.minimum(1, smallest))


@metric("auc", source="Zhang et al., NAACL 2024 (PerspectiveSumm)", each=area, rate=True)
def auc(shares: Shares) -> Terms:
    """Mean over inputs of `area`."""
    return Terms.of(area(shares.p, shares.q))
