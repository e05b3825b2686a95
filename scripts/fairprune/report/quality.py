"""Quality against the dense model, by the same tests as fairness."""

from itertools import groupby
from typing import Any

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness import inference
from fairprune.fairness.figures import number
from fairprune.fairness.permutation import holm, mcnemar_p_value, swap_p_values
from fairprune.fairness.shares import Terms
from fairprune.fairness.verdicts import verdict
from fairprune.io.cards import verified
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_json, read_parquet
from fairprune.report.results import Results, Target

HIGHER_IS_BETTER = ("rouge1", "rouge2", "rougeL", "bertscore", "validity")
BINARY = ("validity",)
SEED = 42

Found = dict[str, dict[str, Any]]


def compare_quality(results: Results, margin: float) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every variant's quality against its dense model, paired over the inputs.

    Bootstrap interval, permutation test (validity: exact binomial), Holm correction over the
    variants of one model, task and measure, and the verdicts of fairness with the sign turned,
    since here higher is better.

    Returns:
        (variant, task, metric) → `difference, difference_low, difference_high, p_value, p_holm,
        verdict`. Left out: targets without a table per input, tasks without a dense model.
    """
    targets = [t for t in results.quality if t.path.with_suffix(".parquet").is_file()]
    found = {}
    for _, group in groupby(sorted(targets, key=_place), key=_place):
        members = list(group)
        dense = next((t for t in members if t.variant.dense), None)
        if dense is None:
            continue
        known = {row["id"]: row for row in _rows(dense)}
        units = _units(results, dense, list(known))
        counts = inference.resample_counts(units, derive_seed(SEED, "bootstrap", *known))
        compared = {
            (str(target.variant), target.task): _compare(target, known, units, counts)
            for target in members
            if not target.variant.dense
        }
        found |= _judged(compared, margin)
    return found


def _place(target: Target) -> tuple[str, str]:
    return target.variant.model, target.task


def _compare(
    target: Target, first: dict[str, dict[str, Any]], units: np.ndarray, counts: np.ndarray
) -> Found:
    """Difference, interval and p of every measure; `first`: the dense model's rows by id."""
    second = {row["id"]: row for row in _rows(target)}
    if first.keys() != second.keys():
        raise FairpruneError(
            f"{target.path} and the dense model's are about different inputs: evaluate both on "
            "the same"
        )
    pairs = {}
    for name in HIGHER_IS_BETTER:
        before, after = (
            np.array([rows[i].get(name) for i in first], dtype=float) for rows in (first, second)
        )
        both = ~(np.isnan(before) | np.isnan(after))
        if both.any():
            pairs[name] = [Terms.of(np.where(both, v, np.nan)) for v in (before, after)]
    if not pairs:
        return {}
    p_values = swap_p_values([tuple(p) for p in pairs.values()], units, derive_seed(SEED, "swap"))
    return {
        name: _figures(name, *terms, units, counts, p)
        for (name, terms), p in zip(pairs.items(), p_values, strict=True)
    }


def _figures(
    name: str, first: Terms, second: Terms, units: np.ndarray, counts: np.ndarray, p_value: float
) -> dict[str, Any]:
    used = inference.counted(first)
    low, high = inference.percentile_interval(second.value(counts) - first.value(counts))
    if not inference.enough_units(used, units):
        low = high = np.nan
    if name in BINARY and len(np.unique(units[used])) == used.sum():
        p_value = mcnemar_p_value(first.numerator[used, 0], second.numerator[used, 0])
    names = ("difference", "difference_low", "difference_high", "p_value")
    values = (second.value() - first.value(), low, high, p_value)
    return dict(zip(names, (number(float(v)) for v in values), strict=True))


def _judged(compared: dict[tuple[str, str], Found], margin: float) -> dict[tuple, dict[str, Any]]:
    judged = {}
    for metric in HIGHER_IS_BETTER:
        having = [key for key, found in compared.items() if metric in found]
        corrected = holm([compared[key][metric]["p_value"] for key in having])
        for key, p_holm in zip(having, corrected, strict=True):
            row = compared[key][metric]
            low, high = row["difference_low"], row["difference_high"]
            turned = (None if high is None else -high, None if low is None else -low)
            word = verdict(-row["difference"], turned, p_holm, margin)
            judged[(*key, metric)] = {**row, "p_holm": p_holm, "verdict": word}
    return judged


def _rows(target: Target) -> list[dict[str, Any]]:
    verified(target.path)
    return read_parquet(target.path.with_suffix(".parquet"))


def _units(results: Results, dense: Target, ids: list[str]) -> np.ndarray:
    """The unit of resampling of each input, as the fairness file has it; else each is its own."""
    path = results.folder / "fairness" / str(dense.variant) / f"{dense.task}.json"
    known = {}
    if path.is_file():
        known = {
            entry["id"]: entry["unit"] for entry in read_json(verified(path)).get("inputs", [])
        }
    if set(ids) <= known.keys():
        return np.unique([known[i] for i in ids], return_inverse=True)[1]
    return np.arange(len(ids))
