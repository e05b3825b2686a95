"""Quality against the dense model, by the same tests as fairness."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness import inference
from fairprune.fairness.comparing.correction import holm
from fairprune.fairness.comparing.evidence import Evidence, Rows, difference_evidence
from fairprune.fairness.comparing.permutation import swap_p_values
from fairprune.fairness.comparing.verdicts import Tested, judge
from fairprune.fairness.declare import Metric
from fairprune.fairness.figures import number
from fairprune.fairness.shares import Terms
from fairprune.io.cards import verified
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_json, read_parquet
from fairprune.report.results import Results, Target

HIGHER_IS_BETTER = ("rouge1", "rouge2", "rougeL", "bertscore", "validity")
BINARY = ("validity",)
SEED = 42
MARGIN = 0.05  # of a measure between 0 and 1

Found = dict[str, dict[str, Any]]


def compare_quality(results: Results) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every variant's quality against its dense model, paired over the inputs.

    Bootstrap interval, permutation test (validity: exact binomial), Holm correction over the
    variants of one model, task and measure, and the verdicts of fairness with the sign turned,
    since here higher is better; `equivalent` within ± `MARGIN`.

    Returns:
        (variant, task, metric) → `difference, difference_low, difference_high, p_value, p_holm,
        verdict`. Left out: targets without a table per input, tasks without a dense model.
    """
    targets = [t for t in results.quality if t.path.with_suffix(".parquet").is_file()]
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
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
        found |= _judged(compared)
    return found


def _place(target: Target) -> tuple[str, str]:
    return target.variant.model, target.task


def _compare(
    target: Target, first: dict[str, dict[str, Any]], units: np.ndarray, counts: np.ndarray
) -> dict[str, Evidence]:
    """The evidence of every measure, as of one where lower is better; `first`: dense, by id."""
    second = {row["id"]: row for row in _rows(target)}
    if first.keys() != second.keys():
        raise FairpruneError(
            f"{target.path} and the dense model's are about different inputs: evaluate both on "
            "the same"
        )
    pairs: dict[str, tuple[Terms, Terms]] = {}
    for name in HIGHER_IS_BETTER:
        before, after = (
            np.array([rows[i].get(name) for i in first], dtype=float) for rows in (first, second)
        )
        both = ~(np.isnan(before) | np.isnan(after))
        if both.any():
            one, other = (Terms.of(-np.where(both, v, np.nan)) for v in (before, after))
            pairs[name] = one, other
    rows = Rows(units, counts, np.zeros(len(units), dtype=bool))
    p_values = swap_p_values(list(pairs.values()), units, derive_seed(SEED, "swap"))
    return {
        name: difference_evidence(_measure(name), *terms, rows, p_value, _ends(terms[1]))
        for (name, terms), p_value in zip(pairs.items(), p_values, strict=True)
    }


def _measure(name: str) -> Metric:
    return Metric(name, lambda values: Terms.of(-values), {}, "", "", binary=name in BINARY)


def _ends(terms: Terms) -> Sequence[Terms]:
    """The measure at its worst and at its best, 0 and 1."""
    return [Terms(-end * terms.denominator, terms.denominator) for end in (0.0, 1.0)]


def _judged(
    compared: dict[tuple[str, str], dict[str, Evidence]],
) -> dict[tuple[str, str, str], dict[str, Any]]:
    judged = {}
    for metric in HIGHER_IS_BETTER:
        having = [key for key, found in compared.items() if metric in found]
        corrected = holm([compared[key][metric].p_value for key in having])
        for key, p_holm in zip(having, corrected, strict=True):
            row = compared[key][metric]
            judged[(*key, metric)] = {
                "difference": _turned(row.difference),
                "difference_low": _turned(row.high),
                "difference_high": _turned(row.low),
                "p_value": row.p_value,
                "p_holm": p_holm,
                "verdict": judge(Tested(row, p_holm, MARGIN, len(having)), None).word,
            }
    return judged


def _turned(value: float | None) -> float | None:
    return None if value is None else number(-value)


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
