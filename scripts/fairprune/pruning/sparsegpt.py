"""SparseGPT: prune column by column, the columns to the right make up for each error.

Frantar and Alistarh, ICML 2023 (arXiv:2301.00774). Layers that share an input share its
Hessian and the factor of its inverse. Weights are held transposed, so that a column lies
together in memory, and a column is brought up to date only when its turn comes.
"""

from dataclasses import dataclass
from decimal import Decimal

import torch

from fairprune.errors import FairpruneError
from fairprune.pruning.select import pattern_mask, select

BLOCK = 128
DAMPING, RAISES = 0.01, 5
_RUN = 16  # columns that are brought up to date together


@dataclass(frozen=True)
class Factor:
    """`U`, the upper Cholesky factor of the damped inverse Hessian; dead columns; the damping."""

    upper: torch.Tensor
    dead: torch.Tensor
    damping: float

    @property
    def figures(self) -> dict[str, float]:
        """What the card says of it."""
        return {"damping": self.damping, "dead_columns": int(self.dead.sum())}


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
    hessian.diagonal()[dead] = 1
    # With the order of columns turned round, H = MMᵀ with M upper, and so H⁻¹ = UᵀU, U = M⁻¹.
    # All in place: whoever handed the matrix over may hold it still.
    hessian.copy_(hessian.flip(0, 1))
    diagonal = hessian.diagonal()
    mean, undamped = diagonal.mean(), diagonal.clone()
    for raised in range(RAISES + 1):
        damping = DAMPING * 10**raised
        diagonal.copy_(undamped + damping * mean)
        lower, failed = torch.linalg.cholesky_ex(hessian)
        if not failed and lower.diagonal().isfinite().all():
            identity = hessian.zero_().fill_diagonal_(1)
            inverse = torch.linalg.solve_triangular(lower, identity, upper=False)
            return Factor(inverse.flip(0, 1), dead, damping)
    raise FairpruneError(
        f"{layer}: its Hessian cannot be factored, with a damping of {damping:g} neither; "
        "look for NaN in its inputs, or give more calibration samples"
    )


def solve(
    weight: torch.Tensor,
    factor: Factor,
    share: Decimal | float,
    layer: str,
    pattern: str = "unstructured",
) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Prune a layer and let the kept weights make up for it.

    Args:
        weight: out × in, float32.
        factor: of the layer's input.
        share: of each block of 128 columns, where `pattern` is "unstructured".
        layer: module path, for errors.
        pattern: "N:M" marks the M − N lowest of each run of M columns when it is reached.

    Returns:
        The new weight and the mask, both out × in, and how many scores were not finite.
    """
    run = _RUN if pattern == "unstructured" else int(pattern.split(":")[1])
    block = BLOCK if pattern == "unstructured" else max(run, BLOCK // run * run)
    columns = weight.T.masked_fill(factor.dead[:, None], 0).contiguous()
    masks, strange = torch.empty_like(columns, dtype=torch.bool), 0
    for start in range(0, len(columns), block):
        now, later = slice(start, start + block), slice(start + block, None)
        upper = factor.upper[now, now]
        mask = None
        if pattern == "unstructured":
            scores = (columns[now].T.square() / upper.diagonal().square()).contiguous()
            chosen = select(scores, share, "block", layer)
            mask, strange = chosen.mask.T.contiguous(), strange + chosen.kept_nonfinite
        masks[now], errors = _solve_block(columns[now], upper, mask, run, pattern, layer)
        columns[later].addmm_(factor.upper[now, later].T, errors, alpha=-1)
    return columns.T.contiguous(), masks.T.contiguous(), strange


def _solve_block(
    columns: torch.Tensor,
    upper: torch.Tensor,
    mask: torch.Tensor | None,
    run: int,
    pattern: str,
    layer: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Prune the columns of one block in place; give their mask and errors, columns × out."""
    errors = torch.empty_like(columns)
    masks = torch.empty_like(columns, dtype=torch.bool) if mask is None else mask
    diagonal = upper.diagonal()
    for first in range(0, len(columns), run):
        last = min(first + run, len(columns))
        if first:
            columns[first:last].addmm_(upper[:first, first:last].T, errors[:first], alpha=-1)
        if mask is None:
            scores = columns[first:last].T.square() / diagonal[first:last].square()
            scores = scores.contiguous()
            masks[first:last] = pattern_mask(scores, pattern, layer).T
        for at in range(first, last):
            if at > first:
                columns[at].addmv_(errors[first:at].T, upper[first:at, at], alpha=-1)
            pruned = masks[at]
            torch.mul(columns[at], pruned / diagonal[at], out=errors[at])
            columns[at].masked_fill_(pruned, 0)
    return masks, errors
