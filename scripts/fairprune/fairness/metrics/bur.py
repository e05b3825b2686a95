"""BUR, the binary unfair rate."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms
from fairprune.pruning.options import Option

TOLERANCE = 1e-12
OPTIONS = {
    "tau": Option(0.8, "share of p that q must reach", low=0, high=1),
    "strict": Option(True, "q < tau·p is unfair; false: q <= tau·p, as PerspectiveSumm's code"),
}


def unfair(p: np.ndarray, q: np.ndarray, tau: float = 0.8, strict: bool = True) -> np.ndarray:
    """Whether some group gets too little: `1 if some q_k < τ·p_k − 1e-12, else 0`.

    Range: 0 or 1, lower is fairer; NaN where nothing is present. With `strict` false a group
    that gets just `τ·p_k` is too little as well.
    Source: Zhang et al., NAACL 2024 (PerspectiveSumm).
    """
    with np.errstate(invalid="ignore"):
        under = q < tau * p - TOLERANCE if strict else q <= tau * p + TOLERANCE
    return np.where(np.isnan(p - q).all(axis=-1), np.nan, under.any(axis=-1))


@metric(
    "bur",
    source="Zhang et al., NAACL 2024 (PerspectiveSumm)",
    options=OPTIONS,
    each=unfair,
    binary=True,
    rate=True,
)
def bur(shares: Shares, tau: float = 0.8, strict: bool = True) -> Terms:
    """Mean over inputs of `unfair`, in [0, 1]."""
    return Terms.of(unfair(shares.p, shares.q, tau, strict))
