"""Paired tests: swap two models' outputs and compute the metric again."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from fairprune.fairness.shares import Terms

PERMUTATIONS = 100_000
CHUNK = 4096
TOLERANCE = 1e-12


def swap_p_values(
    pairs: Sequence[tuple[Terms, Terms]], units: np.ndarray, seed: int
) -> list[float]:
    """Two-sided p-values of the difference in each metric between two models.

    Under the null either model could have written either output: the two are swapped in each
    unit with probability ½ and the metrics computed again. p is the share of swaps whose
    difference is at least as large as the one seen: of all swaps where there are 100,000 or
    fewer, else of 100,000 random ones, the one seen counted in.

    Args:
        pairs: for each metric its terms for the first and the second model, over the same n
            inputs. The same swaps serve all of them.
        units: the unit of each input (n); the inputs of a unit are swapped together.
        seed: of the random swaps.

    Returns one p a pair; NaN where a metric is undefined.
    """
    _, numbers = np.unique(units, return_inverse=True)
    linear = [place for place, pair in enumerate(pairs) if _linear(*pair)]
    others = [place for place in range(len(pairs)) if place not in linear]
    means = np.stack(
        [_mean_differences(*pairs[place]) for place in linear] or [np.zeros(len(units))]
    )
    sides = [_stacked([pairs[place][side] for place in others], numbers) for side in (0, 1)]
    apart = np.hstack([_summed(means.T, numbers), sides[1] - sides[0]])
    width = len(means)
    changed = np.nan_to_num(apart) != 0
    moving = changed.any(axis=1)  # swapping equal outputs changes nothing
    used = changed.any(axis=0)

    def differences(swaps: np.ndarray) -> np.ndarray:
        moved = np.zeros((len(swaps), apart.shape[1]))
        moved[:, used] = swaps @ apart[np.ix_(moving, used)]
        found = np.full((len(swaps), len(pairs)), np.nan)
        if linear:
            found[:, linear] = apart[:, :width].sum(axis=0) - 2 * moved[:, :width]
        if others:
            firsts, seconds = (side.sum(axis=0) for side in sides)
            changes = [pairs[place] for place in others]
            found[:, others] = _differences(
                changes, firsts + moved[:, width:], seconds - moved[:, width:]
            )
        return found

    seen = differences(np.zeros((1, int(moving.sum()))))[0]
    extreme, total = np.zeros(len(pairs)), 0
    for swaps in _swaps(int(moving.sum()), seed):
        extreme += (np.abs(differences(swaps)) >= np.abs(seen) - TOLERANCE).sum(axis=0)
        total += len(swaps)
    exact = 2 ** int(moving.sum()) <= PERMUTATIONS
    p = extreme / total if exact else (extreme + 1) / (total + 1)
    return [float("nan") if np.isnan(d) else float(value) for d, value in zip(seen, p, strict=True)]


def mcnemar_p_value(first: np.ndarray, second: np.ndarray) -> float:
    """Exact two-sided binomial p-value on the pairs (n, 0 or 1) that differ; 1 where none does."""
    wins, losses = int((first > second).sum()), int((second > first).sum())
    number = wins + losses
    tail = sum(math.comb(number, k) for k in range(min(wins, losses) + 1))
    return min(1.0, 2 * tail / 2**number)


def _swaps(number: int, seed: int) -> Iterator[np.ndarray]:
    """Chunks of swaps × units, 1 where a unit is swapped: all there are, or 100,000 random."""
    if 2**number <= PERMUTATIONS:
        for start in range(0, 2**number, CHUNK):
            codes = np.arange(start, min(start + CHUNK, 2**number))[:, None]
            yield (codes >> np.arange(number) & 1).astype(float)
        return
    generator = np.random.default_rng(seed)
    for start in range(0, PERMUTATIONS, CHUNK):
        size = min(CHUNK, PERMUTATIONS - start)
        bits = np.frombuffer(generator.bytes(size * (-(-number // 8))), dtype=np.uint8)
        yield np.unpackbits(bits.reshape(size, -1), axis=1, count=number).astype(float)


def _linear(first: Terms, second: Terms) -> bool:
    """Whether the difference is a mean of the inputs' differences: then a swap turns a sign."""
    plain = first.size is None and first.offset is None and first.between is None
    one = first.numerator.shape[1] == 1
    return plain and one and bool((first.denominator == second.denominator).all())


def _mean_differences(first: Terms, second: Terms) -> np.ndarray:
    """What each input adds to the difference of the means, n; NaN where no input counts."""
    count = first.denominator.sum()
    return (second.numerator - first.numerator)[:, 0] / (count if count else np.nan)


def _summed(columns: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Sums of columns (n × c) per unit."""
    sums = np.zeros((numbers.max(initial=-1) + 1, columns.shape[1]))
    np.add.at(sums, numbers, columns)
    return sums


def _stacked(terms: Sequence[Terms], numbers: np.ndarray) -> np.ndarray:
    """Sums per unit of all numerators and denominators, side by side."""
    parts = [part for t in terms for part in (t.numerator, t.denominator)]
    return _summed(np.hstack(parts or [np.zeros((len(numbers), 0))]), numbers)


def _differences(
    pairs: Sequence[tuple[Terms, Terms]], firsts: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """Second minus first of every metric, from stacked sums, … × metrics."""
    found, start = [], 0
    for first, _ in pairs:
        width = first.numerator.shape[1]
        top, bottom = slice(start, start + width), slice(start + width, start + 2 * width)
        before, after = ((sums[:, top], sums[:, bottom]) for sums in (firsts, seconds))
        found.append(first.apart(before, after))
        start += 2 * width
    return np.stack(found, axis=-1)
