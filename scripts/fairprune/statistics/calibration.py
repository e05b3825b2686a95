"""Calibration sets: `input_ids`, int64, samples × tokens, in a safetensors file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.models.context import context_length
from fairprune.models.identity import check_made_for

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig


def read_calibration(
    file: Path, config: PretrainedConfig, model: Path | None = None
) -> torch.Tensor:
    """The token ids of a calibration file, checked against the model that will read them.

    Args:
        file: safetensors with `input_ids`; verified when it has a card.
        config: the model's configuration.
        model: the model's folder, whose tokenizer must be the one of the card; None: unchecked.

    Returns:
        int64, samples × tokens; at least one sample of at least two tokens.

    Raises:
        FairpruneError: no file, a truncated one, no or malformed ids, ids outside the
            vocabulary, samples longer than the model's context, or another model's tokenizer.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    file = Path(file)
    remedy = "make it with prepare_calibration.py for this model"
    if not file.is_file():
        raise FairpruneError(f"{file} does not exist: {remedy}")
    if model is None:
        verified(file)
    else:
        check_made_for(file, model, remedy)
    try:
        tensors = load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise FairpruneError(
            f"{file} is truncated or not safetensors ({error}): {remedy}"
        ) from None
    ids = tensors.get("input_ids")
    if ids is None or ids.dtype != torch.int64 or ids.ndim != 2 or not ids.numel():
        shape = "none" if ids is None else f"{ids.dtype} of shape {tuple(ids.shape)}"
        raise FairpruneError(
            f"{file} must hold input_ids, int64, samples × tokens; found {shape}: {remedy}"
        )
    text = config.get_text_config(decoder=True)
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high >= text.vocab_size:
        raise FairpruneError(
            f"{file} holds token id {low if low < 0 else high}, the model's vocabulary has "
            f"{text.vocab_size}: it was made for another model, {remedy}"
        )
    context = context_length(config) or ids.shape[1]
    if not 2 <= ids.shape[1] <= context:
        raise FairpruneError(
            f"{file} has samples of {ids.shape[1]} tokens, the model's context allows "
            f"2 to {context}: {remedy}"
        )
    return ids
