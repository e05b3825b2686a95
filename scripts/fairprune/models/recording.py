"""What a model hands to its blocks, and what it does after them, without running any block.

Every architecture prepares its own arguments (rotary embeddings, masks, sliding windows,
scaled embeddings). They are taken from the model's own forward pass, with the blocks made to
hand on what they receive, so no architecture needs code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.models.arguments import Arguments, split

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class _AfterLastBlock(Exception):
    pass


def is_replaced(module: nn.Module) -> bool:
    """Whether a module's own forward is not called at present, so that it needs no weights."""
    return "forward" in vars(module)


def restore(module: nn.Module) -> None:
    """Give a module, or a copy of it, its own forward again."""
    vars(module).pop("forward", None)


@contextmanager
def _replaced(
    modules: Iterable[nn.Module], forward: Callable[[int, tuple[Any, ...], dict[str, Any]], Any]
) -> Iterator[None]:
    """While open, calling module `i` calls `forward(i, args, kwargs)` instead."""

    def replacement(index: int) -> Callable[..., Any]:
        return lambda *args, **kwargs: forward(index, args, kwargs)

    try:
        for index, module in enumerate(modules):
            module.forward = replacement(index)
        yield
    finally:
        for module in modules:
            restore(module)


def takes_tuples(model: PreTrainedModel, blocks: nn.ModuleList, input_ids: torch.Tensor) -> bool:
    """Whether the model takes its blocks' outputs out of tuples.

    Where it does, a block that hands on a plain tensor makes the next one receive a part of it.

    Raises:
        FairpruneError: see `record`.
    """
    received: list[torch.Tensor] = []
    called: list[int] = []

    def forward(index: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor:
        received.append(split(args, kwargs)[0])
        called.append(index)
        if len(received) == min(2, len(blocks)):
            raise _AfterLastBlock
        return received[0]

    _run_until_last(model, blocks, input_ids, forward)
    _check_order(model, blocks, called, min(2, len(blocks)))
    return received[-1].shape != received[0].shape


def record(
    model: PreTrainedModel, blocks: nn.ModuleList, input_ids: torch.Tensor, as_tuple: bool
) -> tuple[torch.Tensor, list[Arguments]]:
    """What the first block receives, and every block's further arguments.

    Args:
        model: the causal language model, whose blocks and head need no weights here.
        blocks: what `find_blocks` gave.
        input_ids: samples × tokens.
        as_tuple: what `takes_tuples` says.

    Returns:
        Hidden states, samples × tokens × hidden, and one `Arguments` a block.

    Raises:
        FairpruneError: a model that does not call its blocks one after the other, or hands
            them something else than that.
    """
    first: list[torch.Tensor] = []
    given: list[Arguments] = []
    called: list[int] = []

    def forward(index: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        hidden, rest = split(args, kwargs)
        if not first:
            first.append(hidden)
        given.append(rest)
        called.append(index)
        if index == len(blocks) - 1:
            raise _AfterLastBlock
        return (hidden,) if as_tuple else hidden

    _run_until_last(model, blocks, input_ids, forward)
    _check_order(model, blocks, called, len(blocks))
    if first[0].ndim != 3:
        raise FairpruneError(
            f"{type(model).__name__} hands its blocks hidden states of shape "
            f"{tuple(first[0].shape)}, not samples × tokens × hidden: what stands for a sample in "
            "them is not known, choose another model"
        )
    return first[0], given


def _run_until_last(
    model: PreTrainedModel,
    blocks: nn.ModuleList,
    input_ids: torch.Tensor,
    forward: Callable[..., Any],
) -> None:
    try:
        with torch.no_grad(), _replaced(blocks, forward):
            model(input_ids=input_ids, use_cache=False)
    except _AfterLastBlock:
        pass
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise FairpruneError(
            f"{type(model).__name__} wants more of its blocks than hidden states ({error}): it "
            "cannot be taken through block by block, choose another model"
        ) from error


def _check_order(
    model: PreTrainedModel, blocks: nn.ModuleList, called: list[int], ended: int
) -> None:
    """See that the first `ended` blocks have been called, one after the other."""
    if called != list(range(ended)):
        raise FairpruneError(
            f"{type(model).__name__} does not call the {len(blocks)} blocks that its configuration "
            "speaks of one after the other, once each: choose another model"
        )


def finish(
    model: PreTrainedModel, blocks: nn.ModuleList, hidden: torch.Tensor, as_tuple: bool
) -> torch.Tensor:
    """Logits, samples × tokens × vocabulary, from what the last block gave.

    Everything that the model does after its blocks is done by its own forward pass; as that
    works on each token alone, `hidden` may be any stretch of tokens.

    Raises:
        FairpruneError: a model that goes through its blocks more than once.
    """
    embedding = model.get_input_embeddings()
    ids = torch.zeros(hidden.shape[:2], dtype=torch.int64, device=hidden.device)
    unused = hidden.new_zeros(*hidden.shape[:2], embedding.embedding_dim)
    called: list[int] = []

    def forward(index: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        called.append(index)
        return (hidden,) if as_tuple else hidden

    with _replaced([embedding], lambda *_: unused), _replaced(blocks, forward):
        logits = model(input_ids=ids, use_cache=False).logits
    _check_order(model, blocks, called, len(blocks))
    return logits
