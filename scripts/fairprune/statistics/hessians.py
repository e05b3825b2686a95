"""Hessians of a layer's squared output error (SparseGPT, arXiv:2301.00774)."""

from collections import defaultdict

import torch

from fairprune.statistics.products import float32_product
from fairprune.statistics.sums import SlotSum

STRIP = 512


class Hessians:
    """`H = (2/N) Σ_s X_sᵀ X_s`, in × in, float32."""

    def __init__(self, slot: int | None = None) -> None:
        """Nothing seen yet; `slot` is the samples of a slot (see `SlotSum`), a walk's own.

        Several processes hold a matrix for every slot until the sum is asked for.
        """
        self.sums: defaultdict[str, SlotSum] = defaultdict(lambda: SlotSum(slot))

    def add(self, name: str, x: torch.Tensor) -> None:
        """Take one batch of inputs, samples × tokens × in."""
        width = x.shape[-1]
        rows = x.reshape(-1, width)
        part = self.sums[name].part((width, width), x.device)
        # The matrix is symmetric: only the strips right of the diagonal are multiplied.
        for start in range(0, width, STRIP):
            stop = min(start + STRIP, width)
            part[start:stop, start:] += float32_product(rows[:, start:stop].T, rows[:, start:])
        self.sums[name].count(x.shape[0])

    def hessian(self, name: str) -> torch.Tensor:
        """The Hessian of one input, handed over: it is not held here any longer."""
        upper, samples = self.sums.pop(name).total()
        upper = upper.triu_().mul_(2 / samples)
        return upper.add_(upper.triu(1).T)
