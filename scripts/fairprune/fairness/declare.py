"""How an attribution or a metric declares itself: one file each, found by its name.

Declarations are read without torch; files import it inside their functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from fairprune.errors import unknown
from fairprune.fairness.attributed import Attributed
from fairprune.fairness.excess import EXCESS, mean_excess
from fairprune.fairness.shares import Shares, Terms, per_input
from fairprune.present import present
from fairprune.pruning.options import Option
from fairprune.registry import Registry
from fairprune.text.languages import ENGLISH


def always(groups: int, options: Mapping[str, Any]) -> bool:
    """Whatever the number of groups and the options."""
    return True


def never(groups: int, options: Mapping[str, Any]) -> bool:
    """For no number of groups."""
    return False


@dataclass(frozen=True)
class Context:
    """What an attribution may use beside the inputs themselves.

    `groups`: every group of the task, sorted. `train`: (opinion, group) pairs from outside the
    evaluated inputs, each pair once. `language`: of the texts, a code of ISO 639. `device`: `auto`,
    `cpu` or `cuda`, for those with a model.
    """

    groups: tuple[str, ...]
    train: tuple[tuple[str, str], ...] = ()
    language: str = ENGLISH
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
    """A declared metric.

    `name`, `source`, `needs` and `options` as `metric` takes them; `terms`: `(shares, **options)`
    gives the metric's terms of each input. `signed`: nearer 0 is fairer, and the sign says whom it
    favours. `binary`: 0 or 1 per input. `each`: its value for single inputs, `(p, q, **options)`,
    where it is a mean of such. `excess`: the terms of the metric less its chance, where it has one.
    `points`: the largest change that a shift of δ share points from one group to others can make,
    as a multiple of δ, for K groups; None where there is none. `rate`: a share of inputs or the
    like, which does not shrink in proportion to an instrument's sensitivity. `verdict`: whether a
    difference of it gets one (`judging`), for K groups and its options; `excess_verdict` the same
    of its excess. `alone`: whether one model has a value of it, or two models only a difference.
    `of_each`: its excess is a mean of values for single inputs.
    """

    name: str
    terms: Callable[..., Terms]
    options: Mapping[str, Option]
    needs: str
    source: str
    signed: bool = False
    binary: bool = False
    each: Callable[..., np.ndarray] | None = None
    excess: Callable[..., Terms] | None = None
    points: Callable[[int], float] | None = None
    rate: bool = False
    verdict: Callable[[int, Mapping[str, Any]], bool] = never
    excess_verdict: Callable[[int, Mapping[str, Any]], bool] = always
    alone: bool = True
    of_each: bool = False

    @property
    def mean(self) -> bool:
        """Whether it is a mean over inputs that gets a verdict: what a primary result can be."""
        return self.signed or (self.base != self.name and self.of_each)

    @property
    def base(self) -> str:
        """The metric that this is the excess of; its own name if it is none."""
        return self.name.removesuffix(EXCESS)

    def defined(self, shares: Shares) -> bool:
        """Whether there is such a metric under the attribution: an excess needs a chance."""
        return self.base == self.name or self.base in shares.chance


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
    """Register the function below, `(items, context, **options) -> Attributions`, as `name`.

    `source`: paper or code. `needs`: of `train`, `model`; `gives`: of `shares` (p and q),
    `coverage` (per opinion). `options`: name → option.
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
    **about: Any,
) -> Callable[[Callable[..., Terms]], Callable[..., Terms]]:
    """Register the function below, `(shares, **options) -> Terms`, as the metric `name`.

    `source`: paper or definition. `needs`: `shares` or `coverage`. `options`: name → option.
    `about`: further fields of `Metric`, from `signed` on. A metric with `each` has an excess over
    chance, too, known as `{name}_excess`.
    """

    def register(terms: Callable[..., Terms]) -> Callable[..., Terms]:
        entry = Metric(name, per_input(terms), dict(options or {}), needs, source, **about)
        if entry.each and not entry.excess:
            entry = replace(entry, excess=partial(mean_excess, name, entry.each), of_each=True)
        if entry.excess:
            entry = replace(entry, excess=per_input(entry.excess))
        _METRICS.register(name.replace("_", "-"), entry)
        return terms

    return register


def metric_names() -> list[str]:
    """The names of all metrics, sorted: those with files, and the excess of those with chance."""
    names = [name.replace("-", "_") for name in _METRICS.names()]
    return sorted([*names, *(name + EXCESS for name in names if find_metric(name).excess)])


def find_metric(name: str) -> Metric:
    """The metric called `name` (`equal_coverage`, `uer_excess`).

    Raises:
        FairpruneError: no such metric; the nearest one and the whole list are given.
    """
    base = name.removesuffix(EXCESS)
    known = base.replace("_", "-")
    entry = _METRICS.get(known) if known in _METRICS.names() else None
    if entry is None or (base != name and not entry.excess):
        raise unknown("metric", name, metric_names())
    return entry if base == name else _excess(entry)


def _excess(entry: Metric) -> Metric:
    """The metric less its chance; its verdict is the one that the metric itself cannot have."""
    return replace(
        entry,
        name=entry.name + EXCESS,
        terms=present(entry.excess),
        excess=None,
        each=None,
        binary=False,
        verdict=entry.excess_verdict,
    )
