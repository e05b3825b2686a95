"""One metric in every stratum, with its interval; and how much of what is whose."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
        if metric.binary and shares.samples == 1:
            bounds = inference.wilson(terms.numerator[used, 0], units[mask][used])
        else:
            bounds = inference.interval(terms, counts[:, mask], units[mask])
        figures = [number(value) for value in (terms.value(), *bounds)]
        missing = int((mask & ~valid).sum())
        rows.append(Figure("", metric.name, name, *figures, int(used.sum()), missing))
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
    for k, group in enumerate(evaluation.groups):
        share = np.array([of.get(group, 0.0) for of in labels])
        figures = []
        columns = [share]
        if not refusal(sensitivity):
            columns.append(share + np.nan_to_num(gained[:, k]) / sensitivity["J"])
        for column in columns:
            terms = Terms.of(np.where(counts_it, column, np.nan))
            figures += [terms.value(), *inference.interval(terms, counts, units)]
        figures = [number(value) for value in figures] + [None] * (6 - len(figures))
        yield GroupShare(attribution, group, *figures, int(counts_it.sum()))


def number(value: float) -> float | None:
    """A figure as it is stored: 12 decimals, None for NaN."""
    return None if np.isnan(value) else round(float(value), DIGITS) + 0.0
