"""The factor of an inverse Hessian, by which SparseGPT (arXiv:2301.00774) weighs errors."""

from dataclasses import dataclass

import torch

from fairprune.errors import FairpruneError

DAMPING, RAISES = 0.01, 5


@dataclass(frozen=True)
class Factor:
    """`U`, the upper Cholesky factor of the damped inverse Hessian; dead columns; the damping."""

    upper: torch.Tensor
    dead: torch.Tensor
    damping: float

    @property
    def figures(self) -> dict[str, float | torch.Tensor]:
        """What the card says of it."""
        return {"damping": self.damping, "dead_columns": self.dead.sum()}


def inverse_factor(hessian: torch.Tensor, layer: str) -> Factor:
    """Factor the inverse of a Hessian, which is used up.

    Columns that no input reaches are dead: 1 on the diagonal. `damping` times the mean of the
    diagonal is added to it; it is raised tenfold, at most 5 times, where that is not enough.

    Args:
        hessian: in × in, float32.
        layer: module path, for errors.

    Raises:
        FairpruneError: it cannot be factored even so.
    """
    dead = hessian.diagonal() == 0
    hessian.diagonal().masked_fill_(dead, 1)
    # With the order of columns turned round, H = MMᵀ with M upper, and so H⁻¹ = UᵀU, U = M⁻¹.
    # All in place: whoever handed the matrix over may hold it still.
    hessian.copy_(hessian.flip(0, 1))
    diagonal = hessian.diagonal()
    mean, undamped = diagonal.mean(), diagonal.clone()
    for raised in range(RAISES + 1):
        damping = DAMPING * 10**raised
        diagonal.copy_(undamped + damping * mean)
        lower, failed = torch.linalg.cholesky_ex(hessian)
        if ((failed == 0) & lower.diagonal().isfinite().all()).item():  # one wait for a GPU
            identity = hessian.zero_().fill_diagonal_(1)
            inverse = torch.linalg.solve_triangular(lower, identity, upper=False)
            return Factor(inverse.flip(0, 1), dead, damping)
    raise FairpruneError(
        f"{layer}: its Hessian cannot be factored, with a damping of {damping:g} neither; "
        "look for NaN in its inputs, or give more calibration samples"
    )
