"""Triton's kernels: each is tried once by a process before it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import torch

from fairprune.errors import shortened

AMPERE = (8, 0)  # earlier GPUs have too little shared memory
Kernel = TypeVar("Kernel")


def tried(
    device: torch.device,
    load: Callable[[], Kernel],
    fault: Callable[[Kernel], object],
    slow: str,
) -> Kernel | None:
    """A kernel that works on a GPU; None where Triton is missing or it does not work.

    It compiles itself, which takes more than Triton: a C compiler, Python's headers, a folder
    to write to. What is missing is said on the standard error stream.

    Args:
        device: the GPU.
        load: imports it.
        fault: runs it, and tells what was wrong; None: nothing.
        slow: what takes longer without it ("gradients take").
    """
    try:
        kernel = load()
        if torch.cuda.get_device_capability(device) < AMPERE:
            return None
        error = fault(kernel)
    except Exception as found:  # an installation's and a compiler's errors are of every kind
        if isinstance(found, ModuleNotFoundError) and found.name == "triton":
            return None  # it comes with PyTorch's builds for CUDA alone
        error = found
    if error is None:
        return kernel
    print(f"note: {slow} longer, for Triton fails: {shortened(error)}", file=sys.stderr)
    return None
