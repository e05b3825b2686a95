"""What two models' outputs say of the difference in one metric, before any correction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from fairprune.fairness import inference
from fairprune.fairness.comparing.changes import Changes, extreme_terms, parts_of
from fairprune.fairness.comparing.permutation import mcnemar_p_value, swap_p_values
from fairprune.fairness.declare import Metric
from fairprune.fairness.figures import number
from fairprune.fairness.metrics.shift import changed_group
from fairprune.fairness.shares import Shares, Terms, ratio


@dataclass(frozen=True)
class Evidence:
    """The difference in one metric between two models, second less first, over n inputs.

    `low`, `high`: its 95 % interval; `p_value`: of the paired test; all None where undefined.
    `value`, `against_value`: the metric of each on these inputs. `equivalence`: bounds of the true
    difference that hold on small numbers and for rare jumps (`equivalence`). `away`: for a signed
    metric the 95 % interval of |second| − |first|. `deviation`: of a unit's difference; `reach`:
    the most that an input could have differed. `units`: how many independent units the inputs are;
    `differing`: in how many of them the models differ, None where that is not known.
    `group`: whose share changed most (`shift`).
    `same_texts`: whether both models wrote the same, word for word, in all n inputs. `ideal`: what
    a signed metric is best at, in its own scale.
    """

    metric: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    value: float | None = None
    against_value: float | None = None
    equivalence: tuple[float, float] | None = None
    away: tuple[float, float] | None = None
    deviation: float = 0.0
    n: int = 0
    units: int = 0
    reach: float = 0.0
    differing: int | None = None
    group: str | None = None
    same_texts: bool = False
    ideal: float = 0.0


@dataclass(frozen=True)
class Pair:
    """One attribution's arrays of two models over the same n inputs, valid in both.

    `units`: of each input; `counts`: resamples × n; `same`: whether both wrote the same text;
    `seed`: of the swaps.
    """

    first: Shares
    second: Shares
    groups: Sequence[str]
    units: np.ndarray
    counts: np.ndarray
    same: np.ndarray
    seed: int

    def rows(self, mask: np.ndarray) -> "Rows":
        """What the inputs of a stratum need, beside the metrics' terms."""
        return Rows(self.units[mask], self.counts[:, mask], self.same[mask])


@dataclass(frozen=True)
class Rows:
    """The inputs of a stratum: their units, their resamples, and where both texts are the same."""

    units: np.ndarray
    counts: np.ndarray
    same: np.ndarray


def evidence_of(
    pair: Pair, metrics: Sequence[tuple[Metric, Mapping[str, Any]]], mask: np.ndarray
) -> Iterator[Evidence]:
    """The evidence of every metric, with its options, over the inputs of a stratum (mask, n)."""
    rows = pair.rows(mask)
    terms = [
        (
            metric.terms(pair.first, **options).rows(mask),
            metric.terms(pair.second, **options).rows(mask),
        )
        for metric, options in metrics
    ]
    p_values = swap_p_values(terms, rows.units, pair.seed)
    for (metric, options), (first, second), p_value in zip(metrics, terms, p_values, strict=True):
        known = metric.needs == "shares"
        if max(pair.first.samples, pair.second.samples) > 1:
            metric = replace(metric, binary=False)
        extremes = extreme_terms(metric, options, pair.second) if known else []
        extremes = [terms.rows(mask) for terms in extremes]
        found = difference_evidence(metric, first, second, rows, p_value, extremes)
        if not metric.alone and found.difference is not None:
            group = pair.groups[_changed(first, second)]
            found = replace(found, group=group, value=None, against_value=None)
        yield found


def difference_evidence(
    metric: Metric,
    first: Terms,
    second: Terms,
    rows: Rows,
    p_value: float,
    extremes: Sequence[Terms],
) -> Evidence:
    """The evidence of a difference in one metric, without `group`.

    Args:
        first, second: the terms of both models over the same inputs.
        p_value: of the swap test; of 0 and 1 it gives way to the exact binomial test.
        extremes: the second model's terms at the most extreme there could be.
    """
    used = inference.counted(first) & inference.counted(second)
    units = rows.units[used]
    total = len(np.unique(units))
    difference = number(first.apart(first.sums(), second.sums()))
    if difference is None:
        return Evidence(metric.name, n=int(used.sum()), units=total)
    if metric.binary and total == used.sum():
        p_value = mcnemar_p_value(first.numerator[used, 0], second.numerator[used, 0])
    ends = [parts_of(first, end, used) for end in extremes]
    changes = Changes.of(parts_of(first, second, used), units, ends)
    low, high = _interval(first, second, rows.counts, total, metric.alone)
    same = bool(rows.same[used].all())
    if not same and first.size is None:
        part = 0 if metric.alone else _changed(first, second)
        rare = changes.rare(part)
        low, high = (min(low, rare[0]), max(high, rare[1])) if rare else (low, high)
    return Evidence(
        metric=metric.name,
        difference=difference,
        low=number(low),
        high=number(high),
        p_value=p_value,
        value=number(second.value()),
        against_value=number(first.value()),
        equivalence=changes.equivalence(first),
        away=_away(first, second, rows.counts, total) if metric.signed else None,
        deviation=changes.deviation,
        n=int(used.sum()),
        units=total,
        reach=changes.reach,
        differing=changes.differing,
        same_texts=same,
    )


def _interval(
    first: Terms, second: Terms, counts: np.ndarray, total: int, alone: bool
) -> tuple[float, float]:
    """95 % bootstrap interval of the difference; of the group that changes most, for `shift`.

    With more than two groups the largest of several changes was chosen: then it is the interval
    that holds all of them at once (Bonferroni). Where few units differ, see `Changes.rare`. An
    absolute value near 0 is larger in resamples than in truth: of those the interval holds that of
    every sign which their signed parts may have.
    """
    if total < 2:
        return np.nan, np.nan
    before, after = first.sums(counts), second.sums(counts)
    if alone and first.size is not None:
        ways = (
            [terms.of_sums(*sums, signs) for signs in inference.possible_signs(terms, sums)]
            for terms, sums in ((first, before), (second, after))
        )
        bounds = np.array([inference.percentile_interval(b - a, total) for a, b in product(*ways)])
        return float(bounds[:, 0].min()), float(bounds[:, 1].max())
    if alone:
        drawn = first.apart(before, after)
        return inference.percentiles(drawn, total)
    changes = ratio(*after) - ratio(*before)
    chosen = changes[:, _changed(first, second)]
    tests = 1 if changes.shape[1] == 2 else changes.shape[1]
    return inference.percentiles(chosen, total, tests)


def _changed(first: Terms, second: Terms) -> int:
    """The number of the column that changes most."""
    return int(changed_group(ratio(*second.sums()) - ratio(*first.sums())))


def _away(first: Terms, second: Terms, counts: np.ndarray, total: int) -> tuple[float, float]:
    """95 % bootstrap interval of how much further from 0 the second is."""
    if total < 2:
        return np.nan, np.nan
    drawn = np.abs(second.value(counts)) - np.abs(first.value(counts))
    return inference.percentiles(drawn, total)
