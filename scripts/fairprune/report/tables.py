"""The tidy tables of a run: one row a figure, in a fixed order, ready for any statistics program.

Nothing in them depends on when or how fast a run was, so that the same run gives the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.tables import read_json, read_parquet
from fairprune.io.variants import Variant
from fairprune.report.csv_files import write_csv
from fairprune.report.quality import compare_quality
from fairprune.report.results import Results, Target, check, margin_of

Row = dict[str, Any]

VALID_SHARE = 0.9
VARIANT = ("model", "method", "calibration", "sparsity")
COMPARED = ("difference", "difference_low", "difference_high", "p_value", "p_holm", "verdict")
COLUMNS = {
    "fairness": (
        *VARIANT,
        *("task", "attribution", "metric", "stratum", "value", "low", "high", "n", "n_invalid"),
        *("validity", "broken", *COMPARED),
    ),
    "quality": (
        *(*VARIANT, "task", "metric", "value", "low", "high", "n", "validity", "broken"),
        *COMPARED,
    ),
    "language": (*VARIANT, "kind", "name", "metric", "window", "value", "stderr", "n"),
    "pruning": (*VARIANT, "layer", "rows", "columns", "weights", "pruned", "actual_sparsity"),
}


def build_tables(results: Results, output: Path) -> list[Path]:
    """Write `fairness.csv`, `quality.csv`, `language.csv` and `pruning.csv` into a folder.

    A table with nothing to say is written with its header alone.
    """
    return [
        write_csv(output / f"{name}.csv", rows, COLUMNS[name]) for name, rows in tables(results)
    ]


def tables(results: Results) -> list[tuple[str, list[Row]]]:
    """Every table by name, each row with the columns of `COLUMNS`."""
    return [
        ("fairness", fairness_rows(results)),
        ("quality", quality_rows(results)),
        ("language", language_rows(results)),
        ("pruning", pruning_rows(results)),
    ]


def fairness_rows(results: Results) -> list[Row]:
    """One row a variant × task × attribution × metric × stratum, with its comparison.

    `validity` is the share of inputs with a valid summary under that attribution, over all
    inputs; `broken` is set where it is under 90 %. The columns from `difference` on are empty
    for the dense model and where no comparison was made.
    """
    comparisons = _comparisons(results)
    rows = []
    for target in results.fairness:
        metrics = _field(target, "metrics")
        share = {
            (m["attribution"], m["metric"]): _share(m["n"], m["n_invalid"])
            for m in metrics
            if m["stratum"] == "all"
        }
        for m in metrics:
            validity = share.get((m["attribution"], m["metric"]))
            key = (str(target.variant), target.task, m["attribution"], m["metric"], m["stratum"])
            rows.append(
                {
                    **_named(target.variant),
                    "task": target.task,
                    **{k: m.get(k) for k in COLUMNS["fairness"][5:12]},
                    "validity": validity,
                    "broken": validity is not None and validity < VALID_SHARE,
                    **comparisons.get(key, {}),
                }
            )
    return rows


def quality_rows(results: Results) -> list[Row]:
    """One row a variant × task × measure of quality, with its comparison where higher is better."""
    comparisons = compare_quality(results, margin_of(results))
    rows = []
    for target in results.quality:
        metrics = _field(target, "metrics")
        validity = next((m["value"] for m in metrics if m["metric"] == "validity"), None)
        rows += [
            {
                **_named(target.variant),
                "task": target.task,
                **{k: m.get(k) for k in COLUMNS["quality"][5:9]},
                "validity": validity,
                "broken": validity is not None and validity < VALID_SHARE,
                **comparisons.get((str(target.variant), target.task, m["metric"]), {}),
            }
            for m in metrics
        ]
    return rows


def language_rows(results: Results) -> list[Row]:
    """One row a variant × corpus (perplexity) or zero-shot task and metric.

    `n` is the number of tokens of a corpus, of examples of a task.
    """
    rows = []
    for target in results.language:
        named = _named(target.variant)
        rows += [
            {
                **named,
                "kind": "perplexity",
                "name": p["corpus"],
                "metric": "perplexity",
                "window": p["window"],
                "value": p["perplexity"],
                "n": p["tokens"],
            }
            for p in _field(target, "perplexity")
        ]
        rows += [
            {
                **named,
                "kind": "zero_shot",
                "name": z["task"],
                **{k: z.get(k) for k in ("metric", "value", "stderr", "n")},
            }
            for z in _field(target, "zero_shot")
        ]
    return rows


def pruning_rows(results: Results) -> list[Row]:
    """One row a variant × layer: how many of its weights are pruned."""
    rows = []
    for target in results.pruned:
        figures = read_json(target.path).get("figures", {})
        for layer, found in figures.get("layers", {}).items():
            rows.append({**_named(target.variant), "layer": layer, **_layer(found)})
    return rows


def _named(variant: Variant) -> Row:
    return dict(zip(VARIANT, str(variant).split("/"), strict=True))


def _share(n: int, n_invalid: int) -> float | None:
    return n / (n + n_invalid) if n + n_invalid else None


def _field(target: Target, name: str) -> list[Row]:
    found = read_json(check(target.path))
    if not isinstance(found, dict) or not isinstance(found.get(name), list):
        raise FairpruneError(f"{target.path} has no list `{name}`: make it again with its step")
    return found[name]


def _comparisons(results: Results) -> dict[tuple, Row]:
    kept = {str(variant) for variant in results.variants}
    found = {}
    for path in results.comparisons:
        for row in read_parquet(check(path)):
            if row["variant"] in kept:
                key = (row["variant"], path.stem, *_what(row))
                found[key] = {
                    "difference": row["difference"],
                    "difference_low": row["low"],
                    "difference_high": row["high"],
                    **{k: row[k] for k in ("p_value", "p_holm", "verdict")},
                }
    return found


def _what(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["attribution"], row["metric"], row["stratum"]


def _layer(found: Row) -> Row:
    counts = {k: found.get(k) for k in ("rows", "columns", "weights", "pruned")}
    return {**counts, "actual_sparsity": found.get("sparsity")}
