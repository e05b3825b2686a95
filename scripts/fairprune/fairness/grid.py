"""Questions to a grid of variants: where fairness first moves, and what no variant beats."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairprune.fairness.verdicts import SIGNIFICANT
from fairprune.io.variants import Variant

SERIES = ("model", "method", "calibration", "attribution", "metric", "stratum")


def first_significant(comparisons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The smallest sparsity at which each method differs from the dense model after correction.

    Args:
        comparisons: rows of comparisons' tables (`variant, attribution, metric, stratum,
            p_holm, verdict, …`), the variants named `model/method/calibration/sparsity`. N:M
            patterns are ordered by their share of zeros, after an unstructured one of that share.

    Returns:
        One row a model, method, calibration, attribution, metric and stratum, sorted: `sparsity`
        ("0.50"; None where none of them differs, p_holm < 0.05) with its `difference`, `p_holm`
        and `verdict`, and `tested`, how many sparsities were.
    """
    series: dict[tuple, list[tuple]] = {}
    for row in comparisons:
        variant = Variant.parse(row["variant"])
        key = (variant.model, variant.method, variant.calibration)
        key += (row["attribution"], row["metric"], row["stratum"])
        order = (variant.fraction, "of" in variant.sparsity, variant.sparsity)
        series.setdefault(key, []).append((order, variant.sparsity, row))
    found = []
    for key, members in sorted(series.items()):
        members.sort(key=lambda member: member[0])
        differs = (
            (sparsity, row)
            for _, sparsity, row in members
            if row["p_holm"] is not None and row["p_holm"] < SIGNIFICANT
        )
        sparsity, row = next(differs, (None, {}))
        figures = {name: row.get(name) for name in ("difference", "p_holm", "verdict")}
        found.append(
            dict(zip(SERIES, key, strict=True))
            | {"sparsity": sparsity, **figures, "tested": len(members)}
        )
    return found


def pareto_front(points: Sequence[tuple[float | None, float | None]]) -> list[bool]:
    """Which points no other beats, for (unfairness, quality): lower and higher is better.

    One beats another that is as good in one and better in the other; equal points are on the
    front together. A point with an undefined part (None) is never on it. Signed metrics are to
    be given by their distance from 0.
    """
    known = [point for point in points if None not in point]
    return [
        None not in point and not any(_beats(other, point) for other in known) for point in points
    ]


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]
