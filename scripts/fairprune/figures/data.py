"""The tables of a run as rows with numbers, and the rows that one picture is about."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, unknown
from fairprune.fairness.comparing.rules import LEVEL
from fairprune.fairness.declare import find_metric
from fairprune.io.cards import verified
from fairprune.io.table_files import Reading, read_table
from fairprune.io.variants import Variant

Row = dict[str, Any]

TABLES = ("fairness", "quality", "language", "bias", "pruning", "pareto")
NUMBERS = {
    *("value", "low", "high", "difference", "difference_low", "difference_high"),
    *("validity", "stderr", "actual_sparsity", "quality"),
    *("worsening", "worsening_low", "worsening_high", "margin"),
}
USUAL = (LEVEL, "uer")
FAVOURED_SET = "balanced"


@dataclass(frozen=True)
class Choice:
    """What is drawn of a run that measured more.

    Attributes:
        metric: a fairness metric; empty (until `resolved`): the unfair error rate beyond chance, or
            as it is where no attribution has a chance.
        attribution: an attribution; None: `tokens` where it was used, or else the first by name.
        quality: a measure of quality.
        calibration: the calibration set (SET of TASK.SET, or a text) of lines against sparsity.
    """

    metric: str = USUAL[0]
    attribution: str | None = None
    quality: str = "rougeL"
    calibration: str = FAVOURED_SET


def resolved(choice: Choice, tables: dict[str, list[Row]]) -> Choice:
    """The choice with a metric that the run has."""
    known = {row["metric"] for row in tables["fairness"]}
    usual = next((name for name in USUAL if name in known), USUAL[0])
    return replace(choice, metric=choice.metric or usual)


def read_tables(folder: Path) -> dict[str, list[Row]]:
    """The tables that figures are drawn from, each row with its `variant` and its `fraction`.

    That is the share of weights that are pruned, of a compressed model the share of its zeros.

    Raises:
        FairpruneError: a table is missing, or a name in it is no variant's.
    """
    tables = {name: _read(folder / f"{name}.csv") for name in TABLES}
    zeros = _zero_shares(tables["pruning"])
    return {
        name: [row | {"fraction": zeros.get(row["variant"], row["variant"].fraction)} for row in t]
        for name, t in tables.items()
    }


def fairness_rows(rows: list[Row], choice: Choice) -> list[Row]:
    """The rows of the chosen metric and attribution over all inputs together, with a value.

    A signed metric is shown by its distance from 0, so that lower is fairer throughout.

    Raises:
        FairpruneError: the run has no such metric or attribution.
    """
    found = [row for row in chosen_rows(rows, choice) if row["value"] is not None]
    return [unsigned(row) for row in found] if find_metric(choice.metric).signed else found


def chosen_rows(rows: list[Row], choice: Choice) -> list[Row]:
    """The rows of the chosen metric and attribution over all inputs together.

    Raises:
        FairpruneError: the run has no such metric or attribution.
    """
    if not rows:
        return []
    names = sorted({row["attribution"] for row in rows})
    attribution = choice.attribution or ("tokens" if "tokens" in names else names[0])
    if attribution not in names:
        raise unknown("attribution", attribution, names, " in the table of fairness")
    metrics = sorted({row["metric"] for row in rows})
    if choice.metric not in metrics:
        raise unknown("metric", choice.metric, metrics, " in the table of fairness")
    wanted = {"metric": choice.metric, "attribution": attribution, "stratum": "all"}
    return [row for row in rows if wanted.items() <= row.items()]


def quality_rows(rows: list[Row], choice: Choice) -> list[Row]:
    """The rows of the chosen measure; of validity where no input has a reference.

    Raises:
        FairpruneError: there is no such measure.
    """
    known = [row for row in rows if row["value"] is not None]
    names = sorted({row["metric"] for row in rows})
    if rows and choice.quality not in names:
        raise unknown("measure", choice.quality, names, " in the table of quality")
    measured = {row["metric"] for row in known}
    name = choice.quality if choice.quality in measured else "validity"
    return [row for row in known if row["metric"] == name]


def unsigned(row: Row) -> Row:
    """A signed figure by its distance from 0, the interval likewise."""
    low, high = row.get("low"), row.get("high")
    if low is not None and high is not None:
        through = low <= 0 <= high
        low, high = (0.0 if through else min(abs(low), abs(high))), max(abs(low), abs(high))
    return {**row, "value": abs(row["value"]), "low": low, "high": high}


def panels(rows: Iterable[Row], by: str = "task") -> dict[tuple[str, str], list[Row]]:
    """Rows by model and task (or corpus), in the order of their names."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["model"], row[by]), []).append(row)
    return dict(sorted(found.items()))


def of_one_set(rows: list[Row], calibration: str) -> list[Row]:
    """The rows of the dense model, of variants calibrated on nothing, and on one set.

    The set named `calibration` where there is one, or else the one with most rows.
    """
    counts = Counter(row["calibration"] for row in rows if row["calibration"] != "none")
    sets = sorted(counts, key=lambda name: (-counts[name], name))
    named = [name for name in sets if calibration in (name, name.partition(".")[2])]
    kept = {"none", *(named or sets)[:1]}
    return [row for row in rows if row["calibration"] in kept]


def _zero_shares(pruning: list[Row]) -> dict[Variant, float]:
    counts: dict[Variant, list[int]] = {}
    for row in (row for row in pruning if row["variant"].given):
        count = counts.setdefault(row["variant"], [0, 0])
        count[0] += int(row["pruned"])
        count[1] += int(row["weights"])
    return {variant: zeros / weights for variant, (zeros, weights) in counts.items()}


def _read(path: Path) -> list[Row]:
    return [_typed(row, path) for row in read_table(verified(path), Reading(delimiter=",")).rows]


def _typed(row: dict[str, str], path: Path) -> Row:
    try:
        name = "/".join(row[part] for part in ("model", "method", "calibration", "sparsity"))
        numbers = {key: float(row[key]) if row[key] else None for key in NUMBERS & row.keys()}
        variant = Variant.parse(name)
    except (KeyError, ValueError, TypeError):
        raise FairpruneError(f"{path} is no table of build_tables.py: write it again") from None
    return {**row, **numbers, "variant": variant, "broken": row.get("broken") == "true"}
