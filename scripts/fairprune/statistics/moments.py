"""Mean and variance of a layer's inputs, as DSnoT uses them (arXiv:2310.08915)."""

import torch


class Moments:
    """`m_j = (1/N) Σ_s Σ_t X_s[t,j]` and `var_j`, the samples' mean population variance; float32.

    The mean is over samples of sums over tokens; the variance is within a sample, over tokens.
    """

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.samples: dict[str, int] = {}
        self.sums: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def add(self, name: str, x: torch.Tensor) -> None:
        """Take one batch of inputs, samples × tokens × in."""
        x = x.float()
        batch = x.sum((0, 1)), x.var(1, correction=0).sum(0)
        if name in self.sums:
            batch = self.sums[name][0] + batch[0], self.sums[name][1] + batch[1]
        self.sums[name] = batch
        self.samples[name] = self.samples.get(name, 0) + x.shape[0]

    def moments(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Input's name → (`m`, `var`), each of length in."""
        return {
            name: (mean / self.samples[name], variance / self.samples[name])
            for name, (mean, variance) in self.sums.items()
        }
