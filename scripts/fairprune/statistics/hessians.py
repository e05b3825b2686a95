"""Hessians of a layer's squared output error (SparseGPT, arXiv:2301.00774)."""

import torch

from fairprune.statistics.products import float32_product

STRIP = 512


class Hessians:
    """`H = (2/N) Σ_s X_sᵀ X_s`, in × in, float32."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.samples: dict[str, int] = {}
        self.sums: dict[str, torch.Tensor] = {}

    def add(self, name: str, x: torch.Tensor) -> None:
        """Take one batch of inputs, samples × tokens × in."""
        width = x.shape[-1]
        if name not in self.sums:
            self.sums[name] = x.new_zeros(width, width, dtype=torch.float32)
        rows = x.reshape(-1, width)
        # The matrix is symmetric: only the strips right of the diagonal are multiplied.
        for start in range(0, width, STRIP):
            stop = min(start + STRIP, width)
            product = float32_product(rows[:, start:stop].T, rows[:, start:])
            self.sums[name][start:stop, start:] += product
        self.samples[name] = self.samples.get(name, 0) + x.shape[0]

    def hessian(self, name: str) -> torch.Tensor:
        """The Hessian of one input, handed over: it is not held here any longer."""
        upper = self.sums.pop(name).triu_()
        upper *= 2 / self.samples[name]
        return upper.add_(upper.triu(1).T)
