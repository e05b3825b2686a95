"""Wanda: pruning by weights and activations."""

from fairprune.pruning.declare import score


@score("wanda", needs={"activations"}, source="Sun et al., ICLR 2024 (arXiv:2306.11695)")
def wanda(weight, statistics):
    """Weight magnitude times the norm of the input that it multiplies."""
    return weight.abs() * statistics.activation_norm
