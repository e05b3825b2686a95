"""Corrections for the number of tests."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction over one family; None (undefined) is no member of it."""
    given = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, index) in enumerate(given):
        largest = max(largest, min(1.0, (len(given) - rank) * p))
        adjusted[index] = largest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """The false discovery rates at which each is found (q-values); None is no member.

    Source: Benjamini & Hochberg, JRSS B 1995.
    """
    values = np.array(p_values, dtype=float)
    given = np.flatnonzero(~np.isnan(values))
    order = given[np.argsort(values[given], kind="stable")]
    rates = values[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted: list[float | None] = [None] * len(values)
    for index, rate in zip(order, np.minimum.accumulate(rates[::-1])[::-1], strict=True):
        adjusted[index] = min(1.0, float(rate))
    return adjusted
