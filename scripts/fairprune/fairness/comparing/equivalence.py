"""How far a mean may lie from what was seen, where so many units cannot have shown everything."""

import functools

import numpy as np

DRAWS = 10_000
LEVEL = 0.95
SEED = 0


def bounds(
    values: np.ndarray,
    sizes: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    level: float = LEVEL,
) -> tuple[np.ndarray, np.ndarray]:
    """A lower and an upper bound of means (each j), each of which so many samples keep: 95 %.

    Gaffke's bounds: percentiles (5 and 95) of means with random weights (uniform on the simplex) of
    the values seen and one more, the lowest or highest there can be. For 0 and 1 they are those
    of Clopper and Pearson: n units without a difference leave an unseen share of about 3/n, so that
    no bound rests on what merely did not occur. Source: Gaffke, Mathematical Methods of Statistics
    2005; Learned-Miller & Thomas, arXiv 1905.06208 (their level is seen in all trials, not proven).

    Args:
        values: of each unit the sums over its inputs, n × j.
        sizes: the inputs of each unit, n.
        lowest, highest: what an input could have at most and at least, j.
    """
    weights, extra = _weights(len(values))
    usual = sizes.mean()
    top = weights @ values
    bottom = (weights @ sizes + extra * usual)[:, None]
    low, high = (
        np.quantile((top + np.outer(extra * usual, end)) / bottom, share, axis=0)
        for end, share in ((lowest, 1 - level), (highest, level))
    )
    return low, high


@functools.lru_cache(maxsize=4)
def _weights(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Random weights, not yet summing to 1, of so many units (draws × n) and of one more."""
    drawn = np.random.default_rng(SEED).exponential(size=(DRAWS, number + 1))
    return drawn[:, 1:], drawn[:, 0]
