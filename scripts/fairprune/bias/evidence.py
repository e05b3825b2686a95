"""What two models' values on the same items say of the difference in a metric."""

from dataclasses import dataclass, replace

import numpy as np

from fairprune.bias.goals import HIGHER, Goal
from fairprune.fairness.comparing.changes import Changes
from fairprune.fairness.comparing.evidence import Evidence
from fairprune.fairness.comparing.permutation import mcnemar_p_value, swap_p_values
from fairprune.fairness.inference import percentiles, resample_counts
from fairprune.fairness.shares import Terms

MOST_UNITS = 2000  # more are put together at random: it costs no precision, and saves memory
MCNEMAR, SWAPS = "mcnemar", "swaps"

Pair = tuple[float, float]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Found:
    """Evidence, the test that gave its p, and how much worse the second is: positive is worse.

    `worsening`, with its 95 % interval: of an ideal the change of the distance from it, else of
    the mean in the bad direction.
    """

    evidence: Evidence
    test: str | None
    worsening: tuple[float | None, float | None, float | None]


def evidence_of(
    name: str, first: np.ndarray, second: np.ndarray, units: np.ndarray, goal: Goal, seed: int
) -> Found:
    """The evidence of the difference in the mean, second less first.

    Args:
        name: of the metric.
        first, second: values of both models on the same n items, NaN where there is none.
        units: the unit of each item, n.
        goal: which values are good, and which there can be.
        seed: of resamples and swaps.

    Where all values are the two ends of the range and each item is a unit, p is the exact McNemar
    test's; else that of swapping both models' values unit by unit.
    """
    used = ~(np.isnan(first) & np.isnan(second))
    first, second, units = first[used], second[used], units[used]
    independent = len(np.unique(units))
    if np.isnan(first).all() or np.isnan(second).all():
        return Found(Evidence(name, n=len(units), units=independent), None, (None,) * 3)
    centre = 0.0 if goal.ideal is None else goal.ideal
    groups = _groups(units, seed)
    terms = _summed(first - centre, groups), _summed(second - centre, groups)
    means = float(terms[0].value()), float(terms[1].value())
    difference = means[1] - means[0]
    changes = _changes(first - centre, second - centre, means, groups, goal)
    total = len(changes.sums)
    drawn = _drawn(terms, seed)
    interval = _interval(drawn[1] - drawn[0], changes)
    exact = _binary(first, goal) and _binary(second, goal) and independent == len(units)
    p_value = (
        mcnemar_p_value(first, second)
        if exact
        else swap_p_values([terms], np.arange(total), seed)[0]
    )
    worse = _worsening(goal, interval, means, drawn, changes)
    change, low, high = worse
    away = None if low is None or high is None else (low, high)
    found = Evidence(
        metric=name,
        difference=difference,
        low=interval[0],
        high=interval[1],
        p_value=p_value,
        value=means[1] + centre,
        against_value=means[0] + centre,
        equivalence=changes.equivalence(terms[0]),
        away=away if goal.better is None else (change, change),
        deviation=changes.deviation,
        n=len(units),
        units=independent,
        reach=changes.reach,
        differing=changes.differing,
        ideal=centre,
    )
    return Found(found, MCNEMAR if exact else SWAPS, worse)


def _groups(units: np.ndarray, seed: int) -> np.ndarray:
    """The number of each item's unit, or of the group of units that it is put into, from 0."""
    _, numbers = np.unique(units, return_inverse=True)
    total = numbers.max() + 1
    if total <= MOST_UNITS:
        return numbers
    return (np.random.default_rng(seed).permutation(total) % MOST_UNITS)[numbers]


def _summed(values: np.ndarray, groups: np.ndarray) -> Terms:
    """The mean of the values that are there, as sums over groups."""
    there = ~np.isnan(values)
    sums, sizes = (
        np.bincount(groups, weights=w, minlength=groups.max() + 1)[:, None]
        for w in (np.nan_to_num(values), there.astype(float))
    )
    return Terms(sums, sizes)


def _changes(
    first: np.ndarray,
    second: np.ndarray,
    means: tuple[float, float],
    groups: np.ndarray,
    goal: Goal,
) -> Changes:
    """What each item adds to the difference; of means over some items to first order.

    An item adds `(value − mean) / share counted` of either model, so that the mean of what all
    add is the difference; where every item counts, that is its own difference.
    """
    centre, parts, ends = 0.0 if goal.ideal is None else goal.ideal, [], []
    for values, mean in zip((first, second), means, strict=True):
        share = (~np.isnan(values)).mean()
        parts.append(np.nan_to_num(values - mean) / share)
        reach = [(end - centre - mean) / share for end in (goal.low, goal.high)]
        ends.append([min(0.0, reach[0]), max(0.0, reach[1])] if goal.partial else reach)
    shift = means[1] - means[0]
    added = (parts[1] - parts[0] + shift)[:, None]
    extremes = np.array([ends[1][0] - ends[0][1], ends[1][1] - ends[0][0]])[:, None] + shift
    differ = ~((first == second) | (np.isnan(first) & np.isnan(second)))
    return replace(Changes.of(added, groups, [extremes]), apart=len(np.unique(groups[differ])))


def _drawn(terms: tuple[Terms, Terms], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Both means in every bootstrap resample of the units."""
    counts = resample_counts(np.arange(len(terms[0].numerator)), seed)
    return terms[0].value(counts), terms[1].value(counts)


def _interval(drawn: np.ndarray, changes: Changes) -> Interval:
    total = len(changes.sums)
    if total < 2:
        return None, None
    low, high = percentiles(drawn, total)
    rare = changes.rare(0)
    return (min(low, rare[0]), max(high, rare[1])) if rare else (low, high)


def _binary(values: np.ndarray, goal: Goal) -> bool:
    return bool(np.isin(values, (goal.low, goal.high)).all())


def _worsening(
    goal: Goal,
    interval: Interval,
    means: Pair,
    drawn: tuple[np.ndarray, np.ndarray],
    changes: Changes,
) -> tuple[float, float | None, float | None]:
    """How much worse the second is, with its 95 % interval.

    A distance from an ideal changes by no more than the mean: where few items differ, its interval
    reaches as far as the mean's.
    """
    difference, (low, high) = means[1] - means[0], interval
    change = difference if goal.better else abs(means[1]) - abs(means[0])
    if goal.better == HIGHER:
        change = 0.0 - difference
    if low is None or high is None:
        return change, None, None
    if goal.better:
        return (change, -high, -low) if goal.better == HIGHER else (change, low, high)
    nearest, furthest = percentiles(np.abs(drawn[1]) - np.abs(drawn[0]), len(changes.sums))
    if changes.rare(0):
        same, turned = [low, high] * (min(means) >= 0), [-low, -high] * (max(means) <= 0)
        known = same + turned or [low, high, -low, -high]
        nearest, furthest = min(nearest, *known), max(furthest, *known)
    return change, nearest, furthest
