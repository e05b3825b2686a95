"""SparseGPT's columns of one block in Triton: one operation, where else each column takes two.

Outputs do not depend on each other: a program keeps all columns of the block for some of them
in registers and goes from left to right. Triton comes with PyTorch's builds for CUDA alone:
where it may be missing, `sparsegpt` imports this.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

# Weights, errors and masks of 128 columns × 32 outputs are 96 values in each of 128 threads, which
# have at most 255 registers.
TILE, WARPS = 32, 4


@triton.jit  # type: ignore[untyped-decorator]
def _solve(
    columns: torch.Tensor,
    masks: torch.Tensor,
    errors: torch.Tensor,
    upper: torch.Tensor,
    count: int,
    outs: int,
    RUN: tl.constexpr,
    PRUNED: tl.constexpr,
    WIDTH: tl.constexpr,
    TILE: tl.constexpr,
) -> None:
    at, out = tl.arange(0, WIDTH), tl.program_id(0) * TILE + tl.arange(0, TILE)
    there = (at < count)[:, None] & (out < outs)[None, :]
    place = at[:, None] * outs + out[None, :]
    weights = tl.load(columns + place, there, 0.0)
    gone = tl.load(masks + place, there, 0).to(tl.int32)
    diagonal = tl.load(upper + at * (count + 1), at < count, 1.0)
    found = tl.zeros((WIDTH, TILE), tl.float32)
    for now in range(count):
        if RUN > 0:  # noqa: SIM102  # a remainder by 0 must not be compiled
            if now % RUN == 0:
                scores = weights * weights / (diagonal * diagonal)[:, None]
                scores = tl.where(scores == scores, scores, float("inf"))  # NaN is kept, as ∞ is
                for one in tl.static_range(RUN):
                    score = tl.sum(tl.where((at == now + one)[:, None], scores, 0.0), 0)
                    # Its rank in the run: of equal ones the first is the lowest.
                    lower = (scores < score[None, :]) | (
                        (scores == score[None, :]) & (at < now + one)[:, None]
                    )
                    run = ((at >= now) & (at < now + RUN))[:, None]
                    rank = tl.sum((lower & run).to(tl.int32), 0)
                    chosen = (rank < PRUNED).to(tl.int32)[None, :]
                    gone = tl.where((at == now + one)[:, None], chosen, gone)
        here = (at == now)[:, None]
        weight = tl.sum(tl.where(here, weights, 0.0), 0)
        pruned = tl.sum(tl.where(here, gone, 0), 0) > 0
        scale = 1.0 / tl.sum(tl.where(at == now, diagonal, 0.0), 0)
        error = tl.where(pruned, weight * scale, 0.0)
        later = (at > now) & (at < count)
        above = tl.load(upper + now * count + at, later, 0.0)
        # Chosen, and not multiplied by 0: what is not finite must not reach columns on the left.
        weights = tl.where(later[:, None], weights - above[:, None] * error[None, :], weights)
        found = tl.where(here, error[None, :], found)
    tl.store(columns + place, tl.where(gone > 0, 0.0, weights), there)
    tl.store(errors + place, found, there)
    if RUN > 0:
        tl.store(masks + place, gone.to(tl.int8), there)


def solve_block(
    columns: torch.Tensor, upper: torch.Tensor, masks: torch.Tensor, run: int = 0, pruned: int = 0
) -> torch.Tensor:
    """Prune the columns of one block in place; give their errors, columns × out.

    Args:
        columns: weights, columns × out, float32, contiguous.
        upper: of the factor, columns × columns, of any strides.
        masks: what goes, columns × out, bool, contiguous; made here where `run` is not 0.
        run: marks the `pruned` lowest of each run of so many columns when it is reached; it
            divides their number.
        pruned: how many.
    """
    count, outs = columns.shape
    errors = torch.empty_like(columns)
    with torch.cuda.device_of(columns):
        _solve[(triton.cdiv(outs, TILE),)](
            columns,
            masks.view(torch.int8),
            errors,
            upper.contiguous(),  # a row of it is read together
            count,
            outs,
            run,
            pruned,
            triton.next_power_of_2(count),
            TILE,
            num_warps=WARPS,
        )
    return errors
