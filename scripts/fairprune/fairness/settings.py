"""Attributions and metrics with their options, resolved before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairprune.errors import FairpruneError, unknown
from fairprune.fairness.declare import (
    ATTRIBUTIONS,
    Attribution,
    Metric,
    find_metric,
    metric_names,
)
from fairprune.pruning.options import read_options


@dataclass(frozen=True)
class Settings:
    """Attributions (in the order given) and all metrics, each with its options' values."""

    attributions: list[tuple[Attribution, dict[str, Any]]]
    metrics: list[tuple[Metric, dict[str, Any]]]

    def chosen(self) -> dict[str, Any]:
        """Every option's value, as `PART.NAME`."""
        every: list[tuple[Attribution | Metric, dict[str, Any]]]
        every = [*self.attributions, *self.metrics]
        return {
            f"{_owner(part)}.{name}": value
            for part, options in every
            for name, value in options.items()
        }


def read_settings(attributions: Sequence[str], options: Mapping[str, Any]) -> Settings:
    """Settings from names and `PART.NAME` options.

    Raises:
        FairpruneError: an unknown attribution or option, a name twice, or an option's value that
            is not allowed.
    """
    if len(set(attributions)) < len(attributions):
        raise FairpruneError("an attribution is named twice in --attribution")
    methods = [ATTRIBUTIONS.get(name) for name in attributions]
    metrics = [find_metric(name) for name in metric_names()]
    every: list[Attribution | Metric] = [*methods, *metrics]
    known = {f"{_owner(part)}.{name}" for part in every for name in part.options}
    for name in options:
        if name not in known:
            raise unknown("option", name, known, " of these attributions and the metrics")

    def of(part: Attribution | Metric) -> dict[str, Any]:
        prefix = f"{_owner(part)}."
        given = {k.removeprefix(prefix): v for k, v in options.items() if k.startswith(prefix)}
        return read_options(given, part.options)

    return Settings([(part, of(part)) for part in methods], [(part, of(part)) for part in metrics])


def _owner(part: Attribution | Metric) -> str:
    """Whose name the part's options carry: an excess has those of its metric."""
    return part.base if isinstance(part, Metric) else part.name


def check_needs(settings: Settings, train: bool) -> None:
    """Raise a FairpruneError where an attribution lacks its model, or opinions to learn from."""
    for method, chosen in settings.attributions:
        if chosen.get("model"):
            continue
        if "model" in method.needs:
            raise FairpruneError(
                f"attribution {method.name!r} needs a model: give --option "
                f"{method.name}.model=FOLDER (or a hub id, with {method.name}.revision=COMMIT)"
            )
        if "train" in method.needs and not train:
            raise FairpruneError(
                f"attribution {method.name!r} learns from labelled opinions: give a file of them "
                f"with --train, or a model with --option {method.name}.model=FOLDER"
            )


def checked_pair(
    pair: Sequence[str] | None, labels: set[str], groups: tuple[str, ...]
) -> tuple[str, str] | None:
    """Groups A and B of SPD; None where they are not named and not two, or not in the inputs.

    Raises:
        FairpruneError: not two different ones, or a label that occurs nowhere.
    """
    if pair is None:
        return (groups[0], groups[1]) if len(groups) == 2 else None
    if len(pair) != 2 or pair[0] == pair[1]:
        raise FairpruneError("--pair: two different groups are expected, as A,B")
    for label in pair:
        if label not in labels:
            raise unknown("group", label, labels, " in --pair")
    return (pair[0], pair[1]) if set(pair) <= set(groups) else None
