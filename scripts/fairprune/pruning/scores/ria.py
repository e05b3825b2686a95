"""RIA: how much a weight matters to the row and the column that it stands in."""

from fairprune.pruning.declare import score
from fairprune.pruning.options import Option


@score(
    "ria",
    needs={"activations"},
    options={"power": Option(0.5, "of the activation norm", low=0.0, high=10.0)},
    source="Zhang et al., ICLR 2024 (Plug-and-Play)",
)
def ria(weight, statistics, *, power):
    """|W| over the sum of its column, and over that of its row, together times a to a power.

    In a row or column of zeros that term is 0, and so is the score of a weight that nothing
    reaches.
    """
    magnitude, reached = weight.abs(), statistics.activation_norm
    shares = magnitude / _not_zero(magnitude.sum(dim=0, keepdim=True))
    shares += magnitude / _not_zero(magnitude.sum(dim=1, keepdim=True))
    return shares.mul_(reached.pow(power).masked_fill_(reached == 0, 0))


def _not_zero(sums):
    return sums.masked_fill_(sums == 0, 1)
