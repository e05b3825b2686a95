"""HGLA: High Gradient, Low Activation."""

from fairprune.pruning.declare import score
from fairprune.pruning.scores._options import gradient_options

EPSILON = 1e-8


@score(
    "hgla",
    needs={"activations", "gradients"},
    activations="dense",
    options=gradient_options(
        form="ratio", norm="sum_of_squares", loss="last_token", forms=("ratio", "sum")
    ),
    source="Huang et al., EMNLP 2025",
)
def hgla(weight, statistics, *, form):
    """The activation term |W|·a over the gradient, which is first brought to its mean.

    In the form `sum` (the authors' code by default) |W| times the scaled gradient is added.
    """
    activation_term = weight.abs() * statistics.activation_norm
    scale = activation_term.mean() / statistics.gradient.mean()
    if form == "sum":
        return activation_term + weight.abs() * (scale * statistics.gradient)
    return activation_term / (scale * statistics.gradient + EPSILON)
