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
    firsts, seconds = (_stacked([pair[side] for pair in pairs], numbers) for side in (0, 1))
    apart = seconds - firsts
    moving = (apart != 0).any(axis=1)  # swapping equal outputs changes nothing
    used = (apart != 0).any(axis=0)
    seen = _differences(pairs, firsts.sum(axis=0)[None], seconds.sum(axis=0)[None])[0]
    extreme, total = np.zeros(len(pairs)), 0
    for swaps in _swaps(int(moving.sum()), seed):
        moved = np.zeros((len(swaps), apart.shape[1]))
        moved[:, used] = swaps @ apart[np.ix_(moving, used)]
        again = _differences(pairs, firsts.sum(axis=0) + moved, seconds.sum(axis=0) - moved)
        extreme += (np.abs(again) >= np.abs(seen) - TOLERANCE).sum(axis=0)
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


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction over one family; None (undefined) is no member of it."""
    given = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, index) in enumerate(given):
        largest = max(largest, min(1.0, (len(given) - rank) * p))
        adjusted[index] = largest
    return adjusted


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


def _stacked(terms: Sequence[Terms], numbers: np.ndarray) -> np.ndarray:
    """Sums per unit of all numerators and denominators, side by side."""
    columns = np.hstack([part for t in terms for part in (t.numerator, t.denominator)])
    sums = np.zeros((numbers.max(initial=-1) + 1, columns.shape[1]))
    np.add.at(sums, numbers, columns)
    return sums


def _differences(
    pairs: Sequence[tuple[Terms, Terms]], firsts: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """Second minus first of every metric, from stacked sums, … × metrics."""
    found, start = [], 0
    for first, second in pairs:
        width = first.numerator.shape[1]
        top, bottom = slice(start, start + width), slice(start + width, start + 2 * width)
        values = [
            terms.of_sums(sums[:, top], sums[:, bottom])
            for terms, sums in ((first, firsts), (second, seconds))
        ]
        found.append(values[1] - values[0])
        start += 2 * width
    return np.stack(found, axis=-1)
