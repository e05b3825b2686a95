"""Which inputs hang together because they share opinions, and what chance is counted in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 6  # units that say anything of how much chance moves


@dataclass(frozen=True)
class Units:
    """The units of chance: what is resampled, swapped and counted.

    `numbers`: the unit of each input (n). `pool`: the inputs are units though they share opinions:
    what is found holds for further inputs of these opinions only. `clusters`: how many sets of
    connected inputs there are.
    """

    numbers: np.ndarray
    pool: bool
    clusters: int


def units_of(inputs: Sequence[Iterable[str]]) -> Units:
    """Clusters of connected inputs, or the inputs themselves where those are too few.

    Inputs that share opinions are not independent. Where their clusters are fewer than six,
    counted as equally large ones (inputs drawn from one pool of opinions), there is nothing to
    resample but the inputs.
    """
    clusters = connected(inputs)
    number = len(set(clusters.tolist()))
    if number == len(inputs) or effective_number(clusters) >= FEWEST:
        return Units(clusters, False, number)
    return Units(np.arange(len(inputs)), True, number)


def connected(inputs: Sequence[Iterable[str]]) -> np.ndarray:
    """The cluster number of each input (n, from 0 in order of first input).

    Two inputs that hold the same opinion text are in one cluster, and so is all that hangs
    together through others.
    """
    parent = list(range(len(inputs)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[str, int] = {}
    for number, opinions in enumerate(inputs):
        for text in opinions:
            parent[root(number)] = root(first.setdefault(text, number))
    _, numbers = np.unique([root(n) for n in range(len(inputs))], return_inverse=True)
    return numbers


def effective_number(clusters: np.ndarray) -> float:
    """How many equally large clusters would be as good: `(Σ n_c)² / Σ n_c²`."""
    sizes = np.bincount(clusters)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if len(clusters) else 0.0
