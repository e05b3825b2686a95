"""MultiFlow: weight magnitude times how much flows through both of its ends."""

from fairprune.pruning.declare import score


@score("multiflow", needs={"activations"}, source="Farina et al., CVPR 2024 (arXiv:2404.05621)")
def multiflow(weight, statistics):
    """|W| times the mean of |W|·a over the row and over the column that the weight stands in."""
    magnitude = weight.abs()
    flow = magnitude * statistics.activation_norm
    return magnitude * flow.mean(dim=1, keepdim=True) * flow.mean(dim=0, keepdim=True)
