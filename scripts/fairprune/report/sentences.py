"""The answer in words: the sentences of the first screen."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from fairprune.io.variants import Variant

Row = dict[str, Any]
KEPT = ("equivalent", "better")


def sentences(
    fairness: Iterable[Row], quality: Iterable[Row], names: Mapping[str, str]
) -> list[Row]:
    """The answer in words: one sentence a model, task, attribution and metric, over all inputs.

    Args:
        fairness: rows of the fairness table.
        quality: rows of the quality table, of one measure.
        names: metric → short name; and `quality` → that measure's label, where there is one.
    """
    judged = [r for r in quality if r.get("verdict")]
    with_quality = {(r["model"], r["task"]) for r in judged}
    kept_quality = {
        (r["task"], _variant(r)) for r in judged if r["verdict"] in KEPT and not r["broken"]
    }

    def key(row: Row) -> tuple:
        return row["model"], row["task"], row["attribution"], row["metric"]

    compared = [r for r in fairness if r.get("verdict") and r["stratum"] == "all"]
    return [
        dict(zip(("model", "task", "attribution", "metric"), k, strict=True))
        | {"text": _sentence(k, list(rows), kept_quality if k[:2] in with_quality else None, names)}
        for k, rows in groupby(sorted(compared, key=key), key=key)
    ]


def _sentence(
    key: tuple, rows: list[Row], kept_quality: set[tuple] | None, names: Mapping[str, str]
) -> str:
    """`kept_quality`: (task, variant) of those that keep quality; None: a task without it."""
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
    if kept_quality is None:
        parts.append(_furthest(kept, "fairness"))
    else:
        both = [r for r in kept if (r["task"], _variant(r)) in kept_quality]
        parts.append(_furthest(both, f"fairness and {names['quality']}"))
    return "; ".join(parts) + "."


def _furthest(rows: list[Row], what: str) -> str:
    if not rows:
        return f"none keeps {what}"
    most = max(rows, key=lambda r: _fraction(r["sparsity"]))
    calibration = "" if most["calibration"] == "none" else f" with {most['calibration']}"
    also = sum(_fraction(r["sparsity"]) == _fraction(most["sparsity"]) for r in rows) - 1
    return (
        f"the sparsest that keeps {what}: {most['method']}{calibration} at {most['sparsity']}"
        + (f", and {_count(also, 'other')} as sparse" if also else "")
    )


def _fraction(sparsity: str) -> float:
    return Variant("", "", "", sparsity).fraction


def _variant(row: Row) -> tuple:
    return row["model"], row["method"], row["calibration"], row["sparsity"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _verb(rows: list, one: str, many: str) -> str:
    return one if len(rows) == 1 else many
