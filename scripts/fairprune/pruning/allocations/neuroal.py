"""NeuroAL, both steps: blocks first, then the rows inside them."""

from fairprune.pruning.allocations._options import LAMBDA, RENORMALISE, SAMPLES
from fairprune.pruning.declare import allocation


@allocation(
    "neuroal",
    needs={"search"},
    rows=True,
    options={"lambda": LAMBDA, "samples": SAMPLES, "renormalise": RENORMALISE},
    source="Cunegatti et al., 2024 (arXiv:2411.07066)",
)
def neuroal(model, sparsity, options):
    """The block step, and the row step on its result."""
    from fairprune.pruning.neuroal import Search, block_step, row_step

    search = Search(model, options["samples"])
    start = block_step(search, sparsity, options["renormalise"], options["lambda"] or None)
    shares, chosen = row_step(search, start, options["renormalise"])
    return shares, {"lambda": {"block": start.chosen, "row": chosen}}
