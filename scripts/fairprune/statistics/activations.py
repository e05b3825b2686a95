"""Activation norms: how strongly a layer's inputs are used (Wanda, arXiv:2306.11695)."""

from collections import defaultdict
from collections.abc import Callable

import torch

from fairprune.models.layout import find_layers, observed_inputs
from fairprune.models.walk import Walk
from fairprune.statistics.sums import SlotSum


class ActivationNorms:
    """`a_j = sqrt((1/N) Σ_s Σ_t X_s[t,j]²)`, divided by samples, not by tokens; float32."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.sums: defaultdict[str, SlotSum] = defaultdict(SlotSum)

    def add(self, name: str, x: torch.Tensor) -> None:
        """Take one batch of inputs, samples × tokens × in."""
        self.sums[name].add(x.float().square().sum((0, 1)), x.shape[0])

    def norms(self) -> dict[str, torch.Tensor]:
        """Input's name → `a`, of length in."""
        totals = {name: total.total() for name, total in self.sums.items()}
        return {name: (squares / samples).sqrt() for name, (squares, samples) in totals.items()}


def dense_activations(
    walk: Walk, progress: Callable[[], object] = lambda: None
) -> dict[str, torch.Tensor]:
    """Activation norms of every layer of the unpruned model, on the host.

    Args:
        walk: the calibration samples' walk, not yet begun.
        progress: called after every block.

    Returns:
        Layer path → `a`, float32, of length in; layers that share an input have equal norms.
    """
    found: dict[str, torch.Tensor] = {}
    hidden = walk.embed()
    for index, name in enumerate(walk.names):
        statistics = ActivationNorms()
        with walk.block(index) as block:
            layers = find_layers(name, block)
            with observed_inputs(block, layers, statistics.add) as leaders:
                walk.run(index, block, hidden, replace=True)
        norms = {leader: norm.cpu() for leader, norm in statistics.norms().items()}
        found |= {layer: norms[leaders[layer]].clone() for layer in layers}
        progress()
    return found
