"""The same input gives the same bits, on a GPU too, as far as its kernels can."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def prefer_same_bits() -> None:
    """Let torch take kernels that add in a fixed order wherever it has some."""
    import torch

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


@contextmanager
def same_bits() -> Iterator[None]:
    """While open, torch takes no other kernels, and fails where it has none.

    Attention's backward pass adds in any order unless this is asked for: with a warning alone
    ("warn only") torch leaves it as it is.
    """
    import torch

    before = torch.get_deterministic_debug_mode()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
        torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
