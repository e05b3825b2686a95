"""SPD, the statistical parity difference of a named pair of groups."""

import numpy as np

from fairprune.fairness.declare import always, metric
from fairprune.fairness.shares import Shares, Terms


def parity_difference(
    p: np.ndarray, q: np.ndarray, pair: tuple[int, int] | None = (0, 1)
) -> np.ndarray:
    """Who gains: `(q_A − p_A) − (q_B − p_B)`; NaN where A or B is absent, or no pair is named.

    Range: [−2, 2], above 0 favours A, nearer 0 is fairer. The idea is that of Huang et al.,
    EACL 2024; the formula is this project's reading of it.
    """
    if pair is None:
        return np.full(np.shape(p)[:-1], np.nan)
    gain = q - p
    return gain[..., pair[0]] - gain[..., pair[1]]


@metric(
    "spd",
    source="this project's reading of Huang et al., EACL 2024",
    signed=True,
    points=lambda k: 2.0,
    verdict=always,
)
def spd(shares: Shares) -> Terms:
    """Mean over inputs that hold both groups of `parity_difference`; signed."""
    return Terms.of(parity_difference(shares.p, shares.q, shares.pair))
