"""One metric in every stratum, with its interval; and how much of what is whose."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, SupportsFloat

import numpy as np

from fairprune.fairness import inference
from fairprune.fairness.declare import Metric
from fairprune.fairness.results import Evaluation, Figure, GroupShare, Input
from fairprune.fairness.sensitivity import refusal
from fairprune.fairness.shares import Shares, Terms
from fairprune.fairness.strata import masks, stratum_names

DIGITS = 12


def figures_of(
    metric: Metric,
    options: Mapping[str, Any],
    shares: Shares,
    inputs: Sequence[Input],
    groups: Sequence[str],
    counts: np.ndarray,
    valid: np.ndarray,
) -> list[Figure]:
    """The figures of one metric, without `attribution`.

    Args:
        shares: the arrays of n inputs that the metric takes.
        counts: resamples × n, how often each input is drawn.
        valid: which inputs have a valid summary, n, bool.
    """
    every = metric.terms(shares, **options)
    names = stratum_names(groups)
    units = np.array([entry.unit for entry in inputs])
    within = masks([entry.stratum for entry in inputs], names)
    rows = []
    for name, mask in zip(names, within, strict=True):
        terms = every.rows(mask)
        used = inference.counted(terms)
        values = terms.numerator[used, 0]
        if metric.binary and (shares.samples == 1 or inference.all_or_none(values)):
            bounds = inference.wilson(values, units[mask][used])
        else:
            bounds = inference.interval(terms, counts[:, mask], units[mask])
        value, low, high = (number(figure) for figure in (terms.value(), *bounds))
        missing = int((mask & ~valid).sum())
        rows.append(Figure("", metric.name, name, value, low, high, int(used.sum()), missing))
    return rows


def group_shares(
    attribution: str,
    shares: Shares,
    labels: Sequence[Mapping[str, float]],
    sensitivity: Mapping[str, Any] | None,
    evaluation: Evaluation,
    counts: np.ndarray,
) -> Iterator[GroupShare]:
    """How much of the opinions, and of the summaries, is each group's.

    Args:
        labels: of every input the labels' shares.
        sensitivity: of the attribution; without a sufficient one summaries have no share.
    """
    units = np.array([entry.unit for entry in evaluation.inputs])
    gained = shares.by_input(shares.q - shares.p)
    counts_it = ~np.isnan(gained).all(axis=1)

    def mean(column: np.ndarray) -> tuple[float | None, float | None, float | None]:
        terms = Terms.of(np.where(counts_it, column, np.nan))
        low, high = inference.interval(terms, counts, units)
        return number(terms.value()), number(low), number(high)

    for k, group in enumerate(evaluation.groups):
        share = np.array([of.get(group, 0.0) for of in labels])
        written: tuple[float | None, float | None, float | None] = (None, None, None)
        if sensitivity and not refusal(sensitivity):
            written = mean(share + np.nan_to_num(gained[:, k]) / sensitivity["J"])
        yield GroupShare(attribution, group, *mean(share), *written, int(counts_it.sum()))


def number(value: SupportsFloat) -> float | None:
    """A figure as it is stored: 12 decimals, None for NaN."""
    figure = float(value)
    return None if np.isnan(figure) else round(figure, DIGITS) + 0.0
