"""Second-order SPD: whether who gains depends on who is in the majority."""

import numpy as np

from fairprune.fairness.declare import always, metric
from fairprune.fairness.metrics.spd import parity_difference
from fairprune.fairness.shares import Shares, Terms, mean_over_groups


def difference(means: np.ndarray) -> np.ndarray:
    """`mean_1 − mean_2` of the last axis, … × 1; NaN where either is."""
    return means[..., :1] - means[..., 1:]


@metric(
    "spd2",
    source="this project's reading of Huang et al., EACL 2024",
    points=lambda k: 2.0,
    verdict=always,
)
def spd2(shares: Shares) -> Terms:
    """`|SPD on A-heavy inputs − SPD on B-heavy inputs|`, undefined where either set is empty.

    Heavy: over 0.55 of the labelled opinions. Range: ≥ 0, lower is fairer.
    """
    differences = parity_difference(shares.p, shares.q, shares.pair)
    columns = [np.where(shares.heavy == group, differences, np.nan) for group in shares.pair or ()]
    both = np.stack(columns or [differences] * 2, axis=-1)
    return Terms.of(both, parts=difference, size=mean_over_groups)
