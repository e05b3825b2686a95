"""Equal coverage: whether the groups of one input are covered alike."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms, mean_over_groups, ratio
from fairprune.present import present


def coverage_difference(coverage: np.ndarray, opinions: np.ndarray) -> np.ndarray:
    """Mean over groups of |mean coverage of the group's opinions − mean coverage of all|.

    Args:
        coverage: … × K, summed coverage of each group's opinions; NaN where absent.
        opinions: … × K, how many opinions each group has; NaN where absent.

    Range: ≥ 0, lower is fairer. Source: Li et al., NAACL 2025.
    """
    overall = ratio(np.nansum(coverage, axis=-1), np.nansum(opinions, axis=-1))
    return mean_over_groups(np.abs(ratio(coverage, opinions) - overall[..., None]))


@metric("equal_coverage", source="Li et al., NAACL 2025", needs="coverage")
def equal_coverage(shares: Shares) -> Terms:
    """Mean over inputs with two groups or more of `coverage_difference`."""
    return Terms.of(coverage_difference(present(shares.coverage), present(shares.opinions)))
