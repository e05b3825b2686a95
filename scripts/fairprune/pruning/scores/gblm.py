"""GBLM-Pruner: activations and gradients."""

from fairprune.pruning.declare import score
from fairprune.pruning.scores._options import gradient_options, squares_below

EPSILON = 1e-8


@score(
    "gblm",
    needs={"activations", "gradients"},
    options=gradient_options(form="sum", norm="l2", loss="full", forms=("sum", "ratio")),
    caution=squares_below,
    source="Das et al., 2023 (arXiv:2311.04902)",
)
def gblm(weight, statistics, *, form):
    """The activation term |W|·a plus the gradient term |W|·G, or a term over the gradient."""
    activation_term = weight.abs() * statistics.activation_norm
    if form == "sum":
        return activation_term + weight.abs() * statistics.gradient
    return activation_term / (statistics.gradient + EPSILON)
