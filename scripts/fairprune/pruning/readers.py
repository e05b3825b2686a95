"""Which layer reads what another one writes, found by what runs after what."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_ATTENTION = re.compile(r"attn|attention", re.IGNORECASE)


def in_attention(layer: str) -> bool:
    """Whether a layer stands in its block's attention, by its module path."""
    return bool(_ATTENTION.search(layer))


def readers(blocks: Sequence[Iterable[str]]) -> dict[str, str]:
    """Layer → the layer that reads its output; layers that have no reader are left out.

    In attention, the layer called last reads the others (`q, k, v → o_proj`); the first one of
    the MLP reads that (`o_proj → gate_proj`, `fc1`); the MLP's last one reads its others
    (`gate, up → down_proj`, `fc1 → fc2`), and is itself read by the next block's attention.
    The last block's layers have none.

    Args:
        blocks: for each block, its layers in the order in which they are called (the values
            are not looked at: `Observed.leaders` will do).
    """
    found: dict[str, str] = {}
    for block, following in pairwise(blocks):
        attention = [layer for layer in block if in_attention(layer)]
        mlp = [layer for layer in block if not in_attention(layer)]
        if not attention or not mlp:
            continue
        found |= dict.fromkeys(attention[:-1], attention[-1])
        found[attention[-1]] = mlp[0]
        found |= dict.fromkeys(mlp[:-1], mlp[-1])
        first = next((layer for layer in following if in_attention(layer)), None)
        if first is not None:
            found[mlp[-1]] = first
    return found
