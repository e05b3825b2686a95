"""NeuroAL, row step: rows whose readers lose most activation keep more."""

from fairprune.pruning.allocations._options import RENORMALISE, SAMPLES
from fairprune.pruning.declare import allocation


@allocation(
    "neuroal-row",
    needs={"search"},
    rows=True,
    options={"samples": SAMPLES, "renormalise": RENORMALISE},
    source="Cunegatti et al., 2024 (arXiv:2411.07066)",
)
def neuroal_row(model, sparsity, options):
    """Row shares on top of a uniform sparsity."""
    from fairprune.pruning.neuroal import Search, block_step, row_step

    search = Search(model, options["samples"])
    start = block_step(search, sparsity, options["renormalise"], 0.0)
    shares, chosen = row_step(search, start, options["renormalise"])
    return shares, {"lambda": {"block": None, "row": chosen}}
