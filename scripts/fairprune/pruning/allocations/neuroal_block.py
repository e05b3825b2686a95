"""NeuroAL."""

from fairprune.pruning.allocations._options import RENORMALISE, SAMPLES
from fairprune.pruning.declare import allocation


@allocation(
    "neuroal-block",
    needs={"search"},
    options={"samples": SAMPLES, "renormalise": RENORMALISE},
    source="Cunegatti et al., 2024 (arXiv:2411.07066)",
)
def neuroal_block(model, sparsity, **options):
    """Filled in below."""
    raise NotImplementedError
