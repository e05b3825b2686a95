"""Coverage parity: whether it is always the same group that is covered less."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms, mean_over_groups, ratio
from fairprune.present import present


def excess_coverage(coverage: np.ndarray, opinions: np.ndarray) -> np.ndarray:
    """Summed over a group's opinions: coverage − the input's mean coverage; … × K.

    Args: as `equal_coverage.coverage_difference`. NaN where the group is absent.
    """
    overall = ratio(np.nansum(coverage, axis=-1), np.nansum(opinions, axis=-1))
    return coverage - opinions * overall[..., None]


@metric("coverage_parity", source="Li et al., NAACL 2025", needs="coverage")
def coverage_parity(shares: Shares) -> Terms:
    """Mean over groups of |mean over all the group's opinions of `excess_coverage`|.

    Each opinion of each input counts once. Range: ≥ 0, lower is fairer.
    """
    opinions = present(shares.opinions)
    excess = excess_coverage(present(shares.coverage), opinions)
    absent = np.isnan(excess)
    counts = np.where(absent, 0.0, opinions)
    return Terms(np.where(absent, 0.0, excess), counts, size=mean_over_groups)
