"""From scores to masks: one exact selector for every score.

A mask is True where a weight is pruned. Weights are pruned by index, never by comparing with
a threshold alone (but for SparseGPT's blocks): of equal scores the ones in lower columns go
first. The value at the cut is found by partition, without sorting; only scores equal to it are
then told apart by index.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import torch

from fairprune.errors import FairpruneError
from fairprune.pruning.adaptive import adaptive_mask
from fairprune.pruning.partition import (
    kth_lowest,
    lowest_of_runs,
    marked_per_row,
    sorted_rows,
)

NONFINITE_SHARE = 0.01
ROUNDING = 4 * torch.finfo(torch.float32).eps
_PAIRWISE = 16  # longest run of N:M whose ranks are counted pair by pair


@dataclass(frozen=True)
class Selection:
    """A layer's mask, the number of non-finite scores kept, and α of the adaptive group."""

    mask: torch.Tensor
    kept_nonfinite: int = 0
    alpha: float | None = None


def count(share: Decimal | Fraction | float, total: int) -> int:
    """`floor(share · total)` in exact decimals: 0.29 of 100 is 29.

    A float stands for the shortest decimal that names it.
    """
    return math.floor(Fraction(str(share)) * total)


def select(
    scores: torch.Tensor,
    share: Decimal | Fraction | float | torch.Tensor,
    group: str,
    layer: str,
    *,
    pattern: str = "unstructured",
    repository: bool = False,
) -> Selection:
    """Select what is pruned of one layer.

    Args:
        scores: out × in, float32; non-finite ones are kept, outside all sums and orders.
        share: target sparsity of the layer, or of each row (a vector of length out).
        group: "row", "layer", "adaptive", "N:M" or "block" (SparseGPT's run of columns).
        layer: module path, for errors.
        pattern: "N:M" where the group is that.
        repository: stop bisecting an adaptive layer where the authors' code does.

    Raises:
        FairpruneError: over 1 % of the scores are not finite, or columns that N:M does not
            divide.
    """
    scores, strange = _without_nonfinite(scores, layer)
    alpha = None
    if group == "N:M":
        mask = pattern_mask(scores, pattern, layer)
    elif isinstance(share, torch.Tensor):
        pruned = pruned_per_row(share, scores.shape[1]).to(scores.device)
        mask = rows_mask(scores, pruned)
    elif group == "block":
        mask = block_mask(scores, count(share, scores.numel()))
    elif group == "adaptive":
        mask, alpha = adaptive_mask(scores, float(share), repository=repository)
    elif group == "row":
        mask = row_mask(scores, count(share, scores.shape[1]))
    else:
        mask = row_mask(scores.reshape(1, -1), count(share, scores.numel())).view_as(scores)
    return Selection(mask & scores.isfinite() if strange else mask, strange, alpha)


def _without_nonfinite(scores: torch.Tensor, layer: str) -> tuple[torch.Tensor, int]:
    """Scores with what is not finite put last, and how many there were."""
    low, high = scores.aminmax()  # NaN spreads into both
    if low.isfinite() and high.isfinite():
        return scores, 0
    finite = scores.isfinite()
    strange = scores.numel() - int(finite.sum())
    if strange > NONFINITE_SHARE * scores.numel():
        raise FairpruneError(
            f"{layer}: {strange} of {scores.numel()} scores are infinite or NaN; look for NaN "
            "in its weights, activations or gradients"
        )
    return scores.masked_fill(~finite, math.inf), strange


def row_mask(scores: torch.Tensor, pruned: int) -> torch.Tensor:
    """Mark the `pruned` lowest of each row."""
    if pruned <= 0:
        return torch.zeros_like(scores, dtype=torch.bool)
    if pruned >= scores.shape[1]:
        return torch.ones_like(scores, dtype=torch.bool)
    return _up_to(scores, kth_lowest(scores, pruned), pruned)


def block_mask(scores: torch.Tensor, pruned: int) -> torch.Tensor:
    """Mark the `pruned` lowest, the value at the cut, and all that equal it but for rounding.

    So the public SparseGPT: later columns make up for what goes, and leaving that one weight
    would move the kept ones by over one per cent. Scores that rounding alone tells apart go
    together, or the number of threads would decide.
    """
    cut = kth_lowest(scores.reshape(1, -1), min(pruned + 1, scores.numel()))
    return scores <= cut * (1 + ROUNDING)


def rows_mask(scores: torch.Tensor, pruned: torch.Tensor) -> torch.Tensor:
    """Mark the `pruned[i]` lowest of row `i`."""
    ordered = sorted_rows(scores)
    last = (pruned - 1).clamp(min=0).unsqueeze(1)
    mask = _up_to(scores, ordered.gather(1, last), pruned.unsqueeze(1))
    return mask & (pruned > 0).unsqueeze(1)


def pruned_per_row(shares: torch.Tensor, columns: int) -> torch.Tensor:
    """How many of each row go, where row `i` keeps `floor((1 − shares[i]) · columns)`."""
    kept = (1 - shares.double()) * columns
    return columns - (kept + 1e-9).floor().long()  # the shares are sums of rounded decimals


def pattern_mask(scores: torch.Tensor, pattern: str, layer: str) -> torch.Tensor:
    """Mark the `M − N` lowest of each run of `M` consecutive columns.

    Raises:
        FairpruneError: `M` does not divide the number of columns.
    """
    kept, run = map(int, pattern.split(":"))
    if scores.shape[1] % run:
        raise pattern_error(layer, scores.shape[1], pattern)
    runs = scores.reshape(-1, run)
    if run > _PAIRWISE:
        return row_mask(runs, run - kept).view_as(scores)
    return lowest_of_runs(runs, run - kept).reshape(scores.shape)


def pattern_error(layer: str, columns: int, pattern: str) -> FairpruneError:
    """What to say where N:M does not divide the columns of a layer."""
    run = pattern.split(":")[1]
    return FairpruneError(
        f"{layer} has {columns} columns, no multiple of {run}: pattern {pattern} does not fit "
        "this model; take another pattern, or unstructured"
    )


def _up_to(scores: torch.Tensor, cut: torch.Tensor, pruned: int | torch.Tensor) -> torch.Tensor:
    """Mark all below the cut and, of those equal to it, the first until `pruned` are marked."""
    mask = scores <= cut
    excess = (marked_per_row(mask) - pruned).squeeze(1)
    crowded = (excess > 0).nonzero().squeeze(1)
    if len(crowded):
        at, column = (scores[crowded] == cut[crowded]).nonzero().unbind(1)  # in row order
        equal = torch.bincount(at, minlength=len(crowded))
        from_end = equal.cumsum(0)[at] - torch.arange(len(at), device=at.device)
        spare = from_end <= excess[crowded][at]
        mask[crowded[at[spare]], column[spare]] = False
    return mask
