"""One metric in every stratum, with its interval."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fairprune.fairness import inference
from fairprune.fairness.declare import Metric
from fairprune.fairness.results import Figure, Input
from fairprune.fairness.shares import Shares
from fairprune.fairness.strata import masks, stratum_names

DIGITS = 12


def figures_of(
    metric: Metric,
    options: Mapping[str, Any],
    shares: Shares,
    inputs: Sequence[Input],
    groups: Sequence[str],
    counts: np.ndarray,
) -> list[Figure]:
    """The figures of one metric, without `attribution` and `n_invalid`.

    Args:
        shares: the arrays of n inputs that the metric takes.
        counts: resamples × n, how often each input is drawn.
    """
    terms = metric.terms(shares, **options)
    names = stratum_names(groups)
    within = masks([entry.stratum for entry in inputs], names)
    units = np.array([entry.unit for entry in inputs])
    every = inference.stratified(terms, within)
    lows, highs = inference.percentile_interval(every.value(counts))
    rows = []
    for name, mask, value, low, high in zip(names, within, every.value(), lows, highs, strict=True):
        used = inference.counted(terms) & mask
        if metric.binary:
            low, high = inference.wilson(terms.numerator[used, 0], units[used])
        elif not inference.enough_units(used, units):
            low = high = np.nan
        bounds = [number(v) for v in (value, low, high)]
        rows.append(Figure("", metric.name, name, *bounds, n=int(used.sum()), n_invalid=0))
    return rows


def number(value: float) -> float | None:
    """A figure as it is stored: 12 decimals, None for NaN."""
    return None if np.isnan(value) else round(float(value), DIGITS) + 0.0
