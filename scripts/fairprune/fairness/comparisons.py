"""Every variant against the dense model: difference, interval, test, verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.fairness import inference
from fairprune.fairness.declare import Metric, find_metric
from fairprune.fairness.figures import number
from fairprune.fairness.permutation import holm, mcnemar_p_value, swap_p_values
from fairprune.fairness.recompute import arrays_of, metrics_of, valid_rows
from fairprune.fairness.results import Evaluation
from fairprune.fairness.shares import Terms
from fairprune.fairness.strata import masks, stratum_names
from fairprune.fairness.verdicts import verdict
from fairprune.io.hashing import derive_seed


@dataclass(frozen=True)
class Comparison:
    """A variant's metric minus the dense model's, over the n inputs valid in both.

    Undefined figures are None. `p_holm` is corrected over the variants compared at once.
    """

    variant: str
    attribution: str
    metric: str
    stratum: str
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_holm: float | None
    verdict: str
    n: int


@dataclass(frozen=True)
class _Found:
    """A comparison before correction, and the interval of |variant| − |dense|."""

    row: Comparison
    away: tuple[float, float]


def compare(
    dense: Evaluation, variants: Mapping[str, Evaluation], margin: float = 0.05, seed: int = 42
) -> list[Comparison]:
    """Compare variants of one model on one task with the model itself.

    Args:
        dense: the unpruned model's evaluation.
        variants: name → evaluation, of the same inputs with the same settings.
        margin: of the verdict `equivalent`, in the metric's unit.
        seed: root seed of resamples and swaps, which depend on the inputs' ids beside it.

    Raises:
        FairpruneError: a variant was evaluated on other inputs or with other settings.
    """
    for name, variant in variants.items():
        _check(name, variant, dense)
    ids = [entry.id for entry in dense.inputs]
    units = np.array([entry.unit for entry in dense.inputs])
    counts = inference.resample_counts(units, derive_seed(seed, "bootstrap", *ids))
    swaps = derive_seed(seed, "swap", *ids)
    found = [
        row
        for name, variant in tqdm(variants.items(), desc="variants", disable=None)
        for row in _variant(name, variant, dense, units, counts, swaps)
    ]
    return _corrected(found, margin, list(variants))


def _variant(
    name: str,
    variant: Evaluation,
    dense: Evaluation,
    units: np.ndarray,
    counts: np.ndarray,
    seed: int,
) -> Iterator[_Found]:
    """All rows of one variant, not yet corrected."""
    names = stratum_names(dense.groups)
    within = masks([entry.stratum for entry in dense.inputs], names)
    for attribution in dense.attributions:
        pairs = list(_pairs(variant, dense, attribution))
        for stratum, mask in zip(names, within, strict=True):
            chosen = [(m, _rows(first, mask), _rows(second, mask)) for m, first, second in pairs]
            p_values = swap_p_values([pair[1:] for pair in chosen], units[mask], seed)
            for (metric, first, second), p_value in zip(chosen, p_values, strict=True):
                row = _row(metric, first, second, units[mask], counts[:, mask], p_value)
                key = {"variant": name, "attribution": attribution, "stratum": stratum}
                yield replace(row, row=replace(row.row, **key))


def _row(
    metric: Metric,
    first: Terms,
    second: Terms,
    units: np.ndarray,
    counts: np.ndarray,
    p_value: float,
) -> _Found:
    """One comparison; `first` is the dense model's terms, `second` the variant's.

    `p_value` is the swap test's. BUR takes the exact binomial test instead, which is the same
    test without chance, where no two of its inputs share a unit.
    """
    used = inference.counted(first) & inference.counted(second)
    before, after = first.value(counts), second.value(counts)
    both = np.stack([after - before, np.abs(after) - np.abs(before)], axis=-1)
    lows, highs = inference.percentile_interval(both)
    if not inference.enough_units(used, units):
        lows = highs = np.full(2, np.nan)
    if metric.binary and len(np.unique(units[used])) == used.sum():
        p_value = mcnemar_p_value(first.numerator[used, 0], second.numerator[used, 0])
    figures = [number(v) for v in (second.value() - first.value(), lows[0], highs[0])]
    if figures[0] is None:
        figures, p_value = [None] * 3, None
    row = Comparison("", "", metric.name, "", *figures, p_value, None, "", int(used.sum()))
    return _Found(row, (lows[1], highs[1]))


def _pairs(
    variant: Evaluation, dense: Evaluation, attribution: str
) -> Iterator[tuple[Metric, Terms, Terms]]:
    """Every metric of an attribution with its terms for both models, over inputs valid in both."""
    for metric, options in metrics_of(dense, attribution):
        first, second = (arrays_of(m, attribution, metric.needs) for m in (dense, variant))
        both = valid_rows(first) & valid_rows(second)
        yield metric, *(metric.terms(s.only(both), **options) for s in (first, second))


def _rows(terms: Terms, mask: np.ndarray) -> Terms:
    return Terms(terms.numerator[mask], terms.denominator[mask], terms.combine)


def _corrected(found: list[_Found], margin: float, order: list[str]) -> list[Comparison]:
    """Holm over the variants of each attribution, metric and stratum; then the verdicts."""

    def family(entry: _Found) -> tuple[str, str, str]:
        return entry.row.attribution, entry.row.metric, entry.row.stratum

    rows = []
    for _, members in groupby(sorted(found, key=family), key=family):
        entries = list(members)
        for entry, p_holm in zip(entries, holm([e.row.p_value for e in entries]), strict=True):
            rows.append(_judged(entry, p_holm, margin))
    place = {name: number for number, name in enumerate(order)}
    return sorted(rows, key=lambda row: place[row.variant])


def _judged(entry: _Found, p_holm: float | None, margin: float) -> Comparison:
    row = entry.row
    away = entry.away if find_metric(row.metric).signed else None
    word = verdict(row.difference, (row.low, row.high), p_holm, margin, away)
    return replace(row, p_holm=p_holm, verdict=word)


def _check(name: str, variant: Evaluation, dense: Evaluation) -> None:
    def described(evaluation: Evaluation) -> dict[str, Any]:
        return {
            "inputs": evaluation.inputs,
            "groups": evaluation.groups,
            "attributions": list(evaluation.attributions),
            **{key: evaluation.settings[key] for key in ("pair", "ignore", "options")},
        }

    ours, theirs = described(variant), described(dense)
    for key, value in ours.items():
        if value != theirs[key]:
            raise FairpruneError(
                f"{name} and the dense model differ in their {key}: evaluate both on the same "
                "inputs with the same options"
            )
