"""How large a loaded model is: the figures that tables set beside its speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PretrainedConfig


def size_of(model: nn.Module, stored: PretrainedConfig) -> dict[str, float]:
    """Parameters, and the bytes that they take.

    Args:
        model: as it was loaded.
        stored: the configuration of its folder, which says in what number type weights are kept.

    Returns:
        `parameters`; `memory_bytes` as loaded; `disk_bytes` as an exported folder holds them.
    """
    from fairprune.models.loading import stored_dtype

    parameters = list(model.parameters())
    count = sum(p.numel() for p in parameters)
    return {
        "parameters": count,
        "memory_bytes": weights_bytes(model),
        "disk_bytes": count * stored_dtype(stored).itemsize,
    }


def weights_bytes(module: nn.Module) -> int:
    """The bytes that its parameters take, or would take."""
    return sum(map(held_bytes, module.parameters()))


def held_bytes(tensor: torch.Tensor) -> int:
    """The bytes that a tensor takes; of a packed one, those that it is made of."""
    inner = getattr(tensor, "__tensor_flatten__", None)
    if inner is None:
        return tensor.numel() * tensor.element_size()
    return sum(held_bytes(getattr(tensor, name)) for name in inner()[0])
