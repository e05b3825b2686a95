"""What a model hands to its blocks, and what it does after them, without running any block.

Every architecture prepares its own arguments (rotary embeddings, masks, sliding windows,
scaled embeddings). They are taken from the model's own forward pass, with the blocks made to
hand on what they receive, so no architecture needs code of its own.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only


@dataclass(frozen=True)
class Arguments:
    """What a block receives beside the hidden states."""

    args: tuple
    kwargs: dict[str, Any]


class _AfterLastBlock(Exception):
    pass


def call_block(block: nn.Module, hidden: torch.Tensor, given: Arguments) -> torch.Tensor:
    """The block's outgoing hidden states, samples × tokens × hidden."""
    return _first(block(hidden, *given.args, **given.kwargs))


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple | list) else output


def is_replaced(module: nn.Module) -> bool:
    """Whether a module's own forward is not called at present, so that it needs no weights."""
    return "forward" in vars(module)


def restore(module: nn.Module) -> None:
    """Give a module, or a copy of it, its own forward again."""
    vars(module).pop("forward", None)


@contextmanager
def _replaced(
    modules: Iterable[nn.Module], forward: Callable[[int, tuple, dict], Any]
) -> Iterator[None]:
    """While open, calling module `i` calls `forward(i, args, kwargs)` instead."""

    def replacement(index: int) -> Callable:
        return lambda *args, **kwargs: forward(index, args, kwargs)

    try:
        for index, module in enumerate(modules):
            module.forward = replacement(index)
        yield
    finally:
        for module in modules:
            restore(module)


def _split(args: tuple, kwargs: dict[str, Any]) -> tuple[torch.Tensor, Arguments]:
    if args:
        return args[0], Arguments(args[1:], kwargs)
    rest = dict(kwargs)
    return rest.pop("hidden_states"), Arguments((), rest)


def takes_tuples(model: nn.Module, blocks: nn.ModuleList, input_ids: torch.Tensor) -> bool:
    """Whether the model takes its blocks' outputs out of tuples.

    Where it does, a block that hands on a plain tensor makes the next one receive a part of it.
    """
    received: list[torch.Tensor] = []

    def forward(index: int, args: tuple, kwargs: dict[str, Any]) -> torch.Tensor:
        received.append(_split(args, kwargs)[0])
        if len(received) == min(2, len(blocks)):
            raise _AfterLastBlock
        return received[0]

    _run_until_last(model, blocks, input_ids, forward)
    return received[-1].shape != received[0].shape


def record(
    model: nn.Module, blocks: nn.ModuleList, input_ids: torch.Tensor, as_tuple: bool
) -> tuple[torch.Tensor, list[Arguments]]:
    """What the first block receives, and every block's further arguments.

    Args:
        model: the causal language model, whose blocks and head need no weights here.
        blocks: what `find_blocks` gave.
        input_ids: samples × tokens.
        as_tuple: what `takes_tuples` says.

    Returns:
        Hidden states, samples × tokens × hidden, and one `Arguments` a block.
    """
    first: list[torch.Tensor] = []
    given: list[Arguments] = []

    def forward(index: int, args: tuple, kwargs: dict[str, Any]) -> Any:
        hidden, rest = _split(args, kwargs)
        if not first:
            first.append(hidden)
        given.append(rest)
        if index == len(blocks) - 1:
            raise _AfterLastBlock
        return (hidden,) if as_tuple else hidden

    _run_until_last(model, blocks, input_ids, forward)
    return first[0], given


def _run_until_last(
    model: nn.Module, blocks: nn.ModuleList, input_ids: torch.Tensor, forward: Callable
) -> None:
    with (
        torch.no_grad(),
        _replaced(blocks, forward),
        contextlib.suppress(_AfterLastBlock),
    ):
        model(input_ids=input_ids, use_cache=False)


def finish(
    model: nn.Module, blocks: nn.ModuleList, hidden: torch.Tensor, as_tuple: bool
) -> torch.Tensor:
    """Logits, samples × tokens × vocabulary, from what the last block gave.

    Everything that the model does after its blocks is done by its own forward pass; as that
    works on each token alone, `hidden` may be any stretch of tokens.
    """
    embedding = model.get_input_embeddings()
    ids = torch.zeros(hidden.shape[:2], dtype=torch.int64, device=hidden.device)
    unused = hidden.new_zeros(*hidden.shape[:2], embedding.embedding_dim)

    def forward(index: int, args: tuple, kwargs: dict[str, Any]) -> Any:
        return (hidden,) if as_tuple else hidden

    with _replaced([embedding], lambda *_: unused), _replaced(blocks, forward):
        return model(input_ids=ids, use_cache=False).logits


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
