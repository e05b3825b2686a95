"""What people ask a grid of variants, answered from its results."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np

from fairprune.fairness.agreement import rank_correlation
from fairprune.fairness.grid import first_significant, pareto_front
from fairprune.fairness.results import Evaluation
from fairprune.io.tables import read_parquet
from fairprune.io.variants import Variant
from fairprune.report.common import common_inputs, common_values, sound
from fairprune.report.names import fairness_metric, quality_metrics
from fairprune.report.results import Results, Target
from fairprune.report.rows import VARIANT, Row, named, variant_name

JUDGED = ("model", "task", "attribution", "metric", "stratum")
FIRST = (
    *("model", "method", "calibration", "task", "attribution", "metric", "sparsity", "verdict"),
    *("difference", "p_holm", "reason", "tested", "not_judged"),
)
PARETO = (*VARIANT, *JUDGED[1:], "measure", "value", "quality", "n", "front")
POINTS = (*VARIANT, "task", "metric", "stratum", "first", "second", "x", "y")
AGREEMENT = ("model", "task", "metric", "stratum", "first", "second", "rho", "variants", "n")


def first_differences(fairness: Iterable[Row]) -> list[Row]:
    """Where each method first differs from the dense model in the primary result, as `FIRST`.

    `sparsity` is empty where none is found to differ; `verdict` then says whether nothing differs,
    cannot be told, or was not judged.
    """
    by_task: dict[str, list[Row]] = defaultdict(list)
    for row in fairness:
        if row.get("primary"):
            by_task[row["task"]].append({**row, "variant": variant_name(row)})
    return [
        {**found, "task": task}
        for task, rows in sorted(by_task.items())
        for found in first_significant(rows)
    ]


def fronts(results: Results) -> list[Row]:
    """Every sound variant with its fairness and quality, and whether another beats it in both.

    A row a variant, attribution, metric, stratum and measure of quality where higher is better, as
    `PARETO`: both figures on the n inputs whose summary is valid in all the variants compared.
    Broken variants (validity under 90 %) are left out. Metrics with a sign count by their distance
    from 0.
    """
    rows: list[Row] = []
    for (model, task), evaluations in _places(results).items():
        quality = {
            t.variant: t for t in results.quality if (t.variant.model, t.task) == (model, task)
        }
        for attribution in _attributions(evaluations):
            chosen = {
                t: e for t, e in sound(evaluations, [attribution]).items() if t.variant in quality
            }
            if chosen:
                rows += _front(chosen, attribution, quality)
    return rows


def _front(
    chosen: Mapping[Target, Evaluation], attribution: str, quality: Mapping[Variant, Target]
) -> Iterator[Row]:
    inputs = common_inputs(chosen.values(), [attribution])
    ids = [entry.id for entry in next(iter(chosen.values())).inputs]
    common = {name for name, yes in zip(ids, inputs, strict=True) if yes}
    good = {target: _means(quality[target.variant], common) for target in chosen}
    values, numbers = common_values(chosen, [attribution], inputs)
    measures = [m.name for m in quality_metrics({name for of in good.values() for name in of})]
    groups: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for target, _, metric, stratum in values:
        groups[metric, stratum].append(target)
    for (metric, stratum), targets in groups.items():
        found = [values[target, attribution, metric, stratum] for target in targets]
        unfair = [abs(value) if fairness_metric(metric).signed else value for value in found]
        for measure in measures:
            qualities = [good[target].get(measure) for target in targets]
            on_it = pareto_front(list(zip(unfair, qualities, strict=True)))
            for target, value, quality_value, front in zip(
                targets, found, qualities, on_it, strict=True
            ):
                yield {
                    **named(target.variant),
                    **{"task": target.task, "attribution": attribution, "metric": metric},
                    **{"stratum": stratum, "measure": measure, "value": value},
                    **{"quality": quality_value, "n": numbers[stratum], "front": front},
                }


def agreement(results: Results) -> list[Row]:
    """Do two attributions put the variants in the same order? Spearman's ρ, as `AGREEMENT`.

    A row a model, task, metric, stratum and pair of attributions, over the n inputs whose summary
    is valid in all `variants` under both; ρ is empty for fewer than 3 variants or where one
    attribution puts all on a level. Broken variants are left out; the dense model takes part.
    """
    return [
        {
            **place,
            "rho": rank_correlation(*([of[axis] for of in points.values()] for axis in (0, 1))),
            "variants": len(points),
            "n": inputs,
        }
        for place, points, inputs in _under_two(results)
    ]


def agreement_points(results: Results) -> list[Row]:
    """What `agreement` is computed from: every variant's figures `x` and `y`, as `POINTS`."""
    return [
        {**place, **named(target.variant), "x": x, "y": y}
        for place, points, _ in _under_two(results)
        for target, (x, y) in points.items()
    ]


def _under_two(results: Results) -> Iterator[tuple[Row, dict[Target, tuple[float, float]], int]]:
    """Model, task, metric, stratum and two attributions; each variant under both; the inputs."""
    for (model, task), evaluations in _places(results).items():
        for pair in combinations(_attributions(evaluations), 2):
            chosen = sound(evaluations, pair)
            if not chosen:
                continue
            values, numbers = common_values(chosen, pair, common_inputs(chosen.values(), pair))
            for metric, stratum in dict.fromkeys((m, s) for _, _, m, s in values):
                x, y = ({t: (t, name, metric, stratum) for t in chosen} for name in pair)
                points = {
                    target: (values[x[target]], values[y[target]])
                    for target in chosen
                    if x[target] in values and y[target] in values
                }
                if points:
                    place = dict(
                        zip(AGREEMENT[:6], (model, task, metric, stratum, *pair), strict=True)
                    )
                    yield place, points, numbers[stratum]


def _places(results: Results) -> dict[tuple[str, str], dict[Target, Evaluation]]:
    """Model and task → what was judged there."""
    found: dict[tuple[str, str], dict[Target, Evaluation]] = defaultdict(dict)
    for target, evaluation in results.evaluations.items():
        found[target.variant.model, target.task][target] = evaluation
    return dict(sorted(found.items()))


def _attributions(evaluations: Mapping[Target, Evaluation]) -> list[str]:
    return list(next(iter(evaluations.values())).attributions)


def _means(target: Target, inputs: set[str]) -> dict[str, float]:
    """The mean of every measure over the chosen inputs (ids) that have one."""
    table = target.path.with_suffix(".parquet")
    rows = [row for row in read_parquet(table) if row["id"] in inputs] if table.is_file() else []
    found = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows if name != "id" and row[name] is not None]
        if values:
            found[name] = float(np.mean(values))
    return found
