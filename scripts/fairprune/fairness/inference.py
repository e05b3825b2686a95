"""Intervals and tests over inputs."""

import numpy as np

from fairprune.fairness.clusters import effective_number
from fairprune.fairness.shares import Terms

RESAMPLES = 2000
LEVEL = (2.5, 97.5)
Z = 1.959963984540054


def resample_counts(units: np.ndarray, seed: int, resamples: int = RESAMPLES) -> np.ndarray:
    """How often each input is drawn in each bootstrap resample, resamples × n, float64.

    Units (the number of each input's unit, n) are drawn with replacement, as many as there are.
    The same units and seed give the same resamples, whatever is computed on them.
    """
    number = int(units.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(
        number, np.full(number, 1 / number), size=resamples
    )
    return drawn[:, units].astype(float)


def percentile_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 2.5 and 97.5 percentiles over the first axis, NaN left out; NaN where all are."""
    empty = np.isnan(values).all(axis=0)
    low, high = np.nanpercentile(np.where(empty, 0.0, values), LEVEL, axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def stratified(terms: Terms, masks: np.ndarray) -> Terms:
    """The same metric in every stratum at once: columns S × c, combined per stratum.

    Args:
        masks: S × n, bool.
    """
    n, columns = terms.numerator.shape

    def spread(part: np.ndarray) -> np.ndarray:
        return (masks.T[:, :, None] * part[:, None, :]).reshape(n, -1)

    def combine(means: np.ndarray) -> np.ndarray:
        return terms.combine(means.reshape(*means.shape[:-1], len(masks), columns))

    return Terms(spread(terms.numerator), spread(terms.denominator), combine)


def counted(terms: Terms) -> np.ndarray:
    """Which inputs some column counts, n, bool."""
    return (terms.denominator > 0).any(axis=1)


def enough_units(rows: np.ndarray, units: np.ndarray) -> bool:
    """Whether the counted inputs (n, bool) are of two units at least: one varies with nothing."""
    return len(np.unique(units[rows])) >= 2


def wilson(values: np.ndarray, units: np.ndarray) -> tuple[float, float]:
    """95 % Wilson interval of a share of inputs (0 or 1 each, n); NaN, NaN for none.

    Where units hold several inputs, n is divided by the design effect: how much larger the
    variance between units is than that of independent inputs (never below 1; where all inputs
    are alike it cannot be seen, and each unit counts once).
    """
    n = len(values)
    if not n:
        return np.nan, np.nan
    share = values.mean()
    _, numbers = np.unique(units, return_inverse=True)
    between = (np.bincount(numbers, weights=values - share) ** 2).sum()
    within = n * share * (1 - share)
    size = n / max(1.0, between / within) if within > 0 else effective_number(numbers)
    centre = (share + Z**2 / (2 * size)) / (1 + Z**2 / size)
    half = Z / (1 + Z**2 / size) * np.sqrt(share * (1 - share) / size + Z**2 / (4 * size**2))
    return max(0.0, centre - half), min(1.0, centre + half)
