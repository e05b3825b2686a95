"""Share a sparsity out over the layers, or rows, of a model."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import torch

from fairprune.models.layout import find_layers
from fairprune.models.whole import Blocks
from fairprune.pruning.block import Share
from fairprune.pruning.declare import ALLOCATIONS
from fairprune.pruning.resolved import Method
from fairprune.pruning.statistics import Evidence

Shapes = list[Mapping[str, tuple[int, int]]]
"""For each block: layer path → (out, in)."""

LOWEST, HIGHEST = 0.01, 0.99


@dataclass(frozen=True)
class Model:
    """What an allocation may look at.

    Attributes:
        blocks: the layers' shapes.
        open: the blocks themselves.
        method: what is being allocated for.
        evidence: dense activations, gradients.
        ids: calibration samples, samples × tokens, where there are any.
    """

    blocks: Shapes
    open: Blocks
    method: Method
    evidence: Evidence
    ids: torch.Tensor | None

    @property
    def layers(self) -> dict[str, tuple[int, int]]:
        """All layers' shapes."""
        return {name: shape for block in self.blocks for name, shape in block.items()}

    def sizes(self) -> list[int]:
        """Weights of each block that can be pruned."""
        return [sum(rows * columns for rows, columns in b.values()) for b in self.blocks]

    @contextmanager
    def weights(self, index: int) -> Iterator[dict[str, torch.Tensor]]:
        """Layer path → weight, out × in, float32, of one block."""
        with self.open.block(index) as block:
            layers = find_layers(self.open.names[index], block)
            yield {name: layer.weight.detach().float() for name, layer in layers.items()}

    def spread(self, shares: list[float]) -> dict[str, float]:
        """One share a block → one a layer."""
        return {n: s for block, s in zip(self.blocks, shares, strict=True) for n in block}


def block_shapes(blocks: Blocks) -> Shapes:
    """For each block: layer path → (out, in), without reading any weight."""
    return [
        {n: (m.out_features, m.in_features) for n, m in find_layers(name, block).items()}
        for name, block in zip(blocks.names, blocks.modules, strict=True)
    ]


def allocate(model: Model) -> tuple[dict[str, Share], dict[str, Any]]:
    """Every layer's target sparsity, and the allocation's own figures."""
    method = model.method
    function = ALLOCATIONS.get(method.allocation).function
    return function(model, method.sparsity, method.part("allocation"))


def clip(
    shares: list[float], sizes: list[int], sparsity: Decimal, renormalise: bool
) -> list[float]:
    """Keep sparsities inside (0, 1), and their mean at the target.

    What is ≤ 0 becomes 0.01, what is ≥ 1 becomes 0.99. Those not clipped are then shifted
    until the mean, weighted by `sizes`, is the target again.
    """
    found = torch.tensor(shares, dtype=torch.float64)
    weights = torch.tensor(sizes, dtype=torch.float64)
    return clipped(found, weights, float(sparsity), renormalise, 0.0, 1.0).tolist()


def clipped(
    shares: torch.Tensor,
    sizes: torch.Tensor,
    mean: float,
    renormalise: bool,
    low: float,
    high: float,
) -> torch.Tensor:
    """As `clip`: what is ≤ `low` becomes 0.01 and what is ≥ `high` 0.99; float64."""
    shares = shares.clone()
    free = torch.ones_like(shares, dtype=torch.bool)
    while True:
        under, over = free & (shares <= low), free & (shares >= high)
        shares[under], shares[over] = LOWEST, HIGHEST
        free &= ~(under | over)
        missing = mean * sizes.sum() - (shares * sizes).sum()
        if not renormalise or not free.any() or abs(missing) < 1e-12 * sizes.sum():
            return (shares * 1e12).round() / 1e12  # 0.45, not 0.44999999999999996
        shares[free] += missing / sizes[free].sum()


def rescaled(values: torch.Tensor) -> torch.Tensor:
    """Values brought to [0, 1]; all 0 where they are equal."""
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 0 else torch.zeros_like(values)


def spread_about(values: torch.Tensor, mean: float, step: float) -> torch.Tensor:
    """Values brought to a span of 2·`step` about a mean."""
    ratios = rescaled(values) * 2 * step
    return ratios - ratios.mean() + mean
