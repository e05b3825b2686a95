"""AlphaPruning: blocks whose spectra have heavier tails keep more."""

from fairprune.pruning.allocations._options import RENORMALISE
from fairprune.pruning.declare import allocation
from fairprune.pruning.options import Option


@allocation(
    "alphapruning",
    needs={"weights"},
    options={
        "epsilon": Option(0.3, "largest relative deviation before scaling", low=0.0, high=1.0),
        "window": Option(
            "code",
            "how the fit's lower bound, a logarithm, is compared: with eigenvalues, as in the "
            "public code, or with their logarithms",
            choices=("code", "log"),
        ),
        "renormalise": RENORMALISE,
    },
    source="Lu et al., NeurIPS 2024 (arXiv:2410.10912)",
)
def alphapruning(model, sparsity, options):
    """Blocks' mean power-law exponents, mapped to 1 ± ε and scaled to the target."""
    import torch

    from fairprune.pruning.allocate import clip, rescaled

    exponents = []
    for index in range(len(model.blocks)):
        with model.weights(index) as weights:
            found = [exponent(weight, options["window"]) for weight in weights.values()]
        fitted = [alpha for alpha in found if alpha is not None]
        exponents.append(sum(fitted) / len(fitted) if fitted else None)
    fitted = [alpha for alpha in exponents if alpha is not None] or [0.0]
    mean = sum(fitted) / len(fitted)
    exponents = [mean if alpha is None else alpha for alpha in exponents]
    sizes = torch.tensor(model.sizes(), dtype=torch.float64)
    ratios = rescaled(torch.tensor(exponents, dtype=torch.float64))
    ratios = 1 - options["epsilon"] + 2 * options["epsilon"] * ratios
    shares = ratios * (float(sparsity) * sizes.sum() / (ratios * sizes).sum())
    shares = clip(shares.tolist(), model.sizes(), sparsity, options["renormalise"])
    return model.spread(shares), {"exponents": exponents}


def exponent(weight, window):
    """The power-law exponent of the eigenvalues of `WWᵀ`, or None where no fit is possible.

    The Hill estimator `1 + n/Σ ln(λ_k/λ_min)` over the n eigenvalues from `λ_min` up, with the
    `λ_min` whose fit has the smallest Kolmogorov-Smirnov distance among those in the window
    about the peak of the spectrum.
    """
    import torch

    weight = weight.double()
    gram = weight @ weight.T if weight.shape[0] < weight.shape[1] else weight.T @ weight
    values = torch.linalg.eigvalsh(gram).cpu()  # the fit is thousands of operations on few numbers
    values = values[values > len(values) * torch.finfo(torch.float64).eps * values[-1]]
    if len(values) < 2 or values[0] == values[-1]:
        return None
    logs = values.log10()
    counts = torch.histc(logs, 100, min=float(logs[0]), max=float(logs[-1]))
    width = (logs[-1] - logs[0]) / 100
    peak = logs[0] + width * counts.argmax()
    lowest, highest = (0.95 * 10**peak).log10(), 1.5 * 10**peak
    above = (values if window == "code" else logs) > lowest
    candidates = (above & (values < highest))[:-1].nonzero().flatten().tolist()
    best, fitted = None, None
    for first in candidates:
        tail = values[first:]
        n = len(tail)
        alpha = 1 + n / (tail / tail[0]).log().sum()
        expected = 1 - (tail / tail[0]) ** (1 - alpha)
        distance = (expected - torch.arange(n, device=tail.device) / n).abs().max()
        if best is None or distance < best:
            best, fitted = distance, float(alpha)
    return fitted
