"""Rows of what was judged on a task: fairness and quality, each with its comparison."""

from collections.abc import Mapping
from typing import Any

from fairprune.io.cards import verified
from fairprune.io.tables import read_parquet
from fairprune.report.quality import compare_quality
from fairprune.report.results import Results, margin_of
from fairprune.report.rows import VARIANT, Row, field, named

VALID_SHARE = 0.9
COMPARED = ("difference", "difference_low", "difference_high", "p_value", "p_holm", "verdict")
FIGURE = ("value", "low", "high", "n")
FAIRNESS = (
    *(*VARIANT, "task", "attribution", "metric", "stratum", *FIGURE, "n_invalid"),
    *("validity", "broken", *COMPARED),
)
QUALITY = (*VARIANT, "task", "metric", *FIGURE, "validity", "broken", *COMPARED)


def fairness_rows(results: Results) -> list[Row]:
    """One row a variant × task × attribution × metric × stratum, with its comparison.

    `validity` is the share of inputs with a valid summary under that attribution, over all
    inputs; `broken` is set where it is under 90 %. The columns from `difference` on are empty
    for the dense model and where no comparison was made.
    """
    comparisons = _comparisons(results)
    rows = []
    for target in results.fairness:
        metrics = field(target, "metrics")
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
                    **named(target.variant),
                    "task": target.task,
                    **{k: m.get(k) for k in ("attribution", "metric", "stratum", "n_invalid")},
                    **{k: m.get(k) for k in FIGURE},
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
        metrics = field(target, "metrics")
        validity = next((m["value"] for m in metrics if m["metric"] == "validity"), None)
        rows += [
            {
                **named(target.variant),
                "task": target.task,
                **{k: m.get(k) for k in ("metric", *FIGURE)},
                "validity": validity,
                "broken": validity is not None and validity < VALID_SHARE,
                **comparisons.get((str(target.variant), target.task, m["metric"]), {}),
            }
            for m in metrics
        ]
    return rows


def _share(n: int, n_invalid: int) -> float | None:
    return n / (n + n_invalid) if n + n_invalid else None


def _comparisons(results: Results) -> dict[tuple, Row]:
    kept = {str(variant) for variant in results.variants}
    found = {}
    for path in results.comparisons:
        for row in read_parquet(verified(path)):
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
