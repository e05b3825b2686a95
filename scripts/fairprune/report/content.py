"""The data that the page holds, once, for every picture and table."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from fairprune.fairness.comparing.rules import DIRECTION, LEVEL
from fairprune.io.variants import Variant
from fairprune.report.abilities import zero_shares
from fairprune.report.charts.shared import METHOD_COLOURS
from fairprune.report.inputs import browser
from fairprune.report.names import fairness_metric, quality_metrics
from fairprune.report.plain import NOTHING, plain
from fairprune.report.questions import POINTS, agreement_points
from fairprune.report.results import Results, order
from fairprune.report.rows import Row, variant_name
from fairprune.report.sentences import sentences
from fairprune.report.tables import COLUMNS, tables
from fairprune.report.variance import variance_words


def content(results: Results, most_inputs: int) -> dict[str, Any]:
    """Everything that the page's script reads; see the keys below."""
    variants = results.variants
    rows = tables(results)
    rows["overlap"] = [row for row in rows["overlap"] if not row["layer"]]
    metrics = [fairness_metric(name) for name in _distinct(rows["fairness"], "metric")]
    qualities = quality_metrics({r["metric"] for r in rows["quality"] if r["value"] is not None})
    inputs = browser(results, most_inputs)
    names = {metric.name: metric.short for metric in metrics}
    if qualities:
        names["quality"] = qualities[0].label
    chosen = [r for r in rows["quality"] if qualities and r["metric"] == qualities[0].name]
    zeros = zero_shares(results)
    methods = list(dict.fromkeys(v.method for v in sorted(variants) if not v.dense))
    data = {
        "models": _in_order(v.model for v in variants),
        "methods": methods,
        "colours": [METHOD_COLOURS[i % len(METHOD_COLOURS)] for i in range(len(methods))],
        "calibrations": _in_order(v.calibration for v in variants if v.calibration != "none"),
        "tasks": _in_order(t.task for t in (*results.fairness, *results.quality)),
        "attributions": _distinct(rows["fairness"], "attribution"),
        "metrics": [vars(metric) for metric in metrics],
        "metric": _first_metric(rows["fairness"], names),
        "strata": _distinct(rows["fairness"], "stratum"),
        "qualities": [vars(quality) for quality in qualities],
        "quality": qualities[0].name if qualities else None,
        "language": _distinct(rows["language"], "kind"),
        "calibrated_on": _in_order(r["name"] for r in rows["language"] if r.get("calibrated_on")),
        "variants": [
            {"name": str(v), "model": v.model, "method": v.method, "calibration": v.calibration}
            | {"sparsity": v.sparsity, "fraction": zeros.get(v, v.fraction), "pattern": v.pattern}
            | {"dense": v.dense}
            for v in sorted({*variants, *_pooled(rows["fairness"])}, key=order)
        ],
        "tables": {
            **{n: _columnar(found, COLUMNS[n]) for n, found in rows.items() if found},
            "points": _columnar(agreement_points(results), POINTS),
        },
        "pairs": _pairs(results),
        "nothing": NOTHING,
        "plain": plain(rows["fairness"], rows["shares"]),
        "sentences": sentences(
            rows["fairness"],
            rows["shares"],
            rows["instruments"],
            chosen,
            names.get("quality"),
        ),
        "moves": variance_words(rows["decomposition"], names),
        "layers": _layers(rows["pruning"]),
        "inputs": inputs,
        "inputs_note": _inputs_note(inputs, most_inputs),
    }
    data["sections"] = _sections(data)
    return data


def _pairs(results: Results) -> dict[str, list[str]]:
    """Task → the groups of its pair: SPD above 0 favours the first."""
    pairs = {t.task: e.settings["pair"] for t, e in results.evaluations.items()}
    return {task: pair for task, pair in pairs.items() if pair}


def _first_metric(fairness: list[Row], names: dict[str, str]) -> str | None:
    """The primary result's metric; else the usual one, or any."""
    primary = [row["metric"] for row in fairness if row.get("primary")]
    usual = [name for name in (*primary, LEVEL) if name in names and name != DIRECTION]
    return next(iter([*usual, *names]), None)


def _pooled(fairness: list[Row]) -> set[Variant]:
    """What stands for several draws together, which has no results of its own."""
    found = {Variant.parse(variant_name(row)) for row in fairness}
    return {variant for variant in found if variant.pooled}


def _sections(data: dict[str, Any]) -> list[str]:
    """The sections that have something to show: most of them compare variants."""
    has = data["tables"]
    compared = bool(data["methods"])
    shown = {
        "answer": "fairness" in has,
        "fairness": "fairness" in has and compared,
        "pareto": "fairness" in has and bool(data["qualities"]) and compared,
        "calibration": "fairness" in has and _several_sets(data),
        "layers": "pruning" in has,
        "overlap": "overlap" in has,
        "agreement": "agreement" in has and compared,
        "annotation": "annotation" in has,
        "content": "quality" in has and compared,
        "language": "language" in has and compared,
        "bias": "bias" in has,
        "tables": True,
        "inputs": bool(data["inputs"]["outputs"]),
        "glossary": True,
        "provenance": True,
    }
    return [name for name, yes in shown.items() if yes]


def _several_sets(data: dict[str, Any]) -> bool:
    """Whether some task has variants of more than one calibration set."""
    rows = data["tables"]["fairness"]["rows"]
    model, _, calibration, _, task = range(5)
    sets = {(row[model], row[task], row[calibration]) for row in rows}
    places = [(m, t) for m, t, c in sets if c != "none"]
    return len(places) > len(set(places))


def _columnar(rows: list[Row], columns: tuple[str, ...]) -> dict[str, Any]:
    return {"columns": columns, "rows": [[_short(row.get(c)) for c in columns] for row in rows]}


def _short(value: Any) -> Any:
    """A number to 6 significant digits, as in the CSV files."""
    return float(f"{value:.6g}") if isinstance(value, float | np.floating) else value


def _distinct(rows: list[Row], column: str) -> list[str]:
    return _in_order(row[column] for row in rows)


def _in_order(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _layers(rows: list[Row]) -> dict[str, list[str]]:
    """Model → its layers in the order of the forward pass, as the cards list them."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        found.setdefault(row["model"], {})[row["layer"]] = None
    return {model: list(layers) for model, layers in found.items()}


def _inputs_note(inputs: dict[str, Any], most: int) -> str:
    cut = [f"{task} {most} of {n}" for task, n in inputs["total"].items() if n > most]
    note = (
        "Opinions by group, and what the model and its pruned variant made of them. Each sentence "
        "is underlined in the colour of the group that the chosen attribution gives it to (of its "
        "nearest opinion, where that looks at whole summaries); that opinion's number follows."
    )
    return note + (f" Shown is a random sample of the inputs: {', '.join(cut)}." if cut else "")
