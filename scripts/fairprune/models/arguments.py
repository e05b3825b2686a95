"""What a block is called with: hidden states, and what its model hands it beside them."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only


@dataclass(frozen=True)
class Arguments:
    """What a block receives beside the hidden states."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def call_block(block: nn.Module, hidden: torch.Tensor, given: Arguments) -> torch.Tensor:
    """The block's outgoing hidden states, samples × tokens × hidden."""
    return _first(block(hidden, *given.args, **given.kwargs))


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple | list) else output


def split(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[torch.Tensor, Arguments]:
    """The hidden states of a block's call, and the rest of it."""
    if args:
        return args[0], Arguments(args[1:], kwargs)
    rest = dict(kwargs)
    return rest.pop("hidden_states"), Arguments((), rest)


def shared_with(given: list[Arguments], known: list[Arguments] | None) -> list[Arguments]:
    """The same arguments, with tensors that equal known ones replaced by those.

    Masks and rotary embeddings are the same for every batch of samples, and for most blocks:
    they are held once.
    """
    pool: list[torch.Tensor] = []
    for arguments in known or []:
        tree_map_only(torch.Tensor, pool.append, (arguments.args, arguments.kwargs))
    pool = list({id(tensor): tensor for tensor in pool}.values())
    replaced: dict[int, torch.Tensor] = {}

    def share(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in replaced:
            same = (t for t in pool if t.shape == tensor.shape and t.dtype == tensor.dtype)
            replaced[id(tensor)] = next((t for t in same if torch.equal(t, tensor)), tensor)
        return replaced[id(tensor)]

    return [Arguments(*tree_map_only(torch.Tensor, share, (a.args, a.kwargs))) for a in given]
