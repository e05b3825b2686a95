"""Options that all gradient scores share."""

from collections.abc import Mapping
from typing import Any

from fairprune.pruning.options import Option

OF_GRADIENTS = ("gradient_norm", "gradient_dtype", "loss")  # decided before a score is called


def gradient_options(*, form: str, norm: str, loss: str, forms: tuple[str, str]) -> dict[str, Any]:
    """`form`, `gradient_norm` and `loss`, with this score's defaults."""
    return {
        "form": Option(form, "how the terms are put together", choices=forms),
        "gradient_norm": Option(
            norm,
            "how the samples' gradients are put together",
            choices=("l1", "l2", "sum_of_squares"),
        ),
        "gradient_dtype": Option(
            "float32",
            "what gradient norms are rounded to (GBLM-Pruner's code keeps float16)",
            choices=("float32", "float16"),
        ),
        "loss": Option(
            loss,
            "the loss of the gradients: over all tokens, or of the last one",
            choices=("full", "last_token"),
        ),
    }


def squares_below(options: Mapping[str, Any]) -> str | None:
    """A caution for scores |W|·a / G: the sum of squares grows with a², and leaves |W|/a."""
    if options["form"] == "ratio" and options["gradient_norm"] == "sum_of_squares":
        return (
            "score.form=ratio over score.gradient_norm=sum_of_squares drifts to |W|/a, the "
            "opposite of Wanda, and breaks real models; l2 is the published norm"
        )
    return None
