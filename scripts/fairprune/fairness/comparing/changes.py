"""What each input adds to a difference between two models, and how far that could go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fairprune.fairness.comparing.equivalence import bounds
from fairprune.fairness.declare import Metric
from fairprune.fairness.shares import Shares, Terms, ratio

FEW = 10  # units that differ: fewer may not show what is rare
HALF_OUTSIDE = 0.975


@dataclass(frozen=True)
class Changes:
    """The difference in the signed parts of a metric, as sums over the inputs of n units.

    `sums`: n × j; `sizes`: the inputs of each unit, n: `Σ sums / Σ sizes` is the difference.
    `ends`: the least and the most that an input could have added, each j; None where that is not
    known. `apart`: units in which the models differ at all; None: those whose sums are not 0.
    """

    sums: np.ndarray
    sizes: np.ndarray
    ends: tuple[np.ndarray, np.ndarray] | None = None
    apart: int | None = None

    @staticmethod
    def of(parts: np.ndarray, units: np.ndarray, extremes: Sequence[np.ndarray] = ()) -> "Changes":
        """From what each input adds (m × j), its unit (m), and what it could have added."""
        _, numbers = np.unique(units, return_inverse=True)
        sums = np.zeros((numbers.max(initial=-1) + 1, parts.shape[1]))
        np.add.at(sums, numbers, parts)
        sizes = np.bincount(numbers).astype(float)
        if not (len(extremes) and len(parts)):
            return Changes(sums, sizes)
        reached = np.concatenate([*extremes, parts])
        return Changes(sums, sizes, (reached.min(axis=0), reached.max(axis=0)))

    @property
    def differing(self) -> int:
        """The number of units in which the models differ."""
        return int((self.sums != 0).any(axis=1).sum()) if self.apart is None else self.apart

    @property
    def deviation(self) -> float:
        """The standard deviation of a unit's difference (of its largest part)."""
        if len(self.sums) < 2:
            return 0.0
        residuals = self.sums - np.outer(self.sizes, self.sums.sum(axis=0) / self.sizes.sum())
        return float((residuals.std(axis=0, ddof=1) / self.sizes.mean()).max())

    @property
    def reach(self) -> float:
        """The most that an input could have added, either way; 0 where that is not known."""
        return 0.0 if self.ends is None else float(max(np.abs(end).max() for end in self.ends))

    def equivalence(self, terms: Terms) -> tuple[float, float] | None:
        """Bounds of the true difference (`equivalence`); None where extremes are not known.

        Of absolute values through their signed parts: no difference of sizes exceeds that.
        """
        if self.ends is None:
            return None
        low, high = bounds(self.sums, self.sizes, *self.ends)
        if terms.size is not None:
            most = float(terms.size(np.maximum(np.abs(low), np.abs(high))))
            return -most, most
        return float(low.min()), float(high.max())

    def rare(self, part: int) -> tuple[float, float] | None:
        """Bounds that hold together in 95 %, where fewer units differ than can show what is rare.

        Resamples of a few differences know nothing of those that merely did not occur.
        """
        found = (self.sums[:, part] != 0).sum() if self.apart is None else self.apart
        if self.ends is None or found >= FEW:
            return None
        low, high = bounds(self.sums, self.sizes, *self.ends, HALF_OUTSIDE)
        return float(low[part]), float(high[part])


def parts_of(first: Terms, second: Terms, used: np.ndarray) -> np.ndarray:
    """What each counted input adds to the difference of the signed parts: their mean is it."""
    change = (second.numerator - first.numerator)[used]
    return first.parts(np.nan_to_num(ratio(change, first.denominator[used].mean(axis=0)[None])))


def extreme_terms(metric: Metric, options: Mapping[str, Any], shares: Shares) -> list[Terms]:
    """A model's terms if its summaries were exactly fair, or heard one group alone."""
    return [metric.terms(extreme, **options) for extreme in extreme_shares(shares)]


def extreme_shares(shares: Shares) -> list[Shares]:
    """The same inputs with summaries that are exactly fair, and that hold one group alone.

    Where an input does not hold the group it stays fair.
    """
    found = [replace(shares, q=shares.p)]
    for k in range(shares.p.shape[1]):
        alone = np.where(np.isnan(shares.p), np.nan, 0.0)
        alone[:, k] = np.where(np.isnan(shares.p[:, k]), np.nan, 1.0)
        held = ~np.isnan(shares.p[:, [k]])
        found.append(replace(shares, q=np.where(held, alone, shares.p)))
    return found
