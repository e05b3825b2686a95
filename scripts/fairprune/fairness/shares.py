"""The arrays that metrics work on, and the sums that they are made of."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Shares:
    """p and q of n inputs over K groups, under one attribution.

    Args:
        p, q: n × K, in [0, 1]; NaN where the group is absent, and in whole rows that no metric
            counts (fewer than two groups; no valid summary).
        heavy: n, the number of the group that holds over 0.55 of the labelled opinions, or −1.
        pair: the numbers of groups A and B, if a pair is named.
        coverage, opinions: n × K, summed coverage and number of each group's opinions; None
            under attributions without coverage.
    """

    p: np.ndarray
    q: np.ndarray
    heavy: np.ndarray
    pair: tuple[int, int] | None = None
    coverage: np.ndarray | None = None
    opinions: np.ndarray | None = None

    def only(self, rows: np.ndarray) -> "Shares":
        """The same with every row outside the mask `rows` (n, bool) not counted."""
        parts = {name: getattr(self, name) for name in ("p", "q", "coverage", "opinions")}
        kept = {k: np.where(rows[:, None], v, np.nan) for k, v in parts.items() if v is not None}
        return replace(self, **kept)


@dataclass(frozen=True)
class Terms:
    """A metric as means that are combined: what resampling and swapping need to be fast.

    The metric is `combine(Σ numerator / Σ denominator)`, sums over inputs, both n × c. An input
    that a column does not count has 0 in both. A mean over nothing is NaN.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    combine: Callable[[np.ndarray], np.ndarray]

    @staticmethod
    def of(
        values: np.ndarray, combine: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> "Terms":
        """Plain means of columns: values n or n × c, NaN where a column does not count one."""
        values = values.reshape(len(values), -1)
        counted = ~np.isnan(values)
        return Terms(np.where(counted, values, 0.0), counted.astype(float), combine or only_column)

    def value(self, weights: np.ndarray | None = None) -> np.ndarray:
        """The metric under weights (… × n; none: all 1), shape …; NaN where undefined."""
        weights = np.ones(len(self.numerator)) if weights is None else weights
        return self.of_sums(weights @ self.numerator, weights @ self.denominator)

    def of_sums(self, numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
        """The metric from sums over inputs, … × c → …; NaN where undefined."""
        return self.combine(ratio(numerator, denominator))


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Elementwise quotient, NaN where the denominator is 0."""
    empty = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.divide(numerator, denominator, out=empty, where=np.asarray(denominator) > 0)


def only_column(means: np.ndarray) -> np.ndarray:
    """The one mean there is."""
    return means[..., 0]


def mean_over_groups(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis without its NaN; NaN where there is nothing else."""
    return ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))
