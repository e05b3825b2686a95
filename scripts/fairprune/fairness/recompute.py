"""A metric again, from the shares and coverage that an evaluation holds."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from fairprune.fairness.declare import Metric, find_metric
from fairprune.fairness.results import Evaluation, coverage_of, shares_of
from fairprune.fairness.settings import read_settings
from fairprune.fairness.shares import Shares, Terms


def arrays_of(evaluation: Evaluation, attribution: str, kind: str) -> Shares:
    """The arrays of one attribution: of its `shares`, or of its `coverage`."""
    if kind == "coverage":
        coverage, labels = evaluation.coverage[attribution], evaluation.labels
        return coverage_of(
            coverage, labels, evaluation.inputs, evaluation.groups, evaluation.samples
        )
    rows = (row for row in evaluation.shares if row.attribution == attribution)
    pair, chance = (
        evaluation.settings["pair"],
        evaluation.attributions[attribution].get("chance", ()),
    )
    of = (evaluation.inputs, evaluation.groups, pair, chance, evaluation.samples)
    return shares_of(rows, *of)


def metrics_of(evaluation: Evaluation, attribution: str) -> Iterator[tuple[Metric, dict[str, Any]]]:
    """Every metric that the attribution allows, with the options that it was computed with."""
    settings = read_settings(list(evaluation.attributions), evaluation.settings["options"])
    method = next(method for method, _ in settings.attributions if method.name == attribution)
    return ((m, options) for m, options in settings.metrics if m.needs in method.gives)


def terms_of(
    evaluation: Evaluation, attribution: str, metric: str, rows: np.ndarray | None = None
) -> Terms:
    """The terms of one metric over all inputs with a valid summary; KeyError if it has none.

    Args:
        rows: which inputs count, n, bool; by default all.
    """
    for found, options in metrics_of(evaluation, attribution):
        if found.name == metric:
            shares = arrays_of(evaluation, attribution, found.needs)
            return found.terms(shares if rows is None else shares.only(rows), **options)
    raise KeyError((attribution, metric))


def valid_in_all(evaluations: Iterable[Evaluation], attribution: str, metric: str) -> np.ndarray:
    """Which inputs have a valid summary in all evaluations, n, bool."""
    kind = find_metric(metric).needs
    return np.all([valid_rows(arrays_of(e, attribution, kind)) for e in evaluations], axis=0)


def valid_rows(shares: Shares) -> np.ndarray:
    """Which inputs have a valid summary and two groups or more, n, bool."""
    return np.any(shares.valid.reshape(-1, shares.samples), axis=1)
