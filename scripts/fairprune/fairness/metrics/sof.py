"""SOF, second-order fairness: whether it is always the same group that loses."""

import numpy as np

from fairprune.fairness.declare import metric
from fairprune.fairness.shares import Shares, Terms, mean_over_groups
from fairprune.pruning.options import Option

OPTIONS = {
    "form": Option("absolute", "mean deviation of u_k", choices=("absolute", "variance")),
}


def deviations(u: np.ndarray) -> np.ndarray:
    """`u_k − mean u` over the last axis, NaN left out."""
    return u - mean_over_groups(u)[..., None]


def mean_square(sizes: np.ndarray) -> np.ndarray:
    """Mean of squares over the last axis, NaN left out."""
    return mean_over_groups(sizes**2)


def losses(shares: Shares) -> np.ndarray:
    """`max(0, p_k − q_k)`, n × K."""
    return np.maximum(shares.p - shares.q, 0)


def excess(shares: Shares, form: str = "absolute") -> Terms:
    """SOF less what it would be if each `u_k` were its chance with the noise that the u have.

    The chance of a group's loss (`writer`) gives the expected `u_k` of a fair writer; how far the
    u of so many inputs stray from their expectation is seen from the inputs. The expected SOF is
    then the mean of absolute (or squared) normal deviates: of a fair writer the excess is 0.
    """
    if "sof" not in shares.chance:
        return Terms.of(np.full(shares.p.shape, np.nan))
    lost, chance = losses(shares), shares.chance["sof"]
    strayed = shares.settled(deviations(lost - chance))
    groups = lost.shape[1]

    def parts(means: np.ndarray) -> np.ndarray:
        return deviations(means[..., :groups])

    def offset(means: np.ndarray, counts: np.ndarray) -> np.ndarray:
        _, centre, first, second = np.split(means, 4, axis=-1)
        variance = np.maximum(second - first**2, 0) / np.maximum(counts[..., :groups], 1)
        return size(expected_size(deviations(centre), np.sqrt(variance), form))

    size = mean_over_groups
    columns = np.concatenate([lost, chance, strayed, strayed**2], axis=1)
    return Terms.of(
        columns, parts=parts, size=size if form == "absolute" else mean_square, offset=offset
    )


def expected_size(mean: np.ndarray, deviation: np.ndarray, form: str) -> np.ndarray:
    """The expected absolute value, or square, of a normal deviate."""
    from scipy.special import erf

    if form == "variance":
        return mean**2 + deviation**2
    scaled = np.divide(mean, deviation, out=np.zeros_like(mean), where=deviation > 0)
    folded = deviation * np.sqrt(2 / np.pi) * np.exp(-(scaled**2) / 2)
    return np.where(deviation > 0, folded + mean * erf(scaled / np.sqrt(2)), np.abs(mean))


@metric(
    "sof",
    source="Zhang et al., NAACL 2024 (PerspectiveSumm)",
    options=OPTIONS,
    excess=excess,
    points=lambda k: 1 / k,
    verdict=lambda groups, options: groups == 2 and options["form"] == "absolute",
    excess_verdict=lambda groups, options: options["form"] == "absolute",
)
def sof(shares: Shares, form: str = "absolute") -> Terms:
    """Spread over groups of `u_k`, the mean over inputs holding k of `max(0, p_k − q_k)`.

    `(1/K) Σ_k |u_k − mean u|`, or with `form=variance` the squares. Range: ≥ 0, lower is fairer;
    with two groups `|u_1 − u_2| / 2`. Its excess over chance is defined for three groups or more:
    two fair shares are as likely to lose.
    """
    size = mean_over_groups if form == "absolute" else mean_square
    return Terms.of(losses(shares), parts=deviations, size=size)
