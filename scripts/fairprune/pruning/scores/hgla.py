"""HGLA: High Gradient, Low Activation."""

from fairprune.pruning.declare import score
from fairprune.pruning.scores._options import gradient_options, squares_below

EPSILON = 1e-8


@score(
    "hgla",
    needs={"activations", "gradients"},
    activations="dense",
    options=gradient_options(form="ratio", norm="l2", loss="last_token", forms=("ratio", "sum")),
    caution=squares_below,
    source="Huang et al., EMNLP 2025",
)
def hgla(weight, statistics, *, form):
    """The activation term |W|·a over the gradient, which is first brought to its mean.

    That is the paper's text. In the form `sum` |W| times the scaled gradient is added: what the
    authors' published job computes, with squared gradients and in an adaptive group (preset
    `hgla-repository`), is another method than the text's.
    """
    activation_term = weight.abs() * statistics.activation_norm
    scale = activation_term.mean() / statistics.gradient.mean()
    if form == "sum":
        return activation_term + weight.abs() * (scale * statistics.gradient)
    return activation_term / (scale * statistics.gradient + EPSILON)
