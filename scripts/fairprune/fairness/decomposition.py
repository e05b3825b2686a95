"""What moves fairness more: the pruning method, the calibration set, or the calibration draw?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness.components import SOURCES, f_tests, variance_components
from fairprune.fairness.inference import percentile_interval, resample_counts
from fairprune.fairness.recompute import terms_of, valid_in_all
from fairprune.fairness.results import Evaluation
from fairprune.io.hashing import derive_seed

CONTRAST = "method − set"
MANY = 1000  # units: so many make no interval wider
SEEDS = 3  # fewer draws say nothing of how much a draw moves
Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Component:
    """The variance that one source gives to a metric (the metric's unit squared, ≥ 0).

    `share` of the sum of all sources, in [0, 1]. Each with a 95 % interval; None: undefined. The
    source `CONTRAST` is the method's less the set's, and may be negative. `p_value`: of the F test
    that the source gives nothing, of the method against method × draw, of the set against draws.
    """

    source: str
    variance: float
    low: float
    high: float
    share: float | None
    share_low: float | None
    share_high: float | None
    p_value: float | None = None


def decompose(
    values: np.ndarray, resampled: np.ndarray, seed: int = 42, units: int | None = None
) -> list[Component]:
    """Components with intervals, and last the method's less the set's (`CONTRAST`).

    Args:
        values: M × C × S, the metric of each variant (each 2 or more).
        resampled: R × M × C × S, the same under R resamples of the inputs, the same resamples
            for every variant.
        seed: of the resampling of draws.
        units: how many were resampled; few make the intervals wider.

    The interval is a percentile bootstrap over inputs and, within each set, over its draws. By
    simulation (5 methods, 3 sets, 3 draws) it covers a method's or set's variance 92 to 97 times
    of 100, the draw's own about 80 times (three draws say little about that); a source that gives
    nothing has a low end above 0 about one time in nine.
    """
    r, m, c, s = resampled.shape
    drawn = np.random.default_rng(seed).integers(0, s, (r, 1, c, s))
    again = np.take_along_axis(resampled, np.broadcast_to(drawn, (r, m, c, s)), axis=-1)
    point, spread = variance_components(values), variance_components(again)
    variance, share = _contrasted(point), _contrasted(_shares(point))
    low, high = percentile_interval(_contrasted(spread), units or MANY)
    share_low, share_high = percentile_interval(_contrasted(_shares(spread)), units or MANY)
    tests = f_tests(values)
    return [
        Component(
            source,
            float(variance[n]),
            float(low[n]),
            float(high[n]),
            _number(share[n]),
            _number(share_low[n]),
            _number(share_high[n]),
            tests.get(source),
        )
        for n, source in enumerate((*SOURCES, CONTRAST))
    ]


def decompose_evaluations(
    evaluations: Mapping[Cell, Evaluation],
    metric: str,
    attribution: str = "tokens",
    seed: int = 42,
) -> tuple[list[str], int, list[Component]]:
    """Decompose one metric over (method, set, seed) → evaluation, at one sparsity.

    Methods that were not judged with every set and seed (such as those without calibration) are
    left out, and so are inputs whose summary is not valid in every variant. Returns the methods
    that took part, how many inputs did, and the components.

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
    names = {
        place: (methods[place[0]], sets[place[1]], seeds[place[2]]) for place in np.ndindex(shape)
    }
    rows = valid_in_all((evaluations[cell] for cell in names.values()), attribution, metric)
    values, resampled = np.empty(shape), np.empty((len(counts), *shape))
    for place, cell in names.items():
        terms = terms_of(evaluations[cell], attribution, metric, rows)
        values[place], resampled[:, *place] = terms.value(), terms.value(counts)
        if np.isnan(values[place]):
            raise FairpruneError(f"{metric} under {attribution} is undefined for {cell}")
    defined = ~np.isnan(resampled).any(axis=(1, 2, 3))
    number = len(np.unique(units[rows]))
    components = decompose(values, resampled[defined], derive_seed(seed, "draws"), number)
    return methods, int(rows.sum()), components


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
