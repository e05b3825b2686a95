"""Figures of variants on the same inputs: those whose summary is valid in all that is compared."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fairprune.fairness.comparing.missing import VALID_SHARE, validity
from fairprune.fairness.recompute import arrays_of, metrics_of, valid_rows
from fairprune.fairness.results import Evaluation
from fairprune.fairness.strata import masks, stratum_names
from fairprune.report.results import Target

Values = dict[tuple[Target, str, str, str], float]  # target, attribution, metric, stratum → value


def sound(
    evaluations: Mapping[Target, Evaluation], attributions: Iterable[str]
) -> dict[Target, Evaluation]:
    """The evaluations of which enough summaries are valid under all these attributions."""
    names = list(attributions)
    return {
        target: evaluation
        for target, evaluation in evaluations.items()
        if all((validity(evaluation, name) or 0.0) >= VALID_SHARE for name in names)
    }


def common_inputs(evaluations: Iterable[Evaluation], attributions: Sequence[str]) -> np.ndarray:
    """Which inputs have a valid summary in all evaluations and under all attributions, n, bool."""
    return np.all(
        [_valid(evaluation, name) for evaluation in evaluations for name in attributions], axis=0
    )


def common_values(
    evaluations: Mapping[Target, Evaluation], attributions: Sequence[str], rows: np.ndarray
) -> tuple[Values, dict[str, int]]:
    """Every metric of a single model on chosen inputs (n, bool); and the inputs of each stratum."""
    first = next(iter(evaluations.values()))
    names = stratum_names(first.groups)
    within = masks([entry.stratum for entry in first.inputs], names) & rows
    values: Values = {}
    for target, evaluation in evaluations.items():
        for attribution in attributions:
            known = {
                kind: arrays_of(evaluation, attribution, kind)
                for kind in _kinds(evaluation, attribution)
            }
            for metric, options in metrics_of(evaluation, attribution):
                arrays = known.get(metric.needs)
                if metric.alone and arrays is not None and metric.defined(arrays):
                    terms = metric.terms(arrays, **options)
                    for name, mask in zip(names, within, strict=True):
                        value = float(terms.rows(mask).value())
                        if not np.isnan(value):
                            values[target, attribution, metric.name, name] = value
    return values, dict(zip(names, within.sum(axis=1).tolist(), strict=True))


def _valid(evaluation: Evaluation, attribution: str) -> np.ndarray:
    kinds = _kinds(evaluation, attribution)
    return np.all([valid_rows(arrays_of(evaluation, attribution, kind)) for kind in kinds], axis=0)


def _kinds(evaluation: Evaluation, attribution: str) -> list[str]:
    """What the attribution gives: `shares`, `coverage`."""
    kinds = ["coverage"] if attribution in evaluation.coverage else []
    return kinds + (
        ["shares"] if any(s.attribution == attribution for s in evaluation.shares) else []
    )
