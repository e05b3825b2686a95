"""ADMM: mask and weights are found together, so that a layer's outputs stay what they were."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from fairprune.errors import FairpruneError
from fairprune.pruning.declare import solver
from fairprune.pruning.options import Option

if TYPE_CHECKING:
    import torch

CHOSEN = 15  # iterations that choose a mask; the further ones keep the last
DAMPING = 0.1


@dataclass(frozen=True)
class System:
    """What is the same for all layers of one input.

    Attributes:
        scale: `d`, the norm of each input over all tokens, of length in.
        inverse: `Q`, of the scaled, damped Gram matrix plus ρ, in × in.
        dead: the inputs that are always 0.
    """

    scale: "torch.Tensor"
    inverse: "torch.Tensor"
    dead: "torch.Tensor"

    @property
    def figures(self) -> "dict[str, torch.Tensor]":
        """What the card says of it."""
        return {"dead_columns": self.dead.sum()}


def _prepare(gram, samples, layer, *, rho, **_):
    import torch

    diagonal = gram.diagonal()
    dead, scale = diagonal == 0, diagonal.sqrt() + 1e-8
    gram.div_(scale).div_(scale[:, None])
    diagonal += DAMPING * diagonal.mean() + rho
    factor, failed = torch.linalg.cholesky_ex(gram)
    if failed or not factor.diagonal().isfinite().all():
        raise FairpruneError(
            f"{layer}: the Gram matrix of its inputs cannot be inverted; look for NaN in them"
        )
    return System(scale, torch.cholesky_inverse(factor), dead)


@solver(
    "admm",
    needs={"gram"},
    group="layer",
    options={
        "rho": Option(1.0, "penalty ρ of weights that leave the mask", low=1e-6, high=1e6),
        "iterations": Option(20, f"of which the first {CHOSEN} choose a mask", low=1, high=10_000),
        "schedule": Option(
            "fixed",
            "share of the weights that the first masks prune: all at once, as in the public code, "
            "or from few on, as in the paper (N:M always goes step by step)",
            choices=("fixed", "cubic"),
        ),
    },
    prepare=_prepare,
    source="Boža, TMLR 2024 (arXiv:2401.02938)",
)
def admm(weights, statistics, shares, pattern, layers, *, rho, iterations, schedule):
    """The weights of a mask whose outputs come closest, mask and weights in turns.

    With V = W·d and G the Gram matrix of the inputs over d, damped: the mask is chosen by
    |V + U|, Z is what it keeps, U ← U + V − Z, and V ← (G + ρ)⁻¹ (G V₀ + ρ (Z − U)), which is
    V₀ + ρ Q (Z − U − V₀): a product an iteration. At the end Z / d are the weights.

    Args:
        weights: of each of the layers that share an input, out × in.
        statistics: `prepared` is a `System`.
        shares: of each layer's weights that go.
        pattern: "unstructured", or "N:M".
        layers: module paths, for errors.
        rho, iterations, schedule: see the options.

    Returns:
        Of each layer the new weight and the mask, both out × in, and how many scores were not
        finite.
    """
    how = {"rho": rho, "iterations": iterations, "schedule": schedule}
    return [
        _in_turns(weight.float(), statistics.prepared, share, pattern, layer, **how)
        for weight, share, layer in zip(weights, shares, layers, strict=True)
    ]


def _in_turns(weight, system, share, pattern, layer, *, rho, iterations, schedule):
    """One layer's new weight and mask, and how many scores were not finite."""
    from fairprune.statistics.products import linear

    start = weight * system.scale
    values, multiplier = start, 0  # V and U
    chosen = min(CHOSEN, iterations)
    for step in range(1, iterations + 1):
        total = values + multiplier
        if step <= chosen:
            part = 1 - (1 - Fraction(step, CHOSEN)) ** 3 if step < chosen else Fraction(1)
            part = Fraction(1) if schedule == "fixed" and pattern == "unstructured" else part
            scores = total.abs().masked_fill_(system.dead, -1)
            mask, strange = _lowest(scores, share, pattern, part, layer)
        multiplier = total * mask
        total -= 2 * multiplier  # Z − U
        values = linear(total - start, system.inverse).mul_(rho).add_(start)
    kept = (values + multiplier).masked_fill_(mask, 0)
    return kept.div_(system.scale), mask, strange


def _lowest(scores: Any, share: Any, pattern: str, part: Fraction, layer: str) -> tuple[Any, int]:
    """The mask of `part` of what is to go in the end, and how many scores were not finite."""
    from math import floor, inf

    from fairprune.pruning.select import row_mask, select

    if pattern == "unstructured":
        chosen = select(scores, Fraction(str(share)) * part, "layer", layer)
        return chosen.mask, chosen.kept_nonfinite
    whole = select(scores, share, "N:M", layer, pattern=pattern)
    if part == 1:
        return whole.mask, whole.kept_nonfinite
    kept, run = map(int, pattern.split(":"))
    number = floor((1 - Fraction(kept, run)) * part * scores.numel())
    others = scores.masked_fill(~whole.mask, inf).view(1, -1)
    return row_mask(others, number).view_as(scores), whole.kept_nonfinite
