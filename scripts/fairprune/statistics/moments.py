"""Mean and variance of a layer's inputs, as DSnoT uses them (arXiv:2310.08915)."""

from collections import defaultdict

import torch

from fairprune.statistics.sums import SlotSum


class Moments:
    """`m_j = (1/N) Σ_s Σ_t X_s[t,j]` and `var_j`, the samples' mean population variance; float32.

    The mean is over samples of sums over tokens; the variance is within a sample, over tokens.
    """

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.sums: defaultdict[str, SlotSum] = defaultdict(SlotSum)

    def add(self, name: str, x: torch.Tensor) -> None:
        """Take one batch of inputs, samples × tokens × in."""
        x = x.float()
        both = torch.stack((x.sum((0, 1)), x.var(1, correction=0).sum(0)))
        self.sums[name].add(both, x.shape[0])

    def moments(self) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Input's name → (`m`, `var`), each of length in."""
        found = {}
        for name, sums in self.sums.items():
            both, samples = sums.total()
            mean, variance = (both / samples).unbind()
            found[name] = mean, variance
        return found
