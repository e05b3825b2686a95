"""What people ask a grid of variants, answered from its tables."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from fairprune.fairness.agreement import rank_correlation
from fairprune.fairness.grid import first_significant, pareto_front
from fairprune.report.names import fairness_metric, quality_metrics
from fairprune.report.rows import VARIANT, Row, variant_name

JUDGED = ("model", "task", "attribution", "metric", "stratum")
FIRST = (
    *("model", "method", "calibration", "task", "attribution", "metric", "stratum"),
    *("sparsity", "difference", "p_holm", "verdict", "broken", "tested"),
)
PARETO = (*VARIANT, *JUDGED[1:], "measure", "value", "quality")
AGREEMENT = ("model", "task", "metric", "stratum", "first", "second", "rho", "n")


def first_differences(fairness: Iterable[Row]) -> list[Row]:
    """Where each method first differs from the dense model after correction, as `FIRST`.

    `sparsity` is empty where it never does. Broken variants count, since they do differ, and
    `broken` says so.
    """
    by_task: dict[str, list[Row]] = defaultdict(list)
    broken = set()
    for row in fairness:
        if row.get("verdict"):
            by_task[row["task"]].append({**row, "variant": variant_name(row)})
        if row["broken"]:
            broken.add((variant_name(row), *(row[name] for name in JUDGED)))
    rows = [
        {**found, "task": task}
        for task, rows in sorted(by_task.items())
        for found in first_significant(rows)
    ]
    for row in rows:
        if row["sparsity"] is not None:
            row["broken"] = (variant_name(row), *(row[name] for name in JUDGED)) in broken
    return rows


def fronts(fairness: Iterable[Row], quality: Iterable[Row]) -> list[Row]:
    """The variants that no other beats in both fairness and quality, as `PARETO`.

    A row a variant on the front of its model, task, attribution, metric and stratum, and of a
    measure of quality where higher is better (over all inputs). Broken variants are on no front.
    Metrics with a sign count by their distance from 0.
    """
    good = {(variant_name(r), r["task"], r["metric"]): r["value"] for r in quality}
    measures = [m.name for m in quality_metrics({metric for *_, metric in good})]
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in fairness:
        if not row["broken"] and row["value"] is not None:
            groups[tuple(row[name] for name in JUDGED)].append(row)
    found = []
    for (*_, metric, _), rows in groups.items():
        unfair = [abs(r["value"]) if fairness_metric(metric).signed else r["value"] for r in rows]
        for measure in measures:
            values = [good.get((variant_name(r), r["task"], measure)) for r in rows]
            on_it = pareto_front(list(zip(unfair, values, strict=True)))
            found += [
                {**row, "measure": measure, "quality": value}
                for row, value, yes in zip(rows, values, on_it, strict=True)
                if yes
            ]
    return found


def agreement(fairness: Iterable[Row]) -> list[Row]:
    """Do two attributions put the variants in the same order? Spearman's ρ, as `AGREEMENT`.

    A row a model, task, metric, stratum and pair of attributions; ρ is empty for fewer than 3
    variants or where one attribution puts all on a level. Broken variants and undefined values
    are left out; the dense model takes part.
    """
    groups: dict[tuple, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in fairness:
        if row["value"] is not None and not row["broken"]:
            key = tuple(row[name] for name in ("model", "task", "metric", "stratum"))
            groups[key][row["attribution"]][variant_name(row)] = row["value"]
    rows = []
    for key, values in sorted(groups.items()):
        for first, second in combinations(values, 2):
            both = sorted(values[first].keys() & values[second].keys())
            rho = rank_correlation(*([values[name][v] for v in both] for name in (first, second)))
            rows.append(dict(zip(AGREEMENT, (*key, first, second, rho, len(both)), strict=True)))
    return rows
