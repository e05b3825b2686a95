"""SparseGPT: what goes by its score; the other weights make up for it."""

from fairprune.pruning.declare import score


def _prepare(gram, samples, layer):
    from fairprune.pruning.factor import inverse_factor

    return inverse_factor(gram.mul_(2 / samples), layer)


def _solve(weights, statistics, shares, pattern, layers):
    from fairprune.pruning.sparsegpt import solve

    return solve(weights, statistics.prepared, shares, layers, pattern)


@score(
    "sparsegpt",
    needs={"gram"},
    group="block",
    prepare=_prepare,
    solve=_solve,
    source="Frantar and Alistarh, ICML 2023 (arXiv:2301.00774)",
)
def sparsegpt(weight, statistics):
    """W² / U_jj², `U` the upper Cholesky factor of the inverse Hessian.

    The error that pruning a weight leaves when the weights to its right make up for it, as they
    do in `fairprune.pruning.sparsegpt`. A column that no input reaches is worth nothing.
    """
    factor = statistics.prepared
    return (weight / factor.upper.diagonal()).square().masked_fill(factor.dead, 0)
