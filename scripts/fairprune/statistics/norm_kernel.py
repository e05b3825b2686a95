"""Norms of samples' gradients in Triton: no sample's gradient is ever in a GPU's memory.

A program keeps one tile of the sums in registers, forms that tile of each sample's gradient
beside it and adds it: one sample after the other, and its tokens in their order, so that the
bits do not depend on how samples are shared out over calls. Triton comes with PyTorch's builds
for CUDA alone: where it may be missing, `norms` imports this.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl

# Fixed, for another tile may round otherwise. A product and both sums of 128 × 128 take 192 KB
# of the 256 KB of a multiprocessor's registers, and three stages of their operands 96 KB of its
# shared memory. Programs that run at a time share operands: GROUP tiles down, then across.
TILE, STEP, GROUP = 128, 64, 8  # outputs and inputs; tokens; tiles
WARPS, STAGES = 8, 3


@triton.jit(do_not_specialize=["samples"])  # type: ignore[untyped-decorator]
def _add(
    x: torch.Tensor,
    dy: torch.Tensor,
    l1: torch.Tensor | None,
    l2: torch.Tensor | None,
    samples: int,
    tokens: int,
    outs: int,
    ins: int,
    TILE: tl.constexpr,
    STEP: tl.constexpr,
    GROUP: tl.constexpr,
) -> None:
    number = tl.program_id(0)
    across = tl.cdiv(ins, TILE)
    first = number // (GROUP * across) * GROUP
    high = tl.minimum(tl.cdiv(outs, TILE) - first, GROUP)
    top = (first + number % (GROUP * across) % high) * TILE
    left = number % (GROUP * across) // high * TILE
    side, step = tl.arange(0, TILE), tl.arange(0, STEP)
    rows, columns = top + side < outs, left + side < ins
    inside = rows[:, None] & columns[None, :]
    place = top.to(tl.int64) * ins + left + side[:, None] * ins + side[None, :]
    if l1 is not None:
        absolutes = tl.load(l1 + place, inside, 0.0)
    if l2 is not None:
        squares = tl.load(l2 + place, inside, 0.0)
    gradient = tl.zeros((TILE, TILE), tl.float32)
    steps = tl.cdiv(tokens, STEP)
    # One loop and not two: operands of the next sample are on their way while one is added.
    for done in range(samples * steps):
        sample = done // steps
        token = (done - sample * steps) * STEP
        seen = token + step < tokens
        start = sample.to(tl.int64) * tokens + token
        at_dy = start * outs + top + step[:, None] * outs + side[None, :]
        at_x = start * ins + left + step[:, None] * ins + side[None, :]
        above = tl.load(dy + at_dy, seen[:, None] & rows[None, :], 0.0)
        below = tl.load(x + at_x, seen[:, None] & columns[None, :], 0.0)
        gradient = tl.dot(tl.trans(above), below, gradient, input_precision="ieee")
        if token + STEP >= tokens:
            if l1 is not None:
                absolutes += tl.abs(gradient)
            if l2 is not None:
                squares = tl.fma(gradient, gradient, squares)
            gradient = tl.zeros((TILE, TILE), tl.float32)
    if l1 is not None:
        tl.store(l1 + place, absolutes, inside)
    if l2 is not None:
        tl.store(l2 + place, squares, inside)


def add_norms(x: torch.Tensor, dy: torch.Tensor, sums: dict[str, torch.Tensor]) -> None:
    """Add `|g_s|` to `l1` and `g_s²` to `l2` in place, `g_s = Σ_t dy_t ⊗ x_t` of each sample.

    Args:
        x: inputs of a layer, samples × tokens × in.
        dy: gradients of its outputs, samples × tokens × out, of the same dtype.
        sums: those that are wanted, float32, out × in, contiguous.
    """
    x, dy = x.contiguous(), dy.contiguous()
    samples, tokens, ins = x.shape
    outs = dy.shape[-1]
    tiles = triton.cdiv(outs, TILE) * triton.cdiv(ins, TILE)
    with torch.cuda.device_of(x):
        _add[(tiles,)](
            x,
            dy,
            sums.get("l1"),
            sums.get("l2"),
            samples,
            tokens,
            outs,
            ins,
            TILE,
            STEP,
            GROUP,
            num_warps=WARPS,
            num_stages=STAGES,
        )
