"""Norms of samples' gradients, added up: by Triton's kernel where it works, else by groups."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from fairprune.models.kernels import tried
from fairprune.statistics.products import float32_product

Kernel = Callable[[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]], None]


def add_norms(
    x: torch.Tensor, dy: torch.Tensor, sums: dict[str, torch.Tensor], room: int = 0
) -> None:
    """Add `|g_s|` to `l1` and `g_s²` to `l2` in place, `g_s = Σ_t dy_t ⊗ x_t` of each sample.

    Args:
        x: inputs of a layer, samples × tokens × in.
        dy: gradients of its outputs, samples × tokens × out.
        sums: those that are wanted, float32, out × in.
        room: bytes that samples' gradients may take together, where they are formed in memory.
    """
    if not x.is_cuda:
        for one, above in zip(x, dy, strict=True):
            _add_one(float32_product(above.T, one), sums)
        return
    # Tensor cores multiply float32 only after rounding it.
    if x.dtype == dy.dtype and x.dtype in (torch.float16, torch.bfloat16):
        kernel = kernel_on(x.device, x.dtype)
        if kernel is not None:
            kernel(x, dy, sums)
            return
    group = max(1, room // (4 * dy.shape[-1] * x.shape[-1]))
    for xs, dys in zip(x.split(group), dy.split(group), strict=True):
        _add(float32_product(dys.transpose(1, 2), xs), sums)


@cache
def kernel_on(device: torch.device, dtype: torch.dtype) -> Kernel | None:
    """Triton's kernel; None where it is missing or does not work."""

    def load() -> Kernel:
        from fairprune.statistics.norm_kernel import add_norms as kernel

        return kernel

    def fault(kernel: Kernel) -> str | None:
        one = torch.ones(1, 1, 1, dtype=dtype, device=device)
        total = torch.zeros(1, 1, device=device)
        kernel(one, one, {"l1": total})
        return None if total.item() == 1 else f"1 × 1 gave {total.item():g}"

    return tried(device, load, fault, "gradients take")


def _add(gradients: torch.Tensor, sums: dict[str, torch.Tensor]) -> None:
    """Add samples' gradients, samples × out × in, to the sums, by two operations each."""
    if "l2" in sums:
        sums["l2"] += torch.linalg.vector_norm(gradients, 2, 0).square_()
    if "l1" in sums:
        sums["l1"] += torch.linalg.vector_norm(gradients, 1, 0)


def _add_one(gradient: torch.Tensor, sums: dict[str, torch.Tensor]) -> None:
    """Add one sample's gradient, out × in, to the sums; it is spent."""
    if "l2" in sums:
        sums["l2"].addcmul_(gradient, gradient)
    if "l1" in sums:
        sums["l1"].add_(gradient.abs_())
