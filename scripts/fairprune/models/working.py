"""What computing takes on a GPU beside what is kept there: one block, and one batch in it."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.models.layout import find_blocks
from fairprune.models.memory import PRODUCTS, Memory
from fairprune.models.size import weights_bytes
from fairprune.models.walk import BATCH_TOKENS

NORMED, LOGITS = 3 * PRODUCTS // 2, 3 * 2**28  # a few samples with their norms; a stretch
HIDDEN, INNER = 14, 8  # tensors of a block, of its width and of its widest layer, at one time
COPIES = 4  # float32 numbers a weight of the block: sums, and those of the block before


def working_bytes(model: nn.Module) -> int:
    """Bytes that computing one block after the other takes, at most.

    Either the block and the next one on its way, float32 sums of its weights and those that are
    just leaving, and a batch's values with their gradients; or what lies outside the blocks, and
    logits of a stretch.

    Args:
        model: a causal language model, whose weights may have no values yet.
    """
    _, blocks = find_blocks(model)
    block = max(blocks, key=weights_bytes)
    layers = [m for m in block.modules() if isinstance(m, nn.Linear)]
    weights = sum(layer.weight.numel() for layer in layers)
    outside = weights_bytes(model) - sum(map(weights_bytes, blocks))
    inside = (
        2 * weights_bytes(block)
        + COPIES * 4 * weights
        + batch_bytes(layers, BATCH_TOKENS["cuda"])
        + NORMED
    )
    return max(inside, outside + LOGITS)


def batch_bytes(layers: list[nn.Linear], tokens: int) -> int:
    """Values of a batch in a block with these layers, and their gradients, at one time."""
    sizes = [size for layer in layers for size in (layer.in_features, layer.out_features)]
    width = max(set(sizes), key=sizes.count)
    itemsize = layers[0].weight.element_size()
    return tokens * (HIDDEN * width + INNER * max(sizes)) * itemsize


def beside_work(memory: Memory, model: nn.Module, device: torch.device) -> Memory:
    """What may be kept of a limit on a GPU's memory; the limit itself binds torch's allocator.

    Raises:
        FairpruneError: the limit is less than computing one block takes.
    """
    if device.type != "cuda" or memory.device is None:
        return memory
    needed = working_bytes(model)
    if memory.device < needed:
        raise FairpruneError(
            f"{memory.device / 1e9:g} GB of GPU memory: one block of this model after the other "
            f"takes {needed / 1e9:.1f} GB; give --device-memory that or more, or --device cpu"
        )
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, memory.device / total), device)
    return replace(memory, device=memory.device - needed)
