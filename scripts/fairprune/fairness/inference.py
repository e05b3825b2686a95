"""Intervals over inputs, from resamples of their units."""

import numpy as np

from fairprune.fairness.clusters import effective_number
from fairprune.fairness.shares import Sums, Terms, ratio

RESAMPLES = 2000
LEVEL = 0.95
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


def interval(terms: Terms, counts: np.ndarray, units: np.ndarray) -> tuple[float, float]:
    """95 % bootstrap interval of a metric over inputs; NaN, NaN from fewer than two units.

    Of a plain mean: percentiles of the resamples (`percentile_interval`). Of absolute values
    (`Terms.size`): through the signed parts, so that a true 0 is covered: all parts lie together
    within a multiple of their standard errors that 95 % of the resamples keep, and the metric
    between those of the smallest and the largest absolute values that this allows.

    Args:
        counts: resamples × n, how often each input is drawn.
        units: the unit of each input, n.
    """
    number = len(np.unique(units[counted(terms)]))
    if number < 2:
        return np.nan, np.nan
    if terms.size is None:
        return percentiles(terms.value(counts), number)
    centre, drawn = (terms.parts(ratio(*sums)) for sums in (terms.sums(), terms.sums(counts)))
    known = ~np.isnan(centre)
    if not known.any():
        return np.nan, np.nan
    bound, size = _joint_bound(centre[known], drawn[:, known], number), np.abs(centre[known])
    low, high = (float(terms.size(part)) for part in (np.maximum(size - bound, 0), size + bound))
    taken = 0.0 if terms.offset is None else float(terms.size(size) - terms.value())
    return low - taken, high - taken


def _joint_bound(centre: np.ndarray, drawn: np.ndarray, number: int) -> np.ndarray:
    """How far the parts (j) may lie from their estimates, all at once, in 95 % of the resamples."""
    spread = np.nanstd(drawn, axis=0)
    drawn = drawn[~np.isnan(drawn).all(axis=1)]
    apart = np.divide(np.abs(drawn - centre), spread, out=np.zeros_like(drawn), where=spread > 0)
    furthest = np.quantile(np.nanmax(apart, axis=-1), LEVEL)
    return furthest * spread * _wider(number)


def percentile_interval(
    values: np.ndarray, number: int, tests: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """The percentiles over the first axis that hold 95 %, NaN left out; NaN where all are.

    Percentiles of resamples of few units lie too near each other: they are taken as far out as
    Student's t lies beyond the normal, and as the standard deviation of n units falls short.
    Source: Hesterberg, The American Statistician 2015 (expanded percentile interval).

    Args:
        number: of units, n.
        tests: how many intervals are to hold at once (Bonferroni).
    """
    from scipy.special import ndtr, stdtrit

    far = stdtrit(number - 1, (1 - LEVEL) / 2 / tests) * np.sqrt(number / (number - 1))
    tail = float(ndtr(far))
    empty = np.isnan(values).all(axis=0)
    bounds = np.nanquantile(np.where(empty, 0.0, values), (tail, 1 - tail), axis=0)
    low, high = (np.where(empty, np.nan, bound) for bound in bounds)
    return low, high


def percentiles(values: np.ndarray, number: int, tests: int = 1) -> tuple[float, float]:
    """`percentile_interval` of a single figure (one value a resample)."""
    low, high = percentile_interval(values, number, tests)
    return float(low), float(high)


def possible_signs(terms: Terms, drawn: Sums) -> list[np.ndarray]:
    """The signs that a metric's parts (j) may have: as estimated; and the others, where 0 is near.

    Args:
        drawn: the sums of the resamples (`Terms.sums`).
    """
    centre, spread = terms.parts(ratio(*terms.sums())), terms.parts(ratio(*drawn))
    seen = np.where(centre < 0, -1.0, 1.0)
    unsure = np.abs(centre) < Z * np.nanstd(spread, axis=0)
    return [seen, np.where(unsure, -seen, seen)] if unsure.any() else [seen]


def _wider(number: int) -> float:
    """Student's t over the normal quantile, times `√(n / (n − 1))`."""
    from scipy.special import stdtrit

    return float(stdtrit(number - 1, (1 + LEVEL) / 2) / Z * np.sqrt(number / (number - 1)))


def counted(terms: Terms) -> np.ndarray:
    """Which inputs some column counts, n, bool."""
    return np.any(terms.denominator > 0, axis=1)


def all_or_none(values: np.ndarray) -> bool:
    """Whether shares are all 0, or all 1: their resamples are, too, and know no other."""
    return bool((values == 0).all() or (values == 1).all())


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
