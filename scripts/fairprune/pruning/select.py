"""From scores to masks: one exact selector for every score.

A mask is True where a weight is pruned. Weights are pruned by index, never by comparing with
a threshold alone (SparseGPT's blocks are): of equal scores the ones in lower columns go first.
The value at the cut is found by partition, without sorting; only scores equal to it are then
told apart by index.
"""

import math
from dataclasses import dataclass, replace
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
        group: "row", "layer", "adaptive" or "N:M".
        layer: module path, for errors.
        pattern: "N:M" where the group is that.
        repository: stop bisecting an adaptive layer where the authors' code does.

    Raises:
        FairpruneError: over 1 % of the scores are not finite, or columns that N:M does not
            divide.
    """
    if isinstance(share, torch.Tensor):
        pruned = pruned_per_row(share, scores.shape[1]).to(scores.device).unsqueeze(1)
        return _selected(scores, pruned, layer)
    if group == "row":
        return _selected(scores, count(share, scores.shape[1]), layer)
    if group == "layer":
        chosen = _selected(scores.reshape(1, -1), count(share, scores.numel()), layer)
        return replace(chosen, mask=chosen.mask.view_as(scores))
    alpha, (finite,) = None, _looked_at(_all_finite(scores))
    scores, strange = (scores, 0) if finite else _without_nonfinite(scores, layer)
    if group == "N:M":
        mask = pattern_mask(scores, pattern, layer)
    else:
        mask, alpha = adaptive_mask(scores, float(share), repository=repository)
    return Selection(mask & scores.isfinite() if strange else mask, strange, alpha)


def _selected(scores: torch.Tensor, pruned: int | torch.Tensor, layer: str) -> Selection:
    """Mark the `pruned` lowest of each row; a GPU is waited for once where nothing is odd."""
    mask, excess, cut = _up_to_cut(scores, pruned)
    finite, crowded = _looked_at(_all_finite(scores), (excess > 0).any())
    if not finite:
        scores, strange = _without_nonfinite(scores, layer)
        return Selection(row_mask(scores, pruned) & scores.isfinite(), strange)
    return Selection(_without_excess(mask, scores, cut, excess) if crowded else mask)


def _looked_at(*flags: torch.Tensor) -> list[bool]:
    """What several flags on a device say, waiting for it once."""
    return torch.stack(flags).tolist()


def _all_finite(scores: torch.Tensor) -> torch.Tensor:
    low, high = scores.aminmax()  # NaN spreads into both
    return low.isfinite() & high.isfinite()


def _without_nonfinite(scores: torch.Tensor, layer: str) -> tuple[torch.Tensor, int]:
    """Scores with what is not finite put last, and how many there were."""
    finite = scores.isfinite()
    strange = scores.numel() - int(finite.sum())
    refuse_nonfinite(strange, scores.numel(), layer)
    return scores.masked_fill(~finite, math.inf), strange


def refuse_nonfinite(strange: int, total: int, layer: str) -> None:
    """See that few of a layer's scores are not finite.

    Raises:
        FairpruneError: over 1 % are not.
    """
    if strange > NONFINITE_SHARE * total:
        raise FairpruneError(
            f"{layer}: {strange} of {total} scores are infinite or NaN; look for NaN "
            "in its weights, activations or gradients"
        )


def row_mask(scores: torch.Tensor, pruned: int | torch.Tensor) -> torch.Tensor:
    """Mark the `pruned` lowest of each row; one number, or rows × 1."""
    mask, excess, cut = _up_to_cut(scores, pruned)
    return _without_excess(mask, scores, cut, excess) if (excess > 0).any() else mask


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
    return runs_mask(scores, run, run - kept)


def runs_mask(scores: torch.Tensor, run: int, pruned: int) -> torch.Tensor:
    """Mark the `pruned` lowest of each run of columns; `run` divides their number."""
    runs = scores.reshape(-1, run)
    if run > _PAIRWISE:
        return row_mask(runs, pruned).view_as(scores)
    return lowest_of_runs(runs, pruned).reshape(scores.shape)


def pattern_error(layer: str, columns: int, pattern: str) -> FairpruneError:
    """What to say where N:M does not divide the columns of a layer."""
    run = pattern.split(":")[1]
    return FairpruneError(
        f"{layer} has {columns} columns, no multiple of {run}: pattern {pattern} does not fit "
        "this model; take another pattern, or unstructured"
    )


def _up_to_cut(
    scores: torch.Tensor, pruned: int | torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What is not above each row's `pruned`-th lowest, how many that are too many, the cuts."""
    if isinstance(pruned, torch.Tensor):
        cut = sorted_rows(scores).gather(1, (pruned - 1).clamp(min=0))
        cut = cut.masked_fill_(pruned <= 0, -math.inf)
    elif 0 < pruned < scores.shape[1]:
        cut = kth_lowest(scores, pruned)
    else:
        cut = torch.full_like(scores[:, :1], -math.inf if pruned <= 0 else math.inf)
    mask = scores <= cut
    return mask, (marked_per_row(mask) - pruned).squeeze(1), cut


def _without_excess(
    mask: torch.Tensor, scores: torch.Tensor, cut: torch.Tensor, excess: torch.Tensor
) -> torch.Tensor:
    """The mask with the last of the scores equal to the cut left out, `excess` in each row."""
    crowded = (excess > 0).nonzero().squeeze(1)
    at, column = (scores[crowded] == cut[crowded]).nonzero().unbind(1)  # in row order
    equal = torch.bincount(at, minlength=len(crowded))
    from_end = equal.cumsum(0)[at] - torch.arange(len(at), device=at.device)
    spare = from_end <= excess[crowded][at]
    mask[crowded[at[spare]], column[spare]] = False
    return mask
