"""What the prompts of a batch have in common is read once.

An instruction, worked examples or a chat template's system text stand at the beginning of every
prompt; several summaries of one input have the same prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, PreTrainedModel

LEAST = 0.1  # of all tokens, to be spared: for fewer, two more passes cost what they save
BY_LENGTH = ("dynamic", "longrope")  # rotary embeddings that differ by how much is read at a time


def read_once(
    model: PreTrainedModel,
    cache: DynamicCache,
    prompts: Sequence[Sequence[int]],
    pad: int,
    device: torch.device,
) -> torch.Tensor | None:
    """Fill a cache with all tokens but each prompt's last one, for `generate` to go on from.

    The common beginning lies at the left and what pads a row behind it; positions are counted by
    the mask, as `generate` counts them, so that each prompt has its own.

    Args:
        model: a causal language model.
        cache: an empty one, see `cache.empty_cache`.
        prompts: token ids, at least one each.
        pad: any token that the model knows.
        device: where it computes.

    Returns:
        The mask of the cache's tokens and the last ones, prompts × tokens. None where little
        would be spared, or the model's positions are not for the caller to say: nothing is read.
    """
    import torch

    number = {prompt: row for row, prompt in enumerate(dict.fromkeys(map(tuple, prompts)))}
    longest, total = max(map(len, prompts)), sum(map(len, prompts))
    first = min(_common([*number]), *(len(prompt) - 1 for prompt in number))
    read = first + sum(len(prompt) - first for prompt in number)
    if read > (1 - LEAST) * total or not _in_parts(model):
        return None
    ids, mask = torch.full((len(number), longest), pad), torch.zeros(len(number), longest).long()
    for prompt, row in number.items():
        own = longest - len(prompt) + first
        ids[row, :first], ids[row, own:] = torch.tensor(prompt).tensor_split([first])
        mask[row, :first] = mask[row, own:] = 1
    ids, mask = ids.to(device), mask.to(device)
    if first:
        _read(model, cache, ids[:1, :first], mask[:1])
        cache.batch_select_indices(torch.zeros(len(number), dtype=torch.long))
    if first < longest - 1:
        _read(model, cache, ids[:, first:-1], mask)
    rows = torch.tensor([number[tuple(prompt)] for prompt in prompts])
    cache.batch_select_indices(rows)
    return mask[rows]


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
    positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, start:stop]
    unused = {"logits_to_keep": 1} if "logits_to_keep" in _taken(model) else {}
    model(
        input_ids=ids,
        attention_mask=mask[:, :stop],
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        **unused,
    )


def _in_parts(model: PreTrainedModel) -> bool:
    """Whether tokens may be read in parts: the caller says where each stands, and all look back."""
    rotary = getattr(model.config.get_text_config(decoder=True), "rope_parameters", None) or {}
    told = "position_ids" in _taken(model) and rotary.get("rope_type") not in BY_LENGTH
    return told and all(getattr(module, "is_causal", True) for module in model.modules())


def _taken(model: PreTrainedModel) -> Mapping[str, Any]:
    return signature(model.forward).parameters
