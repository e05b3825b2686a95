"""Which inputs hang together because they share opinions."""

from collections.abc import Iterable, Sequence

import numpy as np


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


def resampling_units(inputs: Sequence[Iterable[str]]) -> np.ndarray:
    """The units of chance: clusters of connected inputs, or the inputs themselves.

    Where nearly everything hangs together (fewer than two effective clusters: inputs drawn from
    one pool of opinions) there is nothing to resample but the inputs. The interval then speaks
    of further inputs drawn from the same pool.
    """
    clusters = connected(inputs)
    return clusters if effective_number(clusters) >= 2 else np.arange(len(inputs))
