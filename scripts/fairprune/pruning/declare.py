"""How a score, an allocation or a refinement declares itself.

Declarations are read by the workflow, which has no torch: method files import torch inside
their functions only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from fairprune.pruning.options import Option
from fairprune.registry import Registry

Need = Literal["activations", "gradients", "hessian", "moments", "search", "weights", "seed"]
Group = Literal["row", "layer", "adaptive", "block"]


def _frozen(options: Mapping[str, Option] | None) -> Mapping[str, Option]:
    return MappingProxyType(dict(options or {}))


@dataclass(frozen=True)
class Score:
    """What a score computes from, and how its scores are compared by default.

    `function(weight, statistics, **options)` takes out × in float32 and gives out × in scores,
    lowest pruned first. `activations` says of which model they are: the one pruned so far
    ("sequential") or the unpruned one ("dense"). Group "block" means that the weights are
    solved for (SparseGPT), not only selected. `caution(options)` says in a few words what is
    known to go wrong with a choice of options, and None of all others.
    """

    name: str
    function: Callable[..., Any]
    needs: frozenset[str]
    group: Group
    activations: Literal["sequential", "dense"]
    options: Mapping[str, Option]
    source: str
    caution: Callable[[Mapping[str, Any]], str | None] = lambda options: None


@dataclass(frozen=True)
class Allocation:
    """How a target sparsity is shared out; `rows`: down to single rows, not only blocks."""

    name: str
    function: Callable[..., Any]
    needs: frozenset[str]
    rows: bool
    options: Mapping[str, Option]
    source: str


@dataclass(frozen=True)
class Refinement:
    """How a row mask is changed afterwards, the count of pruned weights in a row kept."""

    name: str
    function: Callable[..., Any]
    needs: frozenset[str]
    options: Mapping[str, Option] = field(default_factory=dict)
    source: str = ""


SCORES: Registry[Score] = Registry("method", "fairprune.pruning.scores")
ALLOCATIONS: Registry[Allocation] = Registry("allocation", "fairprune.pruning.allocations")
REFINEMENTS: Registry[Refinement] = Registry("refinement", "fairprune.pruning.refinements")


def score(
    name: str,
    *,
    source: str,
    needs: Iterable[Need] = (),
    group: Group = "row",
    activations: Literal["sequential", "dense"] = "sequential",
    options: Mapping[str, Option] | None = None,
    caution: Callable[[Mapping[str, Any]], str | None] = lambda options: None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a score."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        entry = Score(
            name, function, frozenset(needs), group, activations, _frozen(options), source, caution
        )
        SCORES.register(name, entry)
        return function

    return register


def allocation(
    name: str,
    *,
    source: str,
    needs: Iterable[Need] = (),
    rows: bool = False,
    options: Mapping[str, Option] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as an allocation."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        entry = Allocation(name, function, frozenset(needs), rows, _frozen(options), source)
        ALLOCATIONS.register(name, entry)
        return function

    return register


def refinement(
    name: str,
    *,
    source: str,
    needs: Iterable[Need] = (),
    options: Mapping[str, Option] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a refinement."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        entry = Refinement(name, function, frozenset(needs), _frozen(options), source)
        REFINEMENTS.register(name, entry)
        return function

    return register
