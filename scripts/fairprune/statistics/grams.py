"""Gram matrices of layers' inputs: of Hessians (SparseGPT, arXiv:2301.00774), of row errors."""

from collections import defaultdict

import torch

from fairprune.statistics.products import float32_product
from fairprune.statistics.sums import SlotSum

STRIP = 256


class Grams:
    """`G = Σ_s X_sᵀ X_s`, in × in, float32, over all tokens of all samples."""

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
            product = float32_product(rows[:, start:stop].T, rows[:, start:])
            part[start:stop, start:].add_(product)  # `+=` would copy the sum onto itself
        self.sums[name].count(x.shape[0])

    def gram(self, name: str) -> tuple[torch.Tensor, int]:
        """One input's matrix, which is not held here any longer, and the number of samples."""
        upper, samples = self.sums.pop(name).total()
        upper = upper.triu_()
        return upper.add_(upper.triu(1).T), samples
