"""Where the lowest k of a row end, and other order statistics, without sorting.

On a CPU numpy's vectorised partition and comparisons are several times faster than torch's;
on a GPU torch's radix selection is used.
"""

from typing import Any

import numpy as np
import torch

_ROWS = 16  # of N:M at a time: their columns stay in the cache
_FEW, _LONG = 32, 1 << 16  # rows so few and long that they leave most of a GPU idle
_HALF = 1 << 15


def kth_lowest(scores: torch.Tensor, k: int) -> torch.Tensor:
    """The k-th lowest value of each row (k from 1); rows × 1."""
    if scores.device.type == "cpu":
        cut = np.partition(scores.numpy(), k - 1, axis=1)[:, k - 1 : k]
        return torch.from_numpy(np.ascontiguousarray(cut))
    if len(scores) < _FEW and scores.shape[1] > _LONG:
        return torch.stack([kth_of_many(row, k) for row in scores]).unsqueeze(1)
    return scores.kthvalue(k, dim=1, keepdim=True).values


def kth_of_many(values: torch.Tensor, k: int) -> torch.Tensor:
    """The k-th lowest (from 1) of many float32 numbers, exactly, by two histograms of their bits.

    On a GPU a selection has one block of threads a row, so that a single long row leaves the others
    idle. Bits of a float, its sign turned, are in the order of the numbers: the first histogram is
    of their upper half, the second of the lower half of those that share the upper one.
    """
    bits = values.view(torch.int32)
    order = bits ^ ((bits >> 31) & 0x7FFFFFFF)  # as signed numbers
    upper = (order >> 16) + _HALF
    below = _histogram(upper, 2 * _HALF).cumsum(0)
    first = torch.searchsorted(below, k)
    before = torch.where(first > 0, below.take((first - 1).clamp(min=0)), 0)
    lower = order & 0xFFFF
    # The others are spread, too: additions to one and the same bin would wait for each other.
    inside = torch.where(upper == first, lower, lower + 2 * _HALF)
    below = _histogram(inside, 4 * _HALF)[: 2 * _HALF].cumsum(0)
    second = torch.searchsorted(below, k - before)
    found = (((first - _HALF) << 16) | second).to(torch.int32)
    return (found ^ ((found >> 31) & 0x7FFFFFFF)).view(torch.float32)


def _histogram(values: torch.Tensor, bins: int) -> torch.Tensor:
    """How many of the whole numbers 0 … `bins` − 1 there are; none are others.

    `torch.bincount` would wait for a GPU twice, to see how far they go.
    """
    if values.is_cuda:
        return torch.histc(values, bins, 0, bins)
    return torch.bincount(values, minlength=bins)


def sorted_rows(scores: torch.Tensor) -> torch.Tensor:
    """Each row's values in ascending order."""
    if scores.device.type == "cpu":
        return torch.from_numpy(np.sort(scores.numpy(), axis=1))
    return scores.sort(dim=1).values


def marked_per_row(mask: torch.Tensor) -> torch.Tensor:
    """How many are True in each row; rows × 1."""
    if mask.device.type == "cpu":
        marked = mask.numpy().view(np.uint8).sum(axis=1, dtype=np.int64, keepdims=True)
        return torch.from_numpy(marked)
    return mask.sum(dim=1, keepdim=True)


def lowest_of_runs(runs: torch.Tensor, pruned: int) -> torch.Tensor:
    """Mark the `pruned` lowest of each row of a narrow matrix, lower columns first among equals.

    A value's rank is the number of values before it, counted pair by pair of columns.
    """
    if runs.device.type != "cpu":
        columns = runs.T.contiguous()
        ranks = _count_pairs(columns, torch.zeros_like(columns, dtype=torch.uint8))
        return (ranks < pruned).T
    values = runs.numpy()
    mask = np.empty(values.shape, dtype=bool)
    step = max(1, _ROWS * 4096 // runs.shape[1])
    for start in range(0, len(values), step):
        part = np.ascontiguousarray(values[start : start + step].T)
        ranks = _count_pairs(part, np.zeros(part.shape, np.uint8))
        mask[start : start + step] = (ranks < pruned).T
    return torch.from_numpy(mask)


def _count_pairs(columns: Any, ranks: Any) -> Any:
    """Add to `ranks` how many of the other columns come before each, for arrays of any kind."""
    places = list(ranks)  # views: `ranks[right] +=` would copy the sum onto itself
    for right in range(1, len(columns)):
        for left in range(right):
            before = columns[left] <= columns[right]
            places[right] += before
            places[left] += ~before
    return ranks
