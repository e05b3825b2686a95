"""AlphaPruning: blocks whose spectra are heavier-tailed keep more."""

from fairprune.pruning.allocations._options import RENORMALISE
from fairprune.pruning.declare import allocation
from fairprune.pruning.options import Option


@allocation(
    "alphapruning",
    needs={"weights"},
    options={
        "epsilon": Option(0.3, "largest relative deviation from the mean", low=0.0, high=1.0),
        "window": Option(
            "code",
            "lower bound of the window for the fit: compared as in the public code, or log "
            "with log",
            choices=("code", "log"),
        ),
        "renormalise": RENORMALISE,
    },
    source="Lu et al., NeurIPS 2024 (arXiv:2410.10912)",
)
def alphapruning(model, sparsity, **options):
    """Filled in below."""
    raise NotImplementedError
