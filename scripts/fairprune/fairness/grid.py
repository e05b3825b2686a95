"""Questions to a grid of variants: where fairness first moves, and what no variant beats."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fairprune.fairness.comparing.rules import DIRECTION
from fairprune.fairness.comparing.verdicts import (
    BETTER,
    EQUIVALENT,
    NOT_JUDGED,
    SHIFTED,
    UNDECIDED,
    WORSE,
)
from fairprune.io.variants import Variant

SERIES = ("model", "method", "calibration", "attribution", "metric")
FIGURES = ("verdict", "reason", "difference", "p_holm")
DIFFERS = (WORSE, BETTER, SHIFTED)


def first_significant(comparisons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The smallest sparsity at which each method differs from the dense model.

    Args:
        comparisons: primary rows of comparisons' tables (`variant, attribution, metric, verdict,
            …`), those of `shift` among them, the variants named
            `model/method/calibration/sparsity`. N:M patterns are ordered by their share of zeros,
            after an unstructured one of that share.

    Returns:
        One row a model, method, calibration, attribution and metric, sorted: `sparsity` ("0.50";
        None where no verdict is worse, better or shifted) with its `verdict`, `reason`,
        `difference` and `p_holm` (of `shift`, where it is shifted); `tested`, how many sparsities
        were, and `not_judged`, how many of them could not be. Without a sparsity the verdict is
        `not judged` where one was not, else `equivalent` where all are, else `undecided`.
    """
    rows = list(comparisons)
    shifts = {(r["variant"], r["attribution"]): r for r in rows if r["metric"] == DIRECTION}
    series: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in (row for row in rows if row["metric"] != DIRECTION):
        variant = Variant.parse(row["variant"])
        of = (row["attribution"], row["metric"])
        key = (variant.model, variant.method, variant.calibration, *of)
        order = (variant.fraction, "of" in variant.sparsity, variant.sparsity)
        series.setdefault(key, []).append((order, variant.sparsity, row))
    found = []
    for key, members in sorted(series.items()):
        members.sort(key=lambda member: member[0])
        words = Counter(row["verdict"] for _, _, row in members)
        differs = ((s, row) for _, s, row in members if row["verdict"] in DIFFERS)
        sparsity, row = next(differs, (None, {"verdict": _together(words)}))
        if row["verdict"] == SHIFTED:
            row = shifts.get((row["variant"], row["attribution"]), row)
        figures = {name: row.get(name) for name in FIGURES}
        counts = {"tested": len(members), "not_judged": words[NOT_JUDGED]}
        found.append(
            dict(zip(SERIES, key, strict=True)) | {"sparsity": sparsity, **figures, **counts}
        )
    return found


def _together(words: Counter[str]) -> str:
    """What is said of several verdicts of which none is a difference."""
    if words[NOT_JUDGED]:
        return NOT_JUDGED
    return EQUIVALENT if words[EQUIVALENT] == words.total() else UNDECIDED


def pareto_front(points: Sequence[tuple[float | None, float | None]]) -> list[bool]:
    """Which points no other beats, for (unfairness, quality): lower and higher is better.

    One beats another that is as good in one and better in the other; equal points are on the
    front together. A point with an undefined part (None) is never on it. Signed metrics are to
    be given by their distance from 0.
    """
    known = [(x, y) for x, y in points if x is not None and y is not None]
    return [
        x is not None and y is not None and not any(_beats(other, (x, y)) for other in known)
        for x, y in points
    ]


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]
