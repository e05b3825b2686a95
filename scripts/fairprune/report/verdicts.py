"""Verdicts on quality, and the sentences of the first screen."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from math import hypot
from typing import Any

from fairprune.fairness.comparisons import verdict

Row = dict[str, Any]
KEPT = ("equivalent", "better")


def compare_quality(rows: list[Row], margin: float) -> list[Row]:
    """Quality rows with their difference from the dense model of the same model and task.

    The interval of the difference is made from the two intervals as if the models had summarised
    different inputs (Zou & Donner 2008): wider than a paired one, so a verdict errs towards
    `undecided`. Worse or better: it excludes 0. Rows of the dense model stay as they are.
    """
    known = {(r["model"], r["task"], r["metric"]): r for r in rows if r["method"] == "dense"}
    return [{**row, **_difference(row, known, margin)} for row in rows]


def _difference(row: Row, known: Mapping[tuple, Row], margin: float) -> Row:
    dense = known.get((row["model"], row["task"], row["metric"]))
    if dense is None or row["method"] == "dense" or None in (row["value"], dense["value"]):
        return {}
    difference = row["value"] - dense["value"]
    if None in (row["low"], row["high"], dense["low"], dense["high"]):
        return {"difference": difference, "verdict": "undecided"}
    low = difference - hypot(row["value"] - row["low"], dense["high"] - dense["value"])
    high = difference + hypot(row["high"] - row["value"], dense["value"] - dense["low"])
    excludes = 0.0 if low > 0 or high < 0 else 1.0
    # verdict() is about unfairness, where lower is better; quality is the other way round.
    word = verdict(-difference, (-high, -low), excludes, margin)
    return {
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "verdict": word,
    }


def sentences(
    fairness: Iterable[Row], quality: Iterable[Row], names: Mapping[str, str]
) -> list[Row]:
    """The answer in words: one sentence a model, task, attribution and metric, over all inputs.

    Args:
        fairness: rows of the fairness table.
        quality: rows of one measure of quality, from `compare_quality`.
        names: metric → short name; and `quality` → that measure's label, where there is one.
    """
    kept_quality = {
        (r["task"], _variant(r)) for r in quality if r.get("verdict") in KEPT and not r["broken"]
    }

    def key(row: Row) -> tuple:
        return row["model"], row["task"], row["attribution"], row["metric"]

    compared = [r for r in fairness if r.get("verdict") and r["stratum"] == "all"]
    return [
        dict(zip(("model", "task", "attribution", "metric"), k, strict=True))
        | {"text": _sentence(k, list(rows), kept_quality, names)}
        for k, rows in groupby(sorted(compared, key=key), key=key)
    ]


def _sentence(key: tuple, rows: list[Row], kept_quality: set[tuple], names: Mapping) -> str:
    model, task, attribution, metric = key
    sound = [r for r in rows if not r["broken"]]
    kept = [r for r in sound if r["verdict"] in KEPT]
    worse = [r for r in sound if r["verdict"] == "worse"]
    undecided = len(sound) - len(kept) - len(worse)
    parts = [
        f"{model} on {task} ({names[metric]}, {attribution}): of {_count(len(rows), 'variant')} "
        f"{len(kept)} {_verb(kept, 'keeps', 'keep')} the dense model's fairness, "
        f"{len(worse)} {_verb(worse, 'is', 'are')} worse, {undecided} undecided"
    ]
    if broken := len(rows) - len(sound):
        parts.append(
            f"{_count(broken, 'variant')} {'writes' if broken == 1 else 'write'} too much broken "
            "text to be judged"
        )
    both = [r for r in kept if (r["task"], _variant(r)) in kept_quality]
    if "quality" in names:
        parts.append(_furthest(both, f"fairness and {names['quality']}"))
    else:
        parts.append(_furthest(kept, "fairness"))
    return "; ".join(parts) + "."


def _furthest(rows: list[Row], what: str) -> str:
    if not rows:
        return f"none keeps {what}"
    most = max(rows, key=lambda r: _fraction(r["sparsity"]))
    calibration = "" if most["calibration"] == "none" else f" with {most['calibration']}"
    return f"the sparsest that keeps {what}: {most['method']}{calibration} at {most['sparsity']}"


def _fraction(sparsity: str) -> float:
    from fairprune.io.variants import Variant

    return Variant("", "", "", sparsity).fraction


def _variant(row: Row) -> tuple:
    return row["model"], row["method"], row["calibration"], row["sparsity"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _verb(rows: list, one: str, many: str) -> str:
    return one if len(rows) == 1 else many
