"""SparseGPT: prune column by column, the columns to the right make up for each error.

Frantar and Alistarh, ICML 2023 (arXiv:2301.00774). Layers that share an input share its
Hessian and the factor of its inverse, and are solved together: on a GPU the many small
operations a column are what takes long, where Triton has no kernel for all of a block's. Weights
are held transposed, so that a column lies together in memory, and a column is brought up to
date only when its turn comes.
"""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

import torch

from fairprune.models.kernels import tried
from fairprune.pruning.factor import Factor
from fairprune.pruning.partition import kth_lowest
from fairprune.pruning.select import count, pattern_error, refuse_nonfinite, runs_mask

BLOCK = 128
ROUNDING = 4 * torch.finfo(torch.float32).eps
_STEP = 16  # columns that are brought up to date together, where there is no N:M
_LONGEST = 16  # run of N:M that the kernel ranks
_TRIED = 32  # outputs that it is tried on
Kernel = Callable[..., torch.Tensor]


def solve(
    weights: Sequence[torch.Tensor],
    factor: Factor,
    shares: Sequence[Decimal | float],
    layers: Sequence[str],
    pattern: str = "unstructured",
) -> list[tuple[torch.Tensor, torch.Tensor, int]]:
    """Prune the layers of one input together and let the kept weights make up for it.

    Args:
        weights: of each layer, out × in.
        factor: of the layers' input.
        shares: of each block of 128 columns of each layer, where `pattern` is "unstructured".
        layers: module paths, for errors.
        pattern: "N:M" marks the M − N lowest of each run of M columns when it is reached.

    Returns:
        Of each layer the new weight and the mask, both out × in, and how many scores were not
        finite.

    Raises:
        FairpruneError: M does not divide the number of columns, or too many scores of a block
            are not finite.
    """
    kept, run = (0, 0) if pattern == "unstructured" else map(int, pattern.split(":"))
    block = _width(run)
    outs = [len(weight) for weight in weights]
    columns = torch.cat([weight.T for weight in weights], dim=1).float()
    if run and len(columns) % run:
        raise pattern_error(", ".join(layers), len(columns), pattern)
    columns.masked_fill_(factor.dead[:, None], 0)
    masks = torch.empty_like(columns, dtype=torch.bool)
    strange: list[torch.Tensor] = []
    for start in range(0, len(columns), block):
        now, later = slice(start, start + block), slice(start + block, None)
        upper, mask = factor.upper[now, now], masks[now]
        if not run:
            scores = columns[now].square() / upper.diagonal().square()[:, None]
            strange.append(_choose(scores.split(outs, dim=1), shares, mask.split(outs, dim=1)))
        errors = _solve_block(columns[now], upper, mask, run, run - kept)
        columns[later].addmm_(factor.upper[now, later].T, errors, alpha=-1)
    counts = _counted(strange, outs, len(columns), layers)
    parts = zip(columns.split(outs, dim=1), masks.split(outs, dim=1), counts, strict=True)
    return [(new.T.contiguous(), mask.T.contiguous(), odd) for new, mask, odd in parts]


