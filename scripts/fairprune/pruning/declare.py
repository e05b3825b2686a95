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
    """A declared score; its fields are what `score` and `solver` take and register."""

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
    """A declared allocation; its fields are what `allocation` takes and registers."""

    name: str
    function: Callable[..., Any]
    needs: frozenset[str]
    rows: bool
    options: Mapping[str, Option]
    source: str


@dataclass(frozen=True)
class Refinement:
    """A declared refinement; its fields are what `refinement` takes and registers."""

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
    """Register the function below as a score.

    `function(weight, statistics, **options)` takes out × in in float32 and gives out × in scores,
    lowest pruned first; of group "blocks", `function(before, after, **options)` gives the influence
    of a block, a value a token.

    Args:
        name: its name.
        source: paper or code.
        needs: kinds of statistics.
        group: where scores are compared: "row", "layer", "adaptive"; "block" (runs of 128 columns)
            and "layer" where it solves; "blocks": whole blocks of the model go.
        activations: of the model pruned so far ("sequential") or the unpruned one ("dense").
        options: name → option.
        caution: `caution(options)` says in a few words what is known to go wrong with a choice
            of options; None of all others.
        prepare: as of `solver`.
        solve: the function of a `solver`, where the score can solve, too.
    """

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
    """Register the function below as a score that solves for weights alone.

    `solve(weights, statistics, shares, pattern, layers, **options)` gives of each of the layers
    that share an input the new weight, the mask, and how many scores were not finite.

    Args:
        name: its name.
        source: paper or code.
        needs: kinds of statistics.
        group: where scores are compared: "block" (runs of 128 columns) or "layer".
        options: name → option.
        prepare: `prepare(gram, samples, layer, **options)`: what is made once of an input's Gram
            matrix XᵀX, which it may use up, for all layers that share the input; the statistics
            hold it as `prepared`, and its `figures` go into the card.
    """

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
    """Register the function below as the allocation `name`: how a target sparsity is shared out.

    `function(model, sparsity, options)` gives every layer's share and figures for the card; `model`
    is an `allocate.Model`. `source`: paper or code. `needs`: kinds of statistics. `rows`: it goes
    down to single rows, not only to blocks. `options`: name → option.
    """

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
    """Register the function below as the refinement `name`: how a mask is changed afterwards.

    `function(weight, mask, statistics, **options)` gives the new mask, in each row of which as many
    weights are pruned as before. `source`: paper or code. `needs`: kinds of statistics. `groups`:
    the masks that it can start from; one that can start from "N:M" takes `run` besides, the number
    of consecutive columns inside which weights may be exchanged. `options`: name → option; `skip`
    ("mlp", "attention") leaves those layers out.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        entry = Refinement(name, function, frozenset(needs), groups, _frozen(options), source)
        REFINEMENTS.register(name, entry)
        return function

    return register
