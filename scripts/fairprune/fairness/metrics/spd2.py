"""Second-order SPD: whether who gains depends on who is in the majority."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.metrics.spd import parity_difference
from fairprune.fairness.shares import Shares, Terms


def distance(means: np.ndarray) -> np.ndarray:
    """`|mean_1 − mean_2|` of the last axis; NaN where either is."""
    return np.abs(means[..., 0] - means[..., 1])


@metric("spd2", source="this project's reading of Huang et al., EACL 2024")
def spd2(shares: Shares) -> Terms:
    """`|SPD on A-heavy inputs − SPD on B-heavy inputs|`, undefined where either set is empty.

    Heavy: over 0.55 of the labelled opinions. Range: ≥ 0, lower is fairer.
    """
    differences = parity_difference(shares.p, shares.q, shares.pair)
    columns = [np.where(shares.heavy == group, differences, np.nan) for group in shares.pair or ()]
    return Terms.of(np.stack(columns or [differences] * 2, axis=-1), distance)