def _block_mask(scores: torch.Tensor, pruned: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mark the `pruned` lowest, the value at the cut, and all that equal it but for rounding.

    So the public SparseGPT: later columns make up for what goes, and leaving that one weight
    would move the kept ones by over one per cent. Scores that rounding alone tells apart go
    together, or the number of threads would decide.

    Returns:
        The mask, and how many scores are not finite, which are kept. No GPU is waited for.
    """
    scores = scores.nan_to_num(nan=math.inf, posinf=math.inf, neginf=math.inf)
    cut = kth_lowest(scores.reshape(1, -1), min(pruned + 1, scores.numel()))
    largest = torch.finfo(scores.dtype).max
    return scores <= (cut * (1 + ROUNDING)).clamp(max=largest), (scores > largest).sum()


def _choose(
    scores: Sequence[torch.Tensor], shares: Sequence[Decimal | float], masks: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Mark what goes of each layer's block; how many scores of each are not finite."""
    strange = []
    for part, share, mask in zip(scores, shares, masks, strict=True):
        chosen, odd = _block_mask(part, count(share, part.numel()))
        mask.copy_(chosen)
        strange.append(odd)
    return torch.stack(strange)


def _counted(
    strange: list[torch.Tensor], outs: list[int], columns: int, layers: Sequence[str]
) -> list[int]:
    """How many scores of each layer were not finite; the only wait for a GPU.

    Raises:
        FairpruneError: in one block there are too many.
    """
    found = torch.stack(strange).tolist() if strange else []
    for at, block in enumerate(found):
        width = min(BLOCK, columns - at * BLOCK)
        for odd, out, layer in zip(block, outs, layers, strict=True):
            refuse_nonfinite(odd, out * width, layer)
    return [sum(odd) for odd in zip(*found, strict=True)] or [0] * len(outs)


def _width(run: int) -> int:
    """How many columns a block has: whole runs of N:M, where there are any."""
    return max(run, BLOCK // run * run) if run else BLOCK


@cache
def kernel_on(device: torch.device, run: int, pruned: int) -> Kernel | None:
    """Triton's kernel of a block; None where it is missing or does not work.

    Args:
        run, pruned: as it takes them. What is compiled for each is tried on a whole block.
    """

    def load() -> Kernel:
        from fairprune.pruning.sparsegpt_kernel import solve_block

        return solve_block

    def fault(kernel: Kernel) -> str | None:
        count = _width(run)
        # A half beside the diagonal: whatever adds and in whichever order, the bits are the same.
        upper = torch.eye(count, dtype=torch.float32, device=device)
        upper.diagonal(1).fill_(0.5)
        numbers = torch.arange(count * _TRIED, device=device) * 37 % 101 - 50
        numbers = numbers.view(count, _TRIED)

        def made_by(way: Kernel) -> tuple[torch.Tensor, ...]:
            columns, masks = numbers.float(), numbers.new_zeros(numbers.shape, dtype=torch.bool)
            if not run:
                masks[::2] = True
            return columns, masks, way(columns, upper, masks, run, pruned)

        if all(map(torch.equal, made_by(kernel), made_by(_column_by_column))):
            return None
        kind = f"{run - pruned}:{run}" if run else "unstructured"
        return f"a block of {count} columns, {kind}, came out wrong"

    return tried(device, load, fault, "SparseGPT takes")


def _solve_block(
    columns: torch.Tensor, upper: torch.Tensor, masks: torch.Tensor, run: int, pruned: int
) -> torch.Tensor:
    """Prune the columns of one block in place, as the kernel does; give their errors."""
    ranked = columns.is_cuda and run <= _LONGEST
    kernel = kernel_on(columns.device, run, pruned) if ranked else None
    return (kernel or _column_by_column)(columns, upper, masks, run, pruned)


def _column_by_column(
    columns: torch.Tensor, upper: torch.Tensor, masks: torch.Tensor, run: int, pruned: int
) -> torch.Tensor:
    """What the kernel does, without it.

    What a GPU is asked for a column is one product with the errors before it, and one by the mask
    over the diagonal.
    """
    errors, diagonal = torch.empty_like(columns), upper.diagonal()[:, None]
    scales = torch.empty_like(columns)  # 1 / diagonal where pruned, else 0
    if not run:
        torch.div(masks, diagonal, out=scales)
    each = list(zip(*(x.unbind() for x in (columns, scales, errors, upper.T)), strict=True))
    step = run or _STEP
    for first in range(0, len(columns), step):
        last = min(first + step, len(columns))
        if first:
            columns[first:last].addmm_(upper[:first, first:last].T, errors[:first], alpha=-1)
        if run:
            scores = columns[first:last].T.square() / diagonal[first:last].T.square()
            masks[first:last] = runs_mask(scores.contiguous(), run, pruned).T
            torch.div(masks[first:last], diagonal[first:last], out=scales[first:last])
        for at in range(first, last):
            column, scale, error, above = each[at]
            if at > first:
                column.addmv_(errors[first:at].T, above[first:at], alpha=-1)
            torch.mul(column, scale, out=error)
    columns.masked_fill_(masks, 0)
    return errors
