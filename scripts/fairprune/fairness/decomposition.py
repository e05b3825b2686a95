"""What moves fairness more: the pruning method, the calibration set, or the calibration draw?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness.inference import percentile_interval, resample_counts
from fairprune.fairness.recompute import terms_of
from fairprune.fairness.results import Evaluation
from fairprune.io.hashing import derive_seed

SOURCES = ("method", "set", "method × set", "seed", "method × seed")
CONTRAST = "method − set"
SEEDS = 3  # fewer draws say nothing of how much a draw moves
Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Component:
    """The variance that one source gives to a metric (the metric's unit squared, ≥ 0).

    `share` of the sum of all sources, in [0, 1]. Each with a 95 % interval; None: undefined. The
    source `CONTRAST` is the method's less the set's, and may be negative.
    """

    source: str
    variance: float
    low: float
    high: float
    share: float | None
    share_low: float | None
    share_high: float | None


def variance_components(values: np.ndarray) -> np.ndarray:
    """Variance components of values, … × M methods × C sets × S seeds → … × 5, as `SOURCES`.

    Method and set are the levels under study (fixed, crossed); a seed is a random draw of its
    set, used by every method (nested in the set, crossed with the method). Components come from
    the mean squares (`E MS` solved for the variances), so that the noise of draws is not counted
    to methods or sets:

        method          (MS_m − MS_ms) / CS         set    (MS_c − MS_s) / MS
        method × set    (MS_mc − MS_ms) / S         seed   (MS_s − MS_ms) / M
        method × seed   MS_ms, with all noise that is left

    Negative estimates become 0. Source: any text on mixed analysis of variance (Searle,
    Casella & McCulloch, Variance Components, 1992).
    """
    m, c, s = values.shape[-3:]

    def mean(*axes: int) -> np.ndarray:
        return values.mean(axis=axes, keepdims=True)

    def squares(apart: np.ndarray) -> np.ndarray:
        return (apart**2).sum(axis=(-3, -2, -1))

    whole, by_method, by_set = mean(-3, -2, -1), mean(-2, -1), mean(-3, -1)
    by_both, by_draw = mean(-1), mean(-3)
    ms_m = c * s * squares(by_method - whole) / (m - 1)
    ms_c = m * s * squares(by_set - whole) / (c - 1)
    ms_mc = s * squares(by_both - by_method - by_set + whole) / ((m - 1) * (c - 1))
    ms_s = m * squares(by_draw - by_set) / (c * (s - 1))
    ms_ms = squares(values - by_both - by_draw + by_set) / ((m - 1) * c * (s - 1))
    parts = [
        (ms_m - ms_ms) / (c * s),
        (ms_c - ms_s) / (m * s),
        (ms_mc - ms_ms) / s,
        (ms_s - ms_ms) / m,
        ms_ms,
    ]
    return np.maximum(np.stack(parts, axis=-1), 0)


def decompose(values: np.ndarray, resampled: np.ndarray, seed: int = 42) -> list[Component]:
    """Components with intervals, and last the method's less the set's (`CONTRAST`).

    Args:
        values: M × C × S, the metric of each variant (each 2 or more).
        resampled: R × M × C × S, the same under R resamples of the inputs, the same resamples
            for every variant.
        seed: of the resampling of draws.

    The interval is a percentile bootstrap over inputs and, within each set, over its draws. By
    simulation (5 methods, 3 sets, 3 draws) it covers a method's or set's variance 92 to 97 times
    of 100, the draw's own about 80 times (three draws say little about that); a source that gives
    nothing has a low end above 0 about one time in nine.
    """
    r, m, c, s = resampled.shape
    drawn = np.random.default_rng(seed).integers(0, s, (r, 1, c, s))
    again = np.take_along_axis(resampled, np.broadcast_to(drawn, (r, m, c, s)), axis=-1)
    point, spread = variance_components(values), variance_components(again)
    figures = []
    for found, under_resampling in ((point, spread), (_shares(point), _shares(spread))):
        with_contrast = _contrasted(under_resampling)
        figures += [_contrasted(found), *percentile_interval(with_contrast)]
    return [
        Component(source, *(float(part[n]) for part in figures[:3]), *map(_number, shares))
        for n, source in enumerate((*SOURCES, CONTRAST))
        for shares in [[part[n] for part in figures[3:]]]
    ]


def decompose_evaluations(
    evaluations: Mapping[Cell, Evaluation],
    metric: str,
    attribution: str = "tokens",
    seed: int = 42,
) -> tuple[list[str], list[Component]]:
    """Decompose one metric over (method, set, seed) → evaluation, at one sparsity.

    Methods that were not judged with every set and seed (such as those without calibration) are
    left out. Returns the methods that took part, and the components.

    Raises:
        FairpruneError: fewer than two complete methods, two sets or three seeds a set, or a
            variant without a defined value.
    """
    methods, sets, seeds = complete_grid(list(evaluations))
    if min(len(methods), len(sets)) < 2 or len(seeds) < SEEDS:
        raise FairpruneError(
            f"a decomposition needs two methods, two calibration sets and {SEEDS} seeds at least; "
            f"complete here: {len(methods)}, {len(sets)}, {len(seeds)}"
        )
    first = next(iter(evaluations.values()))
    ids = [entry.id for entry in first.inputs]
    units = np.array([entry.unit for entry in first.inputs])
    counts = resample_counts(units, derive_seed(seed, "bootstrap", *ids))
    shape = (len(methods), len(sets), len(seeds))
    values, resampled = np.empty(shape), np.empty((len(counts), *shape))
    for place in np.ndindex(shape):
        cell = (methods[place[0]], sets[place[1]], seeds[place[2]])
        terms = terms_of(evaluations[cell], attribution, metric)
        values[place], resampled[:, *place] = terms.value(), terms.value(counts)
        if np.isnan(values[place]):
            raise FairpruneError(f"{metric} under {attribution} is undefined for {cell}")
    defined = ~np.isnan(resampled).any(axis=(1, 2, 3))
    return methods, decompose(values, resampled[defined], derive_seed(seed, "draws"))


def complete_grid(cells: Sequence[Cell]) -> tuple[list[str], list[str], list[str]]:
    """Methods that stand in every set × seed of those that any method with two sets has."""
    by_method: dict[str, set[tuple[str, str]]] = {}
    for method, calibration, seed in cells:
        by_method.setdefault(method, set()).add((calibration, seed))
    most = max(by_method.values(), key=len, default=set())
    sets, seeds = (sorted({pair[part] for pair in most}) for part in (0, 1))
    every = {(calibration, seed) for calibration in sets for seed in seeds}
    return sorted(m for m, found in by_method.items() if every <= found), sets, seeds


def _shares(parts: np.ndarray) -> np.ndarray:
    """Each component over the sum of all; NaN where nothing varies."""
    total = parts.sum(axis=-1, keepdims=True)
    return np.divide(parts, total, out=np.full(parts.shape, np.nan), where=total > 0)


def _contrasted(parts: np.ndarray) -> np.ndarray:
    """Components, … × 5, with the first less the second as a sixth."""
    return np.concatenate([parts, parts[..., :1] - parts[..., 1:2]], axis=-1)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
