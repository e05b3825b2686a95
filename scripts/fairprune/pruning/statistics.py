"""What a score may look at, layer by layer, wherever it comes from."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch

from fairprune.errors import FairpruneError
from fairprune.io.hashing import derive_seed
from fairprune.present import present
from fairprune.pruning.observation import Observed


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
        gram: `XᵀX`, in × in, of the walk.
        prepared: what the score's `prepare` made of it; its `figures` go into the card.
        generator: the layer's own stream of random numbers.
    """

    activation_norm: torch.Tensor | None = None
    walked_norm: torch.Tensor | None = None
    gradient: torch.Tensor | None = None
    mean: torch.Tensor | None = None
    variance: torch.Tensor | None = None
    gram: torch.Tensor | None = None
    prepared: Any = None
    generator: torch.Generator | None = None


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
            norm = present(self.dense)[name].to(device)
        generator = None
        if self.seed is not None:
            generator = torch.Generator().manual_seed(derive_seed(self.seed, "random", name))
        return Statistics(
            activation_norm=norm,
            walked_norm=walked,
            gradient=self._gradient(name, device),
            mean=mean,
            variance=variance,
            gram=observed.gram(name) if observed else None,
            prepared=observed.prepared(name) if observed else None,
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
