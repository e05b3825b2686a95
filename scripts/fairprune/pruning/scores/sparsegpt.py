"""SparseGPT's score; the weights are then solved for in `fairprune.pruning.sparsegpt`."""

from fairprune.pruning.declare import score


@score(
    "sparsegpt",
    needs={"hessian"},
    group="block",
    source="Frantar and Alistarh, ICML 2023 (arXiv:2301.00774)",
)
def sparsegpt(weight, statistics):
    """W² / U_jj², `U` the upper Cholesky factor of the inverse Hessian.

    The error that pruning a weight leaves when the weights to its right make up for it.
    """
    return (weight / statistics.inverse_factor.diagonal()).square()
