"""NeuroAL, block step: early blocks keep more, by how much is searched."""

from fairprune.pruning.allocations._options import LAMBDA, RENORMALISE, SAMPLES
from fairprune.pruning.declare import allocation


@allocation(
    "neuroal-block",
    needs={"search"},
    options={"lambda": LAMBDA, "samples": SAMPLES, "renormalise": RENORMALISE},
    source="Cunegatti et al., 2024 (arXiv:2411.07066)",
)
def neuroal_block(model, sparsity, options):
    """The λ whose pruned blocks' inputs stay most alike, of a fixed list."""
    from fairprune.pruning.neuroal import Search, block_step

    found = block_step(
        Search(model, options["samples"]),
        sparsity,
        options["renormalise"],
        options["lambda"] or None,
    )
    return model.spread(found.shares), {"lambda": {"block": found.chosen, "row": None}}
