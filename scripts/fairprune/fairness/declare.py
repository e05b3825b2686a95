"""How an attribution or a metric declares itself: one file each, found by its name.

Declarations are read without torch; files import it inside their functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairprune.fairness.inputs import Attributed
from fairprune.fairness.shares import Shares, Terms
from fairprune.pruning.options import Option
from fairprune.registry import Registry


@dataclass(frozen=True)
class Context:
    """What an attribution may use beside the inputs themselves.

    `groups`: every group of the task, sorted. `train`: (opinion, group) pairs from outside the
    evaluated inputs, each pair once. `device`: `auto`, `cpu` or `cuda`, for those with a model.
    """

    groups: tuple[str, ...]
    train: tuple[tuple[str, str], ...] = ()
    device: str = "auto"


@dataclass(frozen=True)
class Attributions:
    """What an attribution found: one entry an item, and figures about itself (its accuracy)."""

    rows: list[Attributed]
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Attribution:
    """A declared attribution: `find(items, context, **options)` gives its `Attributions`."""

    name: str
    find: Callable[..., Attributions]
    options: Mapping[str, Option]
    needs: frozenset[str]
    gives: frozenset[str]
    source: str


@dataclass(frozen=True)
class Metric:
    """A declared metric: `terms(shares, **options)`; `needs` is `shares` or `coverage`.

    `signed`: nearer 0 is fairer, and the sign says whom it favours. `binary`: 0 or 1 per input.
    """

    name: str
    terms: Callable[..., Terms]
    options: Mapping[str, Option]
    needs: str
    signed: bool
    binary: bool
    source: str


ATTRIBUTIONS: Registry[Attribution] = Registry("attribution", "fairprune.fairness.attribution")
_METRICS: Registry[Metric] = Registry("metric", "fairprune.fairness.metrics")


def attribution(
    name: str,
    *,
    source: str,
    needs: Sequence[str] = (),
    gives: Sequence[str] = ("shares",),
    options: Mapping[str, Option] | None = None,
) -> Callable[[Callable[..., Attributions]], Callable[..., Attributions]]:
    """Register the function below as the attribution `name`.

    `needs`: of `train`, `model`; `gives`: of `shares` (p and q), `coverage` (per opinion).
    """

    def register(find: Callable[..., Attributions]) -> Callable[..., Attributions]:
        entry = Attribution(
            name, find, dict(options or {}), frozenset(needs), frozenset(gives), source
        )
        ATTRIBUTIONS.register(name, entry)
        return find

    return register


def metric(
    name: str,
    *,
    source: str,
    needs: str = "shares",
    options: Mapping[str, Option] | None = None,
    signed: bool = False,
    binary: bool = False,
) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
    """Register the function below, `(shares, **options) -> Terms`, as the metric `name`."""

    def register(terms: Callable[[Shares], Terms]) -> Callable[[Shares], Terms]:
        entry = Metric(name, terms, dict(options or {}), needs, signed, binary, source)
        _METRICS.register(name.replace("_", "-"), entry)
        return terms

    return register


def metric_names() -> list[str]:
    """The names of all metrics, sorted."""
    return [name.replace("-", "_") for name in _METRICS.names()]


def find_metric(name: str) -> Metric:
    """The metric called `name` (`equal_coverage`).

    Raises:
        FairpruneError: no such metric; the nearest one and the whole list are given.
    """
    return _METRICS.get(name.replace("_", "-"))
