"""OWL: blocks with more outliers keep more."""

from fairprune.pruning.allocations._options import RENORMALISE
from fairprune.pruning.declare import allocation
from fairprune.pruning.options import Option


@allocation(
    "owl",
    needs={"activations"},
    options={
        "M": Option(5.0, "an outlier is above M times the mean score", low=0.0, high=1e6),
        "lambda": Option(0.08, "largest deviation from the mean sparsity", low=0.0, high=1.0),
        "renormalise": RENORMALISE,
    },
    source="Yin et al., ICML 2024 (arXiv:2310.05175)",
)
def owl(model, sparsity, **options):
    """Filled in below."""
    raise NotImplementedError
