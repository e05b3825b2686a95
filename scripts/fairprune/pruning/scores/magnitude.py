"""Magnitude pruning."""

from fairprune.pruning.declare import score


@score("magnitude", group="layer", source="Han et al., NeurIPS 2015 (arXiv:1506.02626)")
def magnitude(weight, statistics):
    """The absolute value of the weight."""
    return weight.abs()
