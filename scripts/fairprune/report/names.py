"""What figures are called on the page, and which direction is good."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness.declare import find_metric
from fairprune.io.ownership import Target

TABLES = (
    *("fairness", "quality", "language", "bias", "pruning", "costs"),
    *("shares", "instruments", "against"),
    *("overlap", "decomposition", "pareto", "first_difference", "agreement", "annotation"),
)


@dataclass(frozen=True)
class FigureName:
    """A figure by name: its short and long label, its good direction in words.

    `signed`: nearer 0 is better, and the sign means something.
    """

    name: str
    short: str
    label: str
    direction: str
    signed: bool = False


QUALITY = {
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "bertscore": "BERTScore",
    "validity": "validity",
}


def table_targets(folder: Path, _: Any) -> list[Target]:
    """What `build_tables` writes into a folder, each table with its card."""
    return [Target(file, (file,)) for file in (folder / f"{name}.csv" for name in TABLES)]


def fairness_metric(name: str) -> FigureName:
    """A fairness metric by what its own file says: the first sentence, up to its first stop.

    A metric of an older version, whose file is gone, is called by its bare name.
    """
    try:
        metric = find_metric(name)
    except FairpruneError:
        return FigureName(name, name, name, "lower is fairer")
    base = find_metric(metric.base)
    said = import_module(base.terms.__module__).__doc__ or name
    label = said.splitlines()[0].rstrip(".")
    short = label.replace(":", ",").split(",")[0]
    if base.name != name:
        short, label = f"{short} excess", f"{short} excess, beyond what a fair writer would get"
    direction = "nearer 0 is fairer" if metric.signed else "lower is fairer"
    return FigureName(name, short, label, direction, metric.signed)


def quality_metrics(found: set[str]) -> list[FigureName]:
    """The measures of quality among those found, where higher is better, best known first."""
    known = [name for name in QUALITY if name in found]
    return [FigureName(n, QUALITY[n], QUALITY[n], "higher is better") for n in known]
