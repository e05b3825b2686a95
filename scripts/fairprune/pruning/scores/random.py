"""Random pruning."""

from fairprune.pruning.declare import score


@score("random", needs={"seed"}, source="control")
def random(weight, statistics):
    """Uniform noise in [0, 1) from the layer's own stream of the seed; out × in."""
    import torch

    noise = torch.rand(weight.shape, generator=statistics.generator)
    return noise.to(weight.device)
