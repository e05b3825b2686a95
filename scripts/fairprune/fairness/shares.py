"""The arrays that metrics work on, and the sums that they are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Shares:
    """p and q of n inputs over K groups, under one attribution.

    With S samples an input there are n·S rows in place of n, those of one input together.

    Args:
        p, q: n × K, in [0, 1]; NaN where the group is absent, and in whole rows that no metric
            counts (fewer than two groups; no valid summary).
        heavy: n, the number of the group that holds over 0.55 of the labelled opinions, or −1.
        pair: the numbers of groups A and B, if a pair is named.
        coverage, opinions: n × K, summed coverage and number of each group's opinions; None
            under attributions without coverage.
        chance: metric → what a fair writer would get (`writer`), n × K, the same for all groups but
            in metrics of groups; NaN where q is. Empty under attributions without chance.
        samples: S.
    """

    p: np.ndarray
    q: np.ndarray
    heavy: np.ndarray
    pair: tuple[int, int] | None = None
    coverage: np.ndarray | None = None
    opinions: np.ndarray | None = None
    chance: Mapping[str, np.ndarray] = field(default_factory=dict)
    samples: int = 1

    @property
    def valid(self) -> np.ndarray:
        """Which rows hold a valid summary of an input with two groups or more, bool."""
        values = self.q if self.coverage is None else self.coverage
        return ~np.isnan(values).all(axis=1)

    def by_input(self, values: np.ndarray) -> np.ndarray:
        """Means over an input's samples, NaN left out: rows (× c) → n (× c)."""
        blocks = values.reshape(-1, self.samples, *values.shape[1:])
        return mean_over_groups(np.moveaxis(blocks, 1, -1))

    def settled(self, values: np.ndarray) -> np.ndarray:
        """Every row's value (rows × c) replaced by its input's mean; NaN stays."""
        means = np.repeat(self.by_input(values), self.samples, axis=0)
        return np.where(np.isnan(values), np.nan, means)

    def only(self, inputs: np.ndarray) -> "Shares":
        """The same with every input outside the mask (n, bool) not counted."""
        rows = np.repeat(inputs, self.samples)[:, None]

        def kept(values: np.ndarray) -> np.ndarray:
            return np.where(rows, values, np.nan)

        return replace(
            self,
            p=kept(self.p),
            q=kept(self.q),
            coverage=None if self.coverage is None else kept(self.coverage),
            opinions=None if self.opinions is None else kept(self.opinions),
            chance={metric: kept(values) for metric, values in self.chance.items()},
        )


Sums = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Terms:
    """A metric as means that are combined: what resampling and swapping need to be fast.

    Columns are means over inputs, `Σ numerator / Σ denominator`, both n × c; an input that a column
    does not count has 0 in both, and a mean over nothing is NaN. `parts` makes signed parts of the
    means (… × c → … × j). The metric is the first part; or, with `size`, a function of the parts'
    absolute values (… × j → …) that grows with each of them. `offset` is taken off: a function of
    means and Σ denominator (both … × c). `parts` is linear. `between`: what stands for the
    difference of two models, a function of the means of both; by default that of their metrics.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    parts: Callable[[np.ndarray], np.ndarray] = np.asarray
    size: Callable[[np.ndarray], np.ndarray] | None = None
    offset: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    between: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    @staticmethod
    def of(values: np.ndarray, **how: Any) -> "Terms":
        """Plain means of columns: values n or n × c, NaN where a column does not count one."""
        values = values.reshape(len(values), -1)
        counted = ~np.isnan(values)
        return Terms(np.where(counted, values, 0.0), counted.astype(float), **how)

    def by_input(self, samples: int) -> "Terms":
        """Means over the counted ones of so many rows an input, in place of those rows."""
        if samples == 1:
            return self
        blocks = (-1, samples, self.numerator.shape[1])
        sums, counted = (
            part.reshape(blocks).sum(axis=1) for part in (self.numerator, self.denominator)
        )
        means = np.nan_to_num(ratio(sums, counted))
        return replace(self, numerator=means, denominator=(counted > 0).astype(float))

    def rows(self, mask: np.ndarray) -> "Terms":
        """The same over the inputs of a mask (n, bool) alone."""
        return replace(self, numerator=self.numerator[mask], denominator=self.denominator[mask])

    def value(self, weights: np.ndarray | None = None) -> np.ndarray:
        """The metric under weights (… × n; none: all 1), shape …; NaN where undefined."""
        return self.of_sums(*self.sums(weights))

    def sums(self, weights: np.ndarray | None = None) -> Sums:
        """Σ numerator and Σ denominator under weights (… × n), each … × c."""
        weights = np.ones(len(self.numerator)) if weights is None else weights
        return weights @ self.numerator, weights @ self.denominator

    def of_sums(
        self, numerator: np.ndarray, denominator: np.ndarray, signs: np.ndarray | None = None
    ) -> np.ndarray:
        """The metric from sums over inputs, … × c → …; NaN where undefined.

        With `signs` (j, each 1 or −1) of the parts times these, in place of their absolute values.
        """
        means = ratio(numerator, denominator)
        parts = self.parts(means)
        sizes = np.abs(parts) if signs is None else parts * signs
        value = parts[..., 0] if self.size is None else self.size(sizes)
        return value if self.offset is None else value - self.offset(means, denominator)

    def apart(self, first: Sums, second: Sums) -> np.ndarray:
        """The difference of two models, second less first, from the sums of each (`sums`)."""
        if self.between is None:
            return self.of_sums(*second) - self.of_sums(*first)
        return self.between(ratio(*first), ratio(*second))


def per_input(terms: Callable[..., Terms]) -> Callable[..., Terms]:
    """The terms of inputs, from a metric's function that gives those of single summaries."""

    @wraps(terms)
    def averaged(shares: Shares, **options: Any) -> Terms:
        return terms(shares, **options).by_input(shares.samples)

    return averaged


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Elementwise quotient, NaN where the denominator is 0."""
    empty = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.divide(numerator, denominator, out=empty, where=np.asarray(denominator) > 0)


def mean_over_groups(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis without its NaN; NaN where there is nothing else."""
    return ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))
