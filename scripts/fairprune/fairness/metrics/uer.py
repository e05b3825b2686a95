"""UER, the unfair error rate."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms, mean_over_groups


def unfair_error(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """How much is taken from groups: `(1/K) Σ_k max(0, p_k − q_k)`, K the groups present.

    Range: [0, 1/K), lower is fairer. Source: Zhang et al., NAACL 2024 (PerspectiveSumm).
    """
    return mean_over_groups(np.maximum(p - q, 0))


@metric(
    "uer",
    source="Zhang et al., NAACL 2024 (PerspectiveSumm)",
    each=unfair_error,
    points=lambda k: 1 / k,
)
def uer(shares: Shares) -> Terms:
    """Mean over inputs of `unfair_error`."""
    return Terms.of(unfair_error(shares.p, shares.q))
