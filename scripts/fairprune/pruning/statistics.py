"""What a score may look at, layer by layer, wherever it comes from."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.io.hashing import derive_seed
from fairprune.models.layout import observed_inputs
from fairprune.models.walk import Batches, Walk
from fairprune.pruning.sparsegpt import Factor, inverse_factor
from fairprune.statistics.activations import ActivationNorms
from fairprune.statistics.hessians import Hessians
from fairprune.statistics.moments import Moments


class Tensors(Protocol):
    """Tensors by name, read when asked for."""

    def __getitem__(self, name: str) -> torch.Tensor: ...


@dataclass(frozen=True)
class Statistics:
    """One layer's statistics; None where the method does not need them.

    Attributes:
        activation_norm: `a`, of length in, as the score takes it.
        walked_norm: `a` as it was seen on the way, with all blocks before already pruned.
        gradient: `G`, out × in.
        mean: `m`, of length in.
        variance: of length in.
        factor: SparseGPT's.
        generator: the layer's own stream of random numbers.
    """

    activation_norm: torch.Tensor | None = None
    walked_norm: torch.Tensor | None = None
    gradient: torch.Tensor | None = None
    mean: torch.Tensor | None = None
    variance: torch.Tensor | None = None
    factor: Factor | None = None
    generator: torch.Generator | None = None

    @property
    def inverse_factor(self) -> torch.Tensor:
        """SparseGPT's `U`, in × in."""
        return self.factor.upper


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


@dataclass(frozen=True)
class Evidence:
    """What is the same for all blocks: dense activations, gradients, the seed.

    Attributes:
        dense: layer → `a` of the unpruned model.
        scored_dense: whether the score takes those, and not the ones observed on the way.
        gradients: `NORM.LAYER` → norm.
        norm: "l1", "l2" or "sum_of_squares".
        half: whether the norms are rounded to float16.
        seed: of the random score, where it is used.
    """

    dense: Tensors | None = None
    scored_dense: bool = False
    gradients: Tensors | None = None
    norm: str | None = None
    half: bool = False
    seed: int | None = None

    def layer(self, name: str, device: torch.device, observed: Observed | None) -> Statistics:
        """Everything known of one layer, float32, on `device`."""
        norm = walked = observed.norm(name) if observed else None
        mean, variance = observed.moments(name) if observed else (None, None)
        if self.scored_dense:
            norm = self.dense[name].to(device)
        generator = None
        if self.seed is not None:
            generator = torch.Generator().manual_seed(derive_seed(self.seed, "random", name))
        return Statistics(
            activation_norm=norm,
            walked_norm=walked,
            gradient=self._gradient(name, device),
            mean=mean,
            variance=variance,
            factor=observed.factor(name) if observed else None,
            generator=generator,
        )

    def _gradient(self, name: str, device: torch.device) -> torch.Tensor | None:
        if self.gradients is None:
            return None
        kind = "l1" if self.norm == "l1" else "l2"
        found = self.gradients[f"{kind}.{name}"].to(device, torch.float32)
        if not found.any():
            raise FairpruneError(
                f"{name}: its gradient is zero everywhere; check the calibration set and the "
                "loss that the gradients were made with"
            )
        found = found.square() if self.norm == "sum_of_squares" else found
        return found.half().float() if self.half else found
