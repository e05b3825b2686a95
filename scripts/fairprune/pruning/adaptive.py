"""Wanda's adaptive group: every row gives up an equal share of its scores' sum."""

from collections.abc import Callable

import torch

from fairprune.pruning.partition import sorted_rows

TOLERANCE = 0.001
START, TOP = 0.4, 0.8


def adaptive_mask(
    scores: torch.Tensor, share: float, *, repository: bool = False
) -> tuple[torch.Tensor, float]:
    """Bisect one α for the layer until its sparsity is within 0.001 of the target.

    In each row the lowest scores go whose running sum stays ≤ α · (row sum), and the scores
    equal to the last of them. Where no α in [0, 0.8] fits, the search goes on up to 1.

    Args:
        scores: out × in, float32, not negative; infinite ones are kept and in no sum.
        share: target sparsity of the layer.
        repository: give up at a bracket under 0.001, as the authors' code does.

    Returns:
        The mask, out × in, and α. The last α is taken where none comes close enough.
    """
    ordered = sorted_rows(scores)
    sums = torch.where(ordered.isfinite(), ordered, 0).cumsum(dim=1)
    total = torch.where(scores.isfinite(), scores, 0).sum(dim=1, keepdim=True)

    def last_inside(alpha: float) -> tuple[torch.Tensor, torch.Tensor]:
        inside = torch.searchsorted(sums, total * alpha, right=True)
        value = ordered.gather(1, (inside - 1).clamp(min=0))
        return inside > 0, value

    def sparsity(alpha: float) -> float:
        some, value = last_inside(alpha)
        gone = torch.searchsorted(ordered, value, right=True) * some
        return float(gone.sum()) / scores.numel()

    alpha = _bisect(sparsity, share, 0.001 if repository else 0.0)
    some, value = last_inside(alpha)
    return (scores <= value) & some & scores.isfinite(), alpha


def _bisect(sparsity: Callable[[float], float], share: float, bracket: float) -> float:
    low, high, alpha = 0.0, TOP, START
    while abs((reached := sparsity(alpha)) - share) > TOLERANCE and high - low >= bracket:
        if reached > share:
            high, new = alpha, (alpha + low) / 2
        else:
            low, new = alpha, (alpha + high) / 2
        if new in (low, high):  # the bracket holds no further float
            if high != TOP or bracket:
                break
            high, new = 1.0, (low + 1.0) / 2
        alpha = new
    return alpha
