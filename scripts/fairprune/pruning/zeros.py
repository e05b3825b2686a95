"""How many weights of a model's layers are zeros, however they are stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import nn
from tqdm import tqdm

from fairprune.models.layout import find_blocks, find_layers

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PIECE = 512  # unit vectors at a time


def count_zeros(
    model: PreTrainedModel, skeleton: PreTrainedModel
) -> dict[str, dict[str, int | float]]:
    """Layer → `rows, columns, weights, pruned` (zeros) and `sparsity`, over the layers of blocks.

    Args:
        model: ready to be run; called before, as some unpack their weights then.
        skeleton: the same model unquantised, without weights: it says which layers there are.
    """
    path, blocks = find_blocks(skeleton)
    layers: dict[str, nn.Linear] = {}
    for index, block in enumerate(blocks):
        layers |= find_layers(f"{path}.{index}", block)
    found: dict[str, dict[str, int | float]] = {}
    for name, layer in tqdm(layers.items(), desc="zeros", unit="layer"):
        rows, columns = layer.out_features, layer.in_features
        zeros = zeros_of(model.get_submodule(name), rows, columns, model.dtype)
        found[name] = {"rows": rows, "columns": columns, "weights": rows * columns}
        found[name] |= {"pruned": zeros, "sparsity": zeros / (rows * columns)}
    return found


def zeros_of(module: nn.Module, rows: int, columns: int, dtype: torch.dtype) -> int:
    """The zeros among the weights of one linear layer, out × in.

    A layer that holds its weights as plain numbers is asked for them. Any other is asked what it
    makes of each unit vector, which is a column of its weights, in whatever form it keeps them.
    """
    weight = getattr(module, "weight", None)
    if (
        type(weight) is nn.Parameter
        and weight.is_floating_point()
        and not weight.is_meta
        and weight.shape == (rows, columns)
    ):
        return int((weight == 0).sum())
    device = next((t.device for t in (*module.parameters(), *module.buffers())), None)
    zeros = 0
    with torch.inference_mode(), _without_bias(module):
        for start in range(0, columns, PIECE):
            units = torch.arange(start, min(columns, start + PIECE), device=device)
            inputs = nn.functional.one_hot(units, columns).to(dtype)
            zeros += int((module(inputs) == 0).sum())
    return zeros


@contextmanager
def _without_bias(module: nn.Module) -> Iterator[None]:
    """While open, a layer adds nothing to its product: a sum would swallow small weights."""
    bias = getattr(module, "bias", None)
    if bias is not None:
        module.bias = None  # type: ignore[assignment]  # as torch allows
    try:
        yield
    finally:
        if bias is not None:
            module.bias = bias
