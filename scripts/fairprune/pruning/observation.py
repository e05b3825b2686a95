"""What the layers of a block receive while calibration samples go through it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import torch
from torch import nn

from fairprune.models.layout import observed_inputs
from fairprune.models.walk import Batches, Walk
from fairprune.pruning.sparsegpt import Factor, inverse_factor
from fairprune.statistics.activations import ActivationNorms
from fairprune.statistics.hessians import Hessians
from fairprune.statistics.moments import Moments


class Observed:
    """What the layers of one block receive in a forward pass."""

    def __init__(self, needs: Iterable[str], slot: int) -> None:
        """Accumulate the kinds in `needs`: "activations", "moments", "hessian".

        `slot` is the samples of a slot of the walk.
        """
        kinds: dict[str, Any] = {
            "activations": ActivationNorms,
            "moments": Moments,
            "hessian": lambda: Hessians(slot),
        }
        self._parts = {kind: make() for kind, make in kinds.items() if kind in needs}
        self.leaders: dict[str, str] = {}
        self._factor: tuple[str, Factor] | None = None

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

    def factor(self, layer: str) -> Factor | None:
        """The factor of a layer's input, kept until another input's is asked for."""
        if "hessian" not in self._parts:
            return None
        leader = self.leaders[layer]
        if self._factor is None or self._factor[0] != leader:
            self._factor = None  # free one before the next is made
            self._factor = leader, inverse_factor(self._parts["hessian"].hessian(leader), leader)
        return self._factor[1]

    def order(self, layers: Iterable[str]) -> list[str]:
        """The layers, those of one input together."""
        leaders = list(dict.fromkeys(self.leaders.values()))
        return sorted(layers, key=lambda layer: leaders.index(self.leaders[layer]))


class _SeenAll(Exception):
    """Every input of the block's layers has been seen: what is left of it need not be run."""


def observe(
    walk: Walk,
    index: int,
    block: nn.Module,
    layers: Mapping[str, nn.Linear],
    hidden: Batches,
    needs: Iterable[str],
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
        needs: kinds of statistics, for `Observed`.
        outputs: whether what the block gives is wanted. Where it is not, a batch is left as
            soon as the last layer has received its input (the first batch shows which it is).

    Returns:
        What was seen, and what the block gives (nothing, if that was not wanted).
    """
    observed, out = Observed(needs, walk.slot), []
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
