"""What moves fairness, at each sparsity of a full grid: rows of its decomposition, and words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness.comparing.verdicts import SIGNIFICANT
from fairprune.fairness.decomposition import (
    CONTRAST,
    SEEDS,
    Cell,
    complete_grid,
    decompose_evaluations,
)
from fairprune.fairness.results import Evaluation
from fairprune.io.variants import Variant
from fairprune.present import present
from fairprune.report.results import Target
from fairprune.report.rows import Row, variant_name

DECOMPOSITION = (
    *("model", "task", "sparsity", "attribution", "metric", "source"),
    *("variance", "low", "high", "share", "share_low", "share_high", "p_value"),
    *("methods", "sets", "seeds", "n", "broken"),
)


def variance_rows(evaluations: Mapping[Target, Evaluation], fairness: Iterable[Row]) -> list[Row]:
    """What moves fairness: method, calibration set, or draw, at each sparsity with a full grid.

    Args:
        evaluations: every fairness target's evaluation.
        fairness: rows of the fairness table, which say who is broken.

    Returns:
        A row a model, task, sparsity, attribution, metric and source, over all inputs; none
        without two methods, two sets and three seeds. `n` inputs have a valid summary in all
        `methods × sets × seeds` variants; `broken` of those are (validity under 90 %), and count
        all the same.
    """
    broken = {
        (variant_name(r), r["task"], r["attribution"], r["metric"]) for r in fairness if r["broken"]
    }
    cells: dict[tuple[str, str, str], dict[Cell, Target]] = defaultdict(dict)
    for target in evaluations:
        variant = target.variant
        if variant.calibration != "none":
            cells[variant.model, target.task, variant.sparsity][_cell(variant)] = target
    rows = []
    for place, targets in sorted(cells.items()):
        methods, sets, seeds = complete_grid(list(targets))
        if min(len(methods), len(sets)) < 2 or len(seeds) < SEEDS:
            continue
        judged = [t for cell, t in targets.items() if cell[0] in methods]
        found = {cell: evaluations[target] for cell, target in targets.items()}
        figures = next(iter(found.values())).figures
        for what in dict.fromkeys((f.attribution, f.metric) for f in figures):
            try:
                _, inputs, components = decompose_evaluations(found, what[1], what[0])
            except FairpruneError:  # undefined for a variant: there is nothing to divide
                continue
            grid = {"methods": len(methods), "sets": len(sets), "seeds": len(seeds), "n": inputs}
            grid["broken"] = sum((str(t.variant), t.task, *what) in broken for t in judged)
            key = dict(zip(DECOMPOSITION[:5], (*place, *what), strict=True))
            rows += [{**key, **vars(component), **grid} for component in components]
    return rows


def variance_words(rows: Iterable[Row], names: Mapping[str, str]) -> list[Row]:
    """Whether method or calibration set moves fairness more: a sentence a decomposition.

    Args:
        rows: of `variance_rows`.
        names: metric → short name.
    """
    groups: dict[tuple[Any, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        groups[tuple(row[k] for k in DECOMPOSITION[:5])][row["source"]] = row
    return [
        {**dict(zip(DECOMPOSITION[:5], key, strict=True)), "text": _sentence(key, found, names)}
        for key, found in groups.items()
    ]


def _sentence(key: tuple[Any, ...], found: Mapping[str, Row], names: Mapping[str, str]) -> str:
    model, task, sparsity, attribution, metric = key
    contrast = found[CONTRAST]
    if contrast["share"] is None:
        said = "nothing moves it"
    elif contrast["share_low"] > 0 and _beyond_draws(found["method"]):
        said = "the method moves it more than the calibration set"
    elif contrast["share_high"] < 0 and _beyond_draws(found["set"]):
        said = "the calibration set moves it more than the method"
    else:
        said = "whether the method or the calibration set moves it more is undecided"
    parts = {"method": "method", "set": "calibration set", "seed": "draw of the set"}
    shares = ", ".join(
        f"{word} {_percent(found[s], 'share')} % [{_percent(found[s], 'share_low')}, "
        f"{_percent(found[s], 'share_high')}]"
        for s, word in parts.items()
        if found[s]["share"] is not None
    )
    where = f"{model} on {task} at {sparsity} ({names[metric]}, {attribution})"
    return f"{where}: {said}" + (f". Of its variance: {shares}." if shares else ".")


def _beyond_draws(row: Row) -> bool:
    """Whether a source gives more than draws alone would: three draws can look like a set.

    Either source could be said to: each is tested at half the level.
    """
    return row["p_value"] is not None and row["p_value"] < SIGNIFICANT / 2


def _percent(row: Row, column: str) -> str:
    return f"{100 * row[column]:.0f}"


def _cell(variant: Variant) -> Cell:
    """Method, set and seed: `TASK.SET` is the first seed's, `TASK.SET-s43` another's."""
    name = present(re.fullmatch(r"(.+?)(?:-s(\d+))?", variant.calibration))
    return variant.method, name[1], name[2] or "first"
