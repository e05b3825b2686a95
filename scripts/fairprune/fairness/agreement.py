"""Whether two attributions put variants in the same order."""

from collections.abc import Sequence

import numpy as np

FEWEST = 3


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's ρ of the same variants' figures under two attributions, in [−1, 1].

    Ties share their mean rank. None for fewer than three variants, or where one attribution puts
    all of them on a level. Source: Spearman 1904.
    """
    from scipy.stats import rankdata

    if len(first) < FEWEST:
        return None
    ranks = [rankdata(column) for column in (first, second)]
    one, other = (rank - rank.mean() for rank in ranks)
    scale = np.sqrt((one @ one) * (other @ other))
    return float(one @ other / scale) if scale else None
