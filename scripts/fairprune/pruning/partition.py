"""Where the lowest k of a row end, and other order statistics, without sorting.

On a CPU numpy's vectorised partition and comparisons are several times faster than torch's;
on a GPU torch's radix selection is used.
"""

from typing import Any

import numpy as np
import torch

_ROWS = 16  # of N:M at a time: their columns stay in the cache


def kth_lowest(scores: torch.Tensor, k: int) -> torch.Tensor:
    """The k-th lowest value of each row (k from 1); rows × 1."""
    if scores.device.type == "cpu":
        cut = np.partition(scores.numpy(), k - 1, axis=1)[:, k - 1 : k]
        return torch.from_numpy(np.ascontiguousarray(cut))
    return scores.kthvalue(k, dim=1, keepdim=True).values


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
    for right in range(1, len(columns)):
        for left in range(right):
            before = columns[left] <= columns[right]
            ranks[right] += before
            ranks[left] += ~before
    return ranks
