"""What people ask a grid of variants, answered from its tables and evaluations."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness.decomposition import complete_grid, decompose_evaluations
from fairprune.fairness.grid import first_significant, pareto_front
from fairprune.fairness.results import Evaluation
from fairprune.io.variants import Variant
from fairprune.report.results import Target
from fairprune.report.tables import VARIANT, Row

FIRST = (
    *("model", "method", "calibration", "task", "attribution", "metric", "stratum"),
    *("sparsity", "difference", "p_holm", "verdict", "tested"),
)


def variant_name(row: Row) -> str:
    """The name of the variant that a row is about."""
    return "/".join(row[part] for part in VARIANT)


def first_differences(fairness: Iterable[Row]) -> list[Row]:
    """Where each method first differs from the dense model after correction, as `FIRST`.

    `sparsity` is empty where it never does. Broken variants count: they do differ.
    """
    by_task: dict[str, list[Row]] = defaultdict(list)
    for row in fairness:
        if row.get("verdict"):
            by_task[row["task"]].append({**row, "variant": variant_name(row)})
    return [
        {**found, "task": task}
        for task, rows in sorted(by_task.items())
        for found in first_significant(rows)
    ]


def fronts(
    fairness: Iterable[Row], quality: Iterable[Row], signed: set[str], measures: list[str]
) -> list[dict[str, Any]]:
    """The variants that no other beats in both fairness and quality.

    Args:
        fairness, quality: rows of the tables; broken variants are on no front.
        signed: metrics that are fairer nearer 0.
        measures: the measures of quality.

    Returns:
        A row a model, task, attribution, metric, stratum and measure, with its `variants`.
    """
    good = {(variant_name(r), r["task"], r["metric"]): r["value"] for r in quality}
    groups: dict[tuple, list[Row]] = defaultdict(list)
    names = ("model", "task", "attribution", "metric", "stratum")
    for row in fairness:
        if not row["broken"] and row["value"] is not None:
            groups[tuple(row[name] for name in names)].append(row)
    found = []
    for key, rows in groups.items():
        for measure in measures:
            points = [
                (
                    abs(r["value"]) if r["metric"] in signed else r["value"],
                    good.get((variant_name(r), r["task"], measure)),
                )
                for r in rows
            ]
            on_it = [
                variant_name(r) for r, yes in zip(rows, pareto_front(points), strict=True) if yes
            ]
            if on_it:
                place = dict(zip(names, key, strict=True))
                found.append({**place, "quality": measure, "variants": on_it})
    return found


def sources(evaluations: Mapping[Target, Evaluation]) -> list[Row]:
    """What moves fairness: method, calibration set, or draw, at each sparsity with a full grid.

    Returns:
        A row a model, task, sparsity, attribution, metric and source, with `share, low, high`
        of the variance and `methods`, how many took part; none without two methods, two sets and
        two seeds.
    """
    cells: dict[tuple[str, str, str], dict[tuple[str, str, str], Evaluation]] = defaultdict(dict)
    for target, evaluation in evaluations.items():
        variant = target.variant
        if variant.calibration != "none":
            place = variant.model, target.task, variant.sparsity
            cells[place][_cell(variant)] = evaluation
    rows = []
    for place, found in sorted(cells.items()):
        if min(map(len, complete_grid(list(found)))) < 2:
            continue
        figures = next(iter(found.values())).figures
        for attribution, metric in dict.fromkeys((f.attribution, f.metric) for f in figures):
            try:
                methods, components = decompose_evaluations(found, metric, attribution)
            except FairpruneError:  # undefined for a variant: there is nothing to divide
                continue
            named = dict(zip(("model", "task", "sparsity"), place, strict=True))
            rows += [
                {
                    **named,
                    "attribution": attribution,
                    "metric": metric,
                    "source": component.source,
                    "share": component.share,
                    "low": component.share_low,
                    "high": component.share_high,
                    "methods": len(methods),
                }
                for component in components
            ]
    return rows


def _cell(variant: Variant) -> tuple[str, str, str]:
    """Method, set and seed: `TASK.SET` is the first seed's, `TASK.SET-s43` another's."""
    name = re.fullmatch(r"(.+?)(?:-s(\d+))?", variant.calibration)
    return variant.method, name[1], name[2] or "first"
