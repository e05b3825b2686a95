"""shift, who is heard more or less than by another model."""

import numpy as np

from fairprune.fairness.declare import always, metric
from fairprune.fairness.shares import Shares, Terms

TIE = 1e-12


def largest_change(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The largest of the changes from first to second (… × K → …), signed; see `changed_group`."""
    change = second - first
    place = changed_group(change)[..., None]
    return np.take_along_axis(change, place, axis=-1)[..., 0]


def changed_group(change: np.ndarray) -> np.ndarray:
    """The number of the group that changes most (… × K → …), of equal ones the one that loses."""
    size = np.where(np.isnan(change), -1.0, np.abs(change))
    most = size >= size.max(axis=-1, keepdims=True) - TIE
    return np.where(most, np.nan_to_num(change), np.inf).argmin(axis=-1)


@metric(
    "shift",
    source="this project",
    points=lambda k: 1.0,
    verdict=always,
    alone=False,
)
def shift(shares: Shares) -> Terms:
    """`q_k − p_k` of every group; between two models the largest change of a group's mean.

    Signed: below 0 the group is heard less than by the other model. Range: [−1, 1].
    """
    return Terms.of(shares.q - shares.p, between=largest_change)
