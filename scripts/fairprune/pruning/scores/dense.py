"""The unpruned model, as a variant like the others."""

from fairprune.pruning.declare import score


@score("dense", source="control")
def dense(weight, statistics):
    """The same for every weight: nothing is selected by it."""
    import torch

    return torch.ones_like(weight)
