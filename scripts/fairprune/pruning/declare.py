"""How a score, an allocation or a refinement declares itself.

Declarations are read by the workflow, which has no torch: method files import torch inside
their functions only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from fairprune.present import present
from fairprune.pruning.options import Option
from fairprune.registry import Registry

Need = Literal["activations", "gradients", "gram", "hidden", "moments", "search", "weights", "seed"]
Group = Literal["row", "layer", "adaptive", "block", "blocks"]


def _frozen(options: Mapping[str, Option] | None) -> Mapping[str, Option]:
    return MappingProxyType(dict(options or {}))


@dataclass(frozen=True)
class Score:
    """What a score computes from, and how its scores are compared by default.

    Attributes:
        name: its name.
        function: `function(weight, statistics, **options)` takes out × in in float32 and gives
            out × in scores, lowest pruned first; of group "blocks", `function(before, after,
            **options)` gives the influence of a block, a value a token. None of a solver.
        needs: kinds of statistics.
        group: "row", "layer", "adaptive"; "block" (runs of 128 columns) and "layer" of a solver
            are the only ones that it knows; "blocks": whole blocks of the model go.
        activations: of the model pruned so far ("sequential") or the unpruned one ("dense").
        options: name → option.
        source: paper or code.
        caution: `caution(options)` says in a few words what is known to go wrong with a choice
            of options; None of all others.
        prepare: `prepare(gram, samples, layer, **options)`: what is made once of an input's Gram
            matrix XᵀX, which it may use up, for all layers that share the input; the statistics
            hold it as `prepared`, and its `figures` go into the card.
        solve: `solve(weights, statistics, shares, pattern, layers, **options)` gives the new
            weight, the mask and how many scores were not finite of each of the layers that share
            an input: kept weights change, too. None of a score whose weights are only selected.
    """

    name: str
    function: Callable[..., Any] | None
    needs: frozenset[str]
    group: Group
    activations: Literal["sequential", "dense"]
    options: Mapping[str, Option]
    source: str
    caution: Callable[[Mapping[str, Any]], str | None] = lambda options: None
    prepare: Callable[..., Any] | None = None
    solve: Callable[..., Any] | None = None

    @property
    def definition(self) -> Callable[..., Any]:
        """The function that the method's file is about."""
        return present(self.function or self.solve)


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
    """How a mask is changed afterwards, the count of pruned weights in a row kept.

    `function(weight, mask, statistics, **options)` gives the new mask. `groups`: the masks that
    it can start from. One that can start from "N:M" takes `run` besides, the number of
    consecutive columns inside which weights may be exchanged. An option `skip` ("mlp",
    "attention") leaves those layers out.
    """

    name: str
    function: Callable[..., Any]
    needs: frozenset[str]
    groups: tuple[str, ...] = ("row",)
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
    prepare: Callable[..., Any] | None = None,
    solve: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a score; see `Score`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        known = frozenset(needs), group, activations, _frozen(options), source
        SCORES.register(name, Score(name, function, *known, caution, prepare, solve))
        return function

    return register


def solver(
    name: str,
    *,
    source: str,
    needs: Iterable[Need],
    group: Group,
    options: Mapping[str, Option] | None = None,
    prepare: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a score that solves for weights alone; see `Score.solve`."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        known = _frozen(options), source
        entry = Score(name, None, frozenset(needs), group, "sequential", *known)
        SCORES.register(name, replace(entry, prepare=prepare, solve=function))
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
    groups: tuple[Literal["row", "N:M"], ...] = ("row",),
    options: Mapping[str, Option] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function below as a refinement."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        entry = Refinement(name, function, frozenset(needs), groups, _frozen(options), source)
        REFINEMENTS.register(name, entry)
        return function

    return register
