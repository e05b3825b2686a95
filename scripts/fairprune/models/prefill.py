"""What the prompts of a batch have in common is read once.

An instruction, worked examples or a chat template's system text stand at the beginning of every
prompt; several summaries of one input have the same prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from transformers import DynamicCache, PreTrainedModel

LEAST = 0.1  # of all tokens, to be spared: for fewer, two more passes cost what they save
BY_LENGTH = {"dynamic", "longrope"}  # rotary embeddings that differ by how much is read at a time


def read_once(
    model: PreTrainedModel,
    cache: DynamicCache,
    prompts: Sequence[Sequence[int]],
    ids: torch.Tensor,
    mask: torch.Tensor,
) -> None:
    """Fill a cache with all tokens but each prompt's last one, for `generate` to go on from.

    Nothing is read where little would be spared, or the model cannot read in parts.

    Args:
        model: a causal language model.
        cache: an empty one, see `cache.empty_cache`.
        prompts: token ids, at least one each.
        ids: the same padded on the left, prompts × tokens, where the model computes.
        mask: 1 where a token counts, 0 where it pads.
    """
    row = {tuple(prompt): number for number, prompt in enumerate(prompts)}
    first = min(_common([*row]), *(len(prompt) - 1 for prompt in row))
    read = first + sum(len(prompt) - first for prompt in row)
    if read > (1 - LEAST) * sum(map(len, prompts)) or not _in_parts(model):
        return
    rows = [*row.values()]
    if first:
        beginning = torch.tensor([prompts[0][:first]], device=ids.device)
        _read(model, cache, beginning, torch.ones_like(beginning))
        pads = ids.shape[1] - torch.tensor([*map(len, row)])
        for layer in cache.layers:  # positions are told by keys themselves, places may change
            layer.spread((torch.arange(first) - pads[:, None]).clamp(min=0))
    if first < ids.shape[1] - 1:
        _read(model, cache, ids[rows, first:-1], mask[rows])
    if len(rows) < len(prompts):
        number = {prompt: place for place, prompt in enumerate(row)}
        cache.batch_select_indices(torch.tensor([number[tuple(prompt)] for prompt in prompts]))


def _common(prompts: Sequence[tuple[int, ...]]) -> int:
    """How many tokens at the beginning are the same in all."""
    ends = zip(min(prompts), max(prompts), strict=False)  # all others lie between these two
    return next((place for place, (a, b) in enumerate(ends) if a != b), len(min(prompts)))


def _read(
    model: PreTrainedModel, cache: DynamicCache, ids: torch.Tensor, mask: torch.Tensor
) -> None:
    """Read tokens after those that the cache holds; `mask` says which of all of them count."""
    start = cache.get_seq_length()
    stop = start + ids.shape[1]
    unused = {"logits_to_keep": 1} if "logits_to_keep" in _taken(model) else {}
    model(
        input_ids=ids,
        attention_mask=mask[:, :stop],
        position_ids=(mask.cumsum(-1) - 1).clamp(min=0)[:, start:stop],  # as `generate` counts
        past_key_values=cache,
        use_cache=True,
        **unused,
    )


def _in_parts(model: PreTrainedModel) -> bool:
    """Whether tokens may be read in parts: the caller says where each stands, and all look back."""
    rotary = getattr(model.config.get_text_config(decoder=True), "rope_parameters", None) or {}
    of_layers = [part for part in rotary.values() if isinstance(part, Mapping)]
    kinds = {part.get("rope_type") for part in (rotary, *of_layers)}
    back = (
        getattr(module, name, True)
        for module in model.modules()
        for name in ("is_causal", "is_decoder")
    )
    return "position_ids" in _taken(model) and not kinds & BY_LENGTH and all(back)


def _taken(model: PreTrainedModel) -> Mapping[str, Any]:
    return signature(model.forward).parameters
