"""Rows of what was judged on a task: fairness and quality, each with its comparison."""

from typing import Any

from fairprune.fairness.comparing.missing import VALID_SHARE, validity
from fairprune.io.variants import DENSE, Variant
from fairprune.report.quality import compare_quality
from fairprune.report.results import Results
from fairprune.report.rows import VARIANT, Row, field, named

DIFFERENCE = ("difference", "difference_low", "difference_high", "p_value", "p_holm", "q_value")
TESTED = (*DIFFERENCE, "primary", "margin", "sensitivity", "verdict", "reason", "marks", "units")
FIGURE = ("value", "low", "high", "n")
FAIRNESS = (
    *(*VARIANT, "task", "attribution", "metric", "stratum", *FIGURE, "n_invalid"),
    *("validity", "broken", "value_compared", "dense_value", *TESTED, "group"),
)
AGAINST = (
    *(*VARIANT, "against", "task", "attribution", "metric", "stratum"),
    *("value_compared", "against_value", *TESTED, "n", "group"),
)
QUALITY = (
    *(*VARIANT, "task", "metric", *FIGURE, "validity", "broken"),
    *("difference", "difference_low", "difference_high", "p_value", "p_holm", "verdict"),
)


def fairness_rows(results: Results) -> list[Row]:
    """One row a variant × task × attribution × metric × stratum, with its comparison.

    `validity` is the share of inputs with a valid summary under that attribution; `broken` is set
    where it is under 90 %. The columns from `value_compared` on are of the comparison with the
    dense model: both values on the inputs that are valid in both, since leaving out broken
    summaries can flatter. They are empty for the dense model and where no comparison was made.
    Draws put together have rows of their own, of the set `SET-s*`, without figures of their own.
    """
    compared = {_key(row): row for row in map(_placed, results.compared) if row["against"] == DENSE}
    valid = {
        (str(target.variant), target.task, name): _validity(validity(evaluation, name))
        for target, evaluation in results.evaluations.items()
        for name in evaluation.attributions
    }
    rows = []
    for target in results.fairness:
        for metric in field(target, "metrics"):
            row = {
                **named(target.variant),
                "task": target.task,
                **{k: metric.get(k) for k in ("attribution", "metric", "stratum", "n_invalid")},
                **{k: metric.get(k) for k in FIGURE},
                **valid[str(target.variant), target.task, metric["attribution"]],
            }
            rows.append(row | _compared(compared.pop(_key(row), None)))
    for row in compared.values():
        known = valid.get((row["variant"], row["task"], row["attribution"]), _validity(None))
        rows.append({**_alone(row), **known})
    return rows


def against_rows(results: Results) -> list[Row]:
    """One row a variant × other method × task × attribution × metric × stratum."""
    return [
        {**row, **_compared(row), "against_value": row["against_value"]}
        for row in map(_placed, results.compared)
        if row["against"] != DENSE
    ]


def quality_rows(results: Results) -> list[Row]:
    """One row a variant × task × measure of quality, with its comparison where higher is better."""
    comparisons = compare_quality(results)
    rows = []
    for target in results.quality:
        metrics = field(target, "metrics")
        share = next((m["value"] for m in metrics if m["metric"] == "validity"), None)
        rows += [
            {
                **named(target.variant),
                "task": target.task,
                **{k: m.get(k) for k in ("metric", *FIGURE)},
                **_validity(share),
                **comparisons.get((str(target.variant), target.task, m["metric"]), {}),
            }
            for m in metrics
        ]
    return rows


def _validity(share: float | None) -> Row:
    return {"validity": share, "broken": share is not None and share < VALID_SHARE}


def _placed(row: Row) -> Row:
    """A row of a comparison with the columns that name its variant."""
    return {**row, **named(Variant.parse(row["variant"]))}


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in (*VARIANT, "task", "attribution", "metric", "stratum"))


def _compared(row: Row | None) -> Row:
    if row is None:
        return {}
    return {
        "value_compared": row["value"],
        "dense_value": row["against_value"],
        "difference": row["difference"],
        "difference_low": row["low"],
        "difference_high": row["high"],
        **{name: row[name] for name in (*DIFFERENCE[3:], *TESTED[6:], "group")},
    }


def _alone(row: Row) -> Row:
    """A row of the comparison alone: of draws put together, or of a difference without figures."""
    names = (*VARIANT, "task", "attribution", "metric", "stratum")
    return {**{name: row[name] for name in names}, "n": row["n"], **_compared(row)}
