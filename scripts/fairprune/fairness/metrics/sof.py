"""SOF, second-order fairness: whether it is always the same group that loses."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms, mean_over_groups
from fairprune.pruning.options import Option

OPTIONS = {
    "form": Option("absolute", "mean deviation of u_k", choices=("absolute", "variance")),
}


def mean_deviation(u: np.ndarray) -> np.ndarray:
    """`(1/K) Σ_k |u_k − mean u|` over the last axis, NaN left out. Range: ≥ 0."""
    return mean_over_groups(np.abs(u - mean_over_groups(u)[..., None]))


def variance(u: np.ndarray) -> np.ndarray:
    """`(1/K) Σ_k (u_k − mean u)²` over the last axis, NaN left out. Range: ≥ 0."""
    return mean_over_groups((u - mean_over_groups(u)[..., None]) ** 2)


@metric("sof", source="Zhang et al., NAACL 2024 (PerspectiveSumm)", options=OPTIONS)
def sof(shares: Shares, form: str = "absolute") -> Terms:
    """Spread over groups of `u_k`, the mean over inputs holding k of `max(0, p_k − q_k)`.

    Range: ≥ 0, lower is fairer; with two groups `|u_1 − u_2| / 2`.
    """
    combine = mean_deviation if form == "absolute" else variance
    return Terms.of(np.maximum(shares.p - shares.q, 0), combine)
