"""Weights and gradients alone."""

from fairprune.pruning.declare import score
from fairprune.pruning.scores._options import gradient_options

EPSILON = 1e-8


@score(
    "gradient",
    needs={"gradients"},
    options=gradient_options(form="product", norm="l2", loss="full", forms=("product", "ratio")),
    source="Das et al., 2023 (arXiv:2311.04902); Huang et al., EMNLP 2025",
)
def gradient(weight, statistics, *, form):
    """Weight magnitude times the gradient norm, or over it."""
    if form == "product":
        return weight.abs() * statistics.gradient
    return weight.abs() / (statistics.gradient + EPSILON)
