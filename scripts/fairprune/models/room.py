"""How many texts a model can go on from at once, by the memory that their tokens take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn
    from transformers import PretrainedConfig

ON_CPU = 8  # more are no faster there
MOST = 512
SHARE = 0.8  # of what is free on a GPU; the rest is for logits and what is between two tensors
_HIDDEN, _INTERMEDIATE = 8, 3  # tensors of a block that stand beside each other while it reads


def token_bytes(config: PretrainedConfig, itemsize: int) -> int:
    """What one token takes: its keys and values in all blocks, and one block's values for it.

    Args:
        config: a model's.
        itemsize: bytes a number.
    """
    text = config.get_text_config(decoder=True)
    heads = text.num_attention_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // heads
    kept = 2 * text.num_hidden_layers * (getattr(text, "num_key_value_heads", None) or heads) * size
    inner = getattr(text, "intermediate_size", None) or 4 * text.hidden_size
    return itemsize * (kept + _HIDDEN * text.hidden_size + _INTERMEDIATE * inner)


def rows_within(free: int, each: int) -> Callable[[int], int]:
    """Texts at once, from the tokens of the longest with what is to follow; at least one.

    Args:
        free: bytes that they may take.
        each: bytes a token takes.
    """
    return lambda tokens: max(1, min(MOST, free // (each * tokens)))


def rows_at_once(model: nn.Module, config: PretrainedConfig) -> Callable[[int], int]:
    """The same for a model where it lies now, with its weights loaded already."""
    import torch

    parameters = list(model.parameters())
    there = {parameter.device for parameter in parameters if parameter.is_cuda}
    if not there:
        return lambda tokens: ON_CPU
    torch.cuda.empty_cache()
    free = len(there) * min(torch.cuda.mem_get_info(device)[0] for device in there)
    return rows_within(int(SHARE * free), token_bytes(config, parameters[0].element_size()))
