"""Matrix products of statistics: float32 sums, by the fastest kernels that PyTorch brings.

PyTorch multiplies float32 matrices on a CPU with MKL, which on processors not of its maker
leaves their widest instructions unused and so runs at half their speed or less; oneDNN, which
comes with PyTorch too, does not, but has its operands copied. Both round each product and sum to
float32, in another order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

SMALL = 256  # below this many rows or columns, handing matrices to oneDNN costs what it saves


def linear(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """`x Wᵀ`, … × out, of `x`, … × in, and `weight`, out × in, of one dtype, in that dtype."""
    on_cpu = x.device.type == "cpu" and x.dtype == torch.float32
    least = min(x[..., 0].numel(), *weight.shape)
    if not on_cpu or least < SMALL or not onednn_is_faster():
        return functional.linear(x, weight)
    parts = x.contiguous().to_mkldnn(), weight.contiguous().to_mkldnn()
    return functional.linear(*parts).to_dense()


@cache
def onednn_is_faster() -> bool:
    """Whether this processor has instructions that MKL leaves unused.

    By what it is and not by a measurement, so that the same machine gives the same bits.
    """
    wide = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    if not (wide and torch.backends.mkldnn.is_available()):
        return False
    about = Path("/proc/cpuinfo")
    return not (about.is_file() and "GenuineIntel" in about.read_text(encoding="utf-8"))


def float32_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """`left @ right` of matrices, on a GPU also of batches of them, summed in float32.

    Products of two half-precision numbers are exact in float32, so a GPU multiplies them as
    they are; elsewhere they are converted first.
    """
    if not left.is_cuda:
        return linear(left.float(), right.float().T)
    multiply = torch.bmm if left.ndim == 3 else torch.mm
    if left.dtype == torch.float32:
        return multiply(left, right)
    return multiply(left, right, out_dtype=torch.float32)


class Linear(torch.autograd.Function):
    """A linear layer's output, with the gradient of its input alone."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        """`x Wᵀ + b`, … × out, of `x`, … × in."""
        ctx.save_for_backward(weight)
        made = linear(x, weight)
        return made if bias is None else made.add_(bias)

    @staticmethod
    def backward(ctx: Any, dy: torch.Tensor) -> tuple[Any, ...]:
        """`dy W`, … × in."""
        (weight,) = ctx.saved_tensors
        return linear(dy, weight.T), None, None


@contextmanager
def fast_layers(layers: dict[str, nn.Linear]) -> Iterator[None]:
    """While open, `layers` multiply by `linear`: equal but for the order of float32 sums."""

    def replace(layer: nn.Linear) -> None:
        vars(layer)["forward"] = lambda x: Linear.apply(x, layer.weight, layer.bias)

    try:
        for layer in layers.values():
            weight = layer.weight
            if type(layer) is nn.Linear and not weight.is_cuda and weight.dtype == torch.float32:
                replace(layer)
        yield
    finally:
        for layer in layers.values():
            vars(layer).pop("forward", None)
