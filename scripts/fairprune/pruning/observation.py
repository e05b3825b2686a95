"""What the layers of a block receive while calibration samples go through it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import nn

from fairprune.models.layout import observed_inputs
from fairprune.models.walk import Batches, Walk
from fairprune.pruning.declare import REFINEMENTS, SCORES
from fairprune.pruning.resolved import Method
from fairprune.statistics.activations import ActivationNorms
from fairprune.statistics.grams import Grams
from fairprune.statistics.moments import Moments


@dataclass(frozen=True)
class Wanted:
    """What is to be seen of each input.

    Attributes:
        kinds: of "activations", "moments", "gram".
        prepare: what is made of an input's Gram matrix, see `declare.Score`.
        keep_gram: whether the matrix itself is wanted, too.
    """

    kinds: frozenset[str]
    prepare: Callable[[torch.Tensor, int, str], Any] | None = None
    keep_gram: bool = False

    def also(self, kind: str) -> "Wanted":
        """The same and another kind."""
        return replace(self, kinds=self.kinds | {kind})


def wanted_by(method: Method) -> Wanted:
    """What a method wants to see."""
    score = SCORES.get(method.score)
    refined = REFINEMENTS.get(method.refinement).needs if method.refinement else frozenset()
    prepare = score.prepare and partial(score.prepare, **method.score_options)
    return Wanted(method.needs, prepare, prepare is None or "gram" in refined)


class Observed:
    """What the layers of one block receive in a forward pass."""

    def __init__(self, wanted: Wanted, slot: int) -> None:
        """Nothing seen yet; `slot` is the samples of a slot of the walk."""
        kinds: dict[str, Any] = {
            "activations": ActivationNorms,
            "moments": Moments,
            "gram": lambda: Grams(slot),
        }
        self._wanted = wanted
        self._parts = {kind: make() for kind, make in kinds.items() if kind in wanted.kinds}
        self.leaders: dict[str, str] = {}
        self._of_gram: tuple[str, torch.Tensor | None, Any] | None = None

    def add(self, name: str, x: torch.Tensor) -> None:
        """Take one batch of inputs, samples × tokens × in."""
        for part in self._parts.values():
            part.add(name, x)

    def finish(self) -> "Observed":
        """Put the sums together."""
        self._norms = self._parts["activations"].norms() if "activations" in self._parts else {}
        self._moments = self._parts["moments"].moments() if "moments" in self._parts else {}
        return self

    def norm(self, layer: str) -> torch.Tensor | None:
        """The activation norm of a layer's input."""
        return self._norms.get(self.leaders[layer])

    def moments(self, layer: str) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Mean and variance of a layer's input."""
        return self._moments.get(self.leaders[layer], (None, None))

    def gram(self, layer: str) -> torch.Tensor | None:
        """The Gram matrix of a layer's input, if it is to be kept."""
        return self._shared(self.leaders[layer])[0]

    def prepared(self, layer: str) -> Any:
        """What the score made of that matrix."""
        return self._shared(self.leaders[layer])[1]

    def _shared(self, leader: str) -> tuple[torch.Tensor | None, Any]:
        """What is made of an input's Gram matrix, held until another input's is asked for."""
        if "gram" not in self._parts:
            return None, None
        if self._of_gram is None or self._of_gram[0] != leader:
            self._of_gram = None  # free one before the next is made
            gram, samples = self._parts["gram"].gram(leader)
            kept = gram
            prepared = None
            if self._wanted.prepare:
                kept = gram.clone() if self._wanted.keep_gram else None
                prepared = self._wanted.prepare(gram, samples, leader)
            self._of_gram = leader, kept, prepared
        return self._of_gram[1:]

    def groups(self, layers: Iterable[str]) -> list[list[str]]:
        """The layers, those of one input together."""
        found: dict[str, list[str]] = {leader: [] for leader in self.leaders.values()}
        for layer in layers:
            found[self.leaders[layer]].append(layer)
        return [group for group in found.values() if group]


class _SeenAll(Exception):
    """Every input of the block's layers has been seen: what is left of it need not be run."""


def observe(
    walk: Walk,
    index: int,
    block: nn.Module,
    layers: Mapping[str, nn.Linear],
    hidden: Batches,
    wanted: Wanted,
    *,
    outputs: bool = False,
) -> tuple[Observed, Batches]:
    """Run a block as it is, to see what its layers receive.

    Args:
        walk: the samples' walk.
        index: the block's number.
        block: the block, on the device.
        layers: its layers.
        hidden: what the block receives.
        wanted: what is to be seen.
        outputs: whether what the block gives is wanted. Where it is not, a batch is left as
            soon as the last layer has received its input (the first batch shows which it is).

    Returns:
        What was seen, and what the block gives (nothing, if that was not wanted).
    """
    observed, out = Observed(wanted, walk.slot), []
    inputs = expected = 0

    def on_input(name: str, x: torch.Tensor) -> None:
        nonlocal inputs
        inputs += 1
        observed.add(name, x)
        if inputs == expected and not outputs:
            raise _SeenAll

    with observed_inputs(block, layers, on_input) as leaders, torch.no_grad():
        for number, x in enumerate(walk.staged(hidden)):
            inputs = 0
            with suppress(_SeenAll):
                y = walk.call(index, block, number, x)
                expected = inputs
            if outputs:
                out.append(walk.keep(y))
    observed.leaders = dict(leaders)
    return observed.finish(), out
